//! A stand-in for the application.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use valetkey_core::Timestamp;
use valetkey_core::connector::{Field, FieldFormat, InputType};
use valetkey_core::environment::VerificationMode;
use valetkey_core::id::ConnectionId;

use crate::hosted::port::{
    About, ConnectPort, Connected, Failure, Fields, LinkPage, Next, Step, SubmitError,
};
use crate::hosted::problem::ServerProblem;
use crate::hosted::{BrowserToken, CallbackQuery, LinkToken};

/// A link that is well formed.
pub(super) const LINK: &str = "aBcDeFgHiJkLmNoPqRsTuV";
/// A connection.
pub(super) const CONNECTION: &str = "conn_00000000000000000000000001";

/// What the port was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    Open,
    Submit { browser: String, fields: BTreeMap<String, String> },
    Cancel,
    Callback { query: String, browser: Option<String> },
}

/// What the port answers.
pub(super) struct Answers {
    pub(super) open: Result<LinkPage, Failure>,
    pub(super) submit: Result<Next, SubmitError>,
    pub(super) callback: Result<Next, Failure>,
}

pub(super) struct FakePort {
    answers: Mutex<Answers>,
    asked: Mutex<Vec<Asked>>,
}

impl FakePort {
    pub(super) fn new() -> Self {
        let internal = || Failure::from(ServerProblem::Internal);
        let answers =
            Answers { open: Ok(consent()), submit: Err(internal().into()), callback: Err(internal()) };
        Self { answers: Mutex::new(answers), asked: Mutex::default() }
    }

    pub(super) fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap()
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn note(&self, asked: Asked) {
        self.asked.lock().unwrap().push(asked);
    }
}

impl ConnectPort for FakePort {
    async fn open(&self, _: &LinkToken, _: Option<&BrowserToken>) -> Result<LinkPage, Failure> {
        self.note(Asked::Open);
        self.answers().open.clone()
    }

    async fn submit(
        &self,
        _: &LinkToken,
        browser: &BrowserToken,
        fields: &Fields,
    ) -> Result<Next, SubmitError> {
        let fields = fields.iter().map(|(name, value)| (name.clone(), value.expose().to_owned())).collect();
        self.note(Asked::Submit { browser: browser.expose().into(), fields });
        self.answers().submit.clone()
    }

    async fn cancel(&self, _: &LinkToken, _: &BrowserToken) -> Result<About, Failure> {
        self.note(Asked::Cancel);
        Ok(about())
    }

    async fn callback(
        &self,
        _: &ConnectionId,
        answer: CallbackQuery,
        browser: Option<&BrowserToken>,
    ) -> Result<Next, Failure> {
        let browser = browser.map(|browser| browser.expose().to_owned());
        self.note(Asked::Callback { query: answer.raw().into(), browser });
        self.answers().callback.clone()
    }
}

pub(super) fn about() -> About {
    About { application: "Acme".into(), connector: "Gmail".into(), return_to: None }
}

pub(super) fn connected() -> Next {
    Next::Connected(Connected {
        about: about(),
        provider_account: Some("anna@example.com".into()),
        awaiting_verification: false,
        missing_scopes: vec![],
    })
}

pub(super) fn authorize() -> Next {
    let url = "https://provider.example/authorize?state=s3cr3t&code_challenge=c".try_into().unwrap();
    Next::Authorize { connection: CONNECTION.parse().unwrap(), url }
}

pub(super) fn consent() -> LinkPage {
    LinkPage {
        about: about(),
        environment: None,
        identifier: "anna@example.com".into(),
        step: Step::Consent,
        fields: vec![],
        values: BTreeMap::new(),
        scopes: vec![],
        reauthorization: None,
        verification: VerificationMode::None,
        expires: Timestamp::EPOCH,
    }
}

/// A form with a domain, a password and a key file.
pub(super) fn credential() -> LinkPage {
    let field = |name: &str, input| Field {
        name: name.into(),
        label: name.into(),
        input,
        hint: None,
        required: true,
        default: None,
        options: vec![],
        format: FieldFormat::Text,
        host_suffix: None,
    };
    let fields = vec![
        field("domain", InputType::Text),
        field("api_key", InputType::Password),
        field("key_file", InputType::Textarea),
    ];
    LinkPage { step: Step::Credential, fields, ..consent() }
}
