//! What the test provider remembers.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::sync::{mpsc::UnboundedReceiver, watch};
use valetkey_core::{Clock, Entropy, Timestamp};

use super::{
    RecordedRequest, Rule, ScriptedAnswer, Settings, TEST_CLIENT_ID, TEST_CLIENT_SECRET,
    bounded::Bounded,
    counters::Counters,
    grant::Grants,
    hook::{Gate, Moment, TokenHook},
    misbehaviour::{Place, Plan, Rules},
};

/// The test provider. Clones share their memory.
#[derive(Clone)]
pub struct TestProvider {
    memory: Arc<Mutex<Memory>>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
}

/// Everything that the test provider remembers.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) clients: BTreeMap<String, Client>,
    /// Authorization requests that wait for the user, or were pushed, by id.
    pub(super) requests: Bounded<Authorization>,
    pub(super) codes: Bounded<Code>,
    pub(super) grants: Grants,
    pub(super) rules: Rules,
    pub(super) settings: Settings,
    pub(super) counters: Counters,
    pub(super) hook: Option<TokenHook>,
    /// Token requests that are being answered.
    pub(super) at_once: u64,
    /// Token requests so far.
    pub(super) token_requests: u64,
    /// Answers to come from `/api/scripted`.
    pub(super) script: VecDeque<ScriptedAnswer>,
    /// Requests for `/api/scripted` so far.
    pub(super) scripted: u64,
    /// What `/api/events` sends.
    pub(super) feed: Option<UnboundedReceiver<String>>,
    /// What `/api/request` has received.
    uploads: watch::Sender<Upload>,
    requests_seen: VecDeque<RecordedRequest>,
}

/// What `/api/request` has received so far, of all requests together.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Upload {
    /// Bytes of bodies.
    pub received: u64,
    /// Whether a body broke off.
    pub broken: bool,
}

/// A registered application.
#[derive(Clone)]
pub(super) struct Client {
    /// Absent for a public client.
    pub(super) secret: Option<String>,
    /// Empty: any https or loopback address.
    pub(super) redirect_uris: Vec<String>,
}

/// What an application asked for.
#[derive(Clone)]
pub(super) struct Authorization {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Arc<[String]>,
    pub(super) state: Option<String>,
    pub(super) code_challenge: String,
    /// Whether no page may be shown (`prompt=none`, section 3.1.2.1 of `OpenID` Connect Core).
    pub(super) unattended: bool,
    /// Who is signed in already (`login_hint`), and answers where no page may be shown.
    pub(super) signed_in: Option<String>,
}

/// An authorization code.
pub(super) struct Code {
    pub(super) authorization: Authorization,
    pub(super) user: String,
    pub(super) expires_at: Timestamp,
    /// The grant that it was exchanged for.
    pub(super) spent_for: Option<u64>,
}

impl TestProvider {
    /// A provider with one client, [`TEST_CLIENT_ID`], which may use any https or loopback redirect URI.
    pub fn new(entropy: Arc<dyn Entropy>, clock: Arc<dyn Clock>) -> Self {
        let provider = Self { memory: Arc::default(), entropy, clock };
        provider.register_client(TEST_CLIENT_ID, Some(TEST_CLIENT_SECRET), &[]);
        provider
    }

    /// Registers an application, or replaces it. Without a secret it is a public client; without redirect URIs it may
    /// use any https or loopback address.
    pub fn register_client(&self, id: &str, secret: Option<&str>, redirect_uris: &[&str]) {
        let client = Client {
            secret: secret.map(ToOwned::to_owned),
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
        };
        self.memory().clients.insert(id.to_owned(), client);
    }

    /// Starts to misbehave, besides what was set before: a [`Misbehaviour`](super::Misbehaviour) for good and to all,
    /// or a [`Rule`].
    pub fn misbehave(&self, rule: impl Into<Rule>) {
        let mut memory = self.memory();
        let since = memory.grants.last_serial();
        memory.rules.add(rule.into(), since);
    }

    /// Stops all misbehaviour.
    pub fn behave(&self) {
        self.memory().rules.clear();
    }

    /// What `/api/request` has received, as it comes.
    pub fn uploads(&self) -> watch::Sender<Upload> {
        self.memory().uploads.clone()
    }

    /// The settings.
    pub fn settings(&self) -> Settings {
        self.memory().settings.clone()
    }

    /// Replaces the settings. What was issued stays as it is.
    pub fn configure(&self, settings: Settings) {
        self.memory().settings = settings;
    }

    /// Lets `hook` be told of each step of each token request, in place of the one before.
    pub fn set_token_hook(&self, hook: Option<TokenHook>) {
        self.memory().hook = hook;
    }

    /// Holds each token request at each of `moments`, from now on and in place of another hook.
    pub fn hold_token_requests(&self, moments: &[Moment]) -> Gate {
        let (gate, hook) = Gate::new(moments.to_vec());
        self.set_token_hook(Some(hook));
        gate
    }

    /// The requests received so far, oldest first; at most as many as [`Settings::records`] says. Requests to the
    /// control API are not among them.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.memory().requests_seen.iter().cloned().collect()
    }

    /// The requests that the token endpoint and the address for refreshes received, of those that are recorded.
    pub fn token_requests(&self) -> Vec<RecordedRequest> {
        let for_tokens = |path: &str| path == "/token" || path == "/refresh" || path.starts_with("/refresh/");
        self.requests().into_iter().filter(|request| for_tokens(&request.path)).collect()
    }

    pub(super) fn remember(&self, request: RecordedRequest) {
        let mut memory = self.memory();
        let kept = memory.settings.records;
        memory.requests_seen.push_back(request);
        while memory.requests_seen.len() > kept {
            memory.requests_seen.pop_front();
        }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What a request without a grant meets.
    pub(super) fn plan(&self, place: Place, client: Option<&str>) -> Plan {
        self.memory().rules.plan(place, client, None)
    }

    /// 128 random bits.
    pub(super) fn random_bytes(&self) -> [u8; 16] {
        let mut bytes = [0_u8; 16];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A prefix and 128 random bits.
    pub(super) fn random(&self, prefix: &str) -> String {
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(self.random_bytes()))
    }
}
