//! A token request on its way.

use std::time::Duration;

use axum::{http::HeaderMap, response::Response};

use super::{answer, granting, instead, oauth_error};
use crate::provider::{
    Misbehaviour,
    client_auth::claimed_client,
    connection::dropped,
    hook::{Moment, TokenEvent, TokenHook, Verdict},
    inspect::grant_id,
    misbehaviour::{Place, Plan},
    parameters::Parameters,
    server::Site,
    state::TestProvider,
};

/// Grant types that are counted under their own name.
const COUNTED: [&str; 2] = ["authorization_code", "refresh_token"];

/// A token request.
pub(super) struct Asked {
    pub(super) site: Site,
    pub(super) headers: HeaderMap,
    pub(super) parameters: Parameters,
    pub(super) plan: Plan,
    number: u64,
    grant: Option<u64>,
    latency: Duration,
    hook: Option<TokenHook>,
    _busy: Busy,
}

/// Counts a request as being answered for as long as it is.
struct Busy(TestProvider);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.memory().at_once -= 1;
    }
}

impl Asked {
    /// Counts a request and sees what it meets.
    pub(super) fn new(site: Site, headers: HeaderMap, parameters: Parameters) -> Self {
        let provider = site.provider.clone();
        let mut memory = provider.memory();
        let client = claimed_client(&memory, &headers, &parameters);
        let grant_type = parameters.get("grant_type").unwrap_or_default();
        let counted = COUNTED.into_iter().find(|counted| *counted == grant_type).unwrap_or("other");
        *memory.counters.token_requests.entry(counted.to_owned()).or_default() += 1;
        memory.at_once += 1;
        memory.counters.most_at_once = memory.counters.most_at_once.max(memory.at_once);
        memory.token_requests += 1;
        let presented = parameters.get("refresh_token");
        let grant = presented.and_then(|token| memory.grants.grant_of(token));
        let place = if grant_type == "refresh_token" { Place::Refresh } else { Place::Exchange };
        let plan = memory.rules.plan(place, client.as_deref(), grant.map(grant_id).as_deref());
        let number = memory.token_requests;
        let latency = Duration::from_millis(memory.settings.latency_milliseconds);
        let hook = memory.hook.clone();
        drop(memory);
        Self { site, headers, parameters, plan, number, grant, latency, hook, _busy: Busy(provider) }
    }

    /// Whether carrying it out may take time.
    pub(super) fn waits(&self) -> bool {
        self.hook.is_some() || !self.latency.is_zero() || !self.plan.is_empty()
    }

    /// Does what was asked, or what is done wrong instead.
    pub(super) async fn carry_out(self) -> Response {
        let before = self.plan.find(|wrong| match wrong {
            Misbehaviour::SlowToken { milliseconds } => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        });
        pause(self.latency + before.unwrap_or_default()).await;
        let verdict = self.tell(Moment::BeforeIssuing, self.grant, false).await;
        if verdict == Verdict::DropConnection || self.plan.has(&Misbehaviour::DropsRequest) {
            return dropped();
        }
        if let Some(wrong) = self.plan.find(instead::instead) {
            return wrong;
        }
        let issued = granting::granted(&self);
        let grant = issued.as_ref().map_or(self.grant, |issued| Some(issued.grant));
        let verdict = self.tell(Moment::AfterIssuing, grant, issued.is_ok()).await;
        let after = self.plan.find(|wrong| match wrong {
            Misbehaviour::AnswersLate { milliseconds } => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        });
        pause(after.unwrap_or_default()).await;
        if verdict == Verdict::DropConnection || self.plan.has(&Misbehaviour::DropsAnswer) {
            return dropped();
        }
        match issued {
            Ok(issued) => answer::answer(&self.plan, &issued),
            Err(error) => oauth_error(error),
        }
    }

    async fn tell(&self, moment: Moment, grant: Option<u64>, granted: bool) -> Verdict {
        let Some(hook) = &self.hook else { return Verdict::Proceed };
        let event = TokenEvent {
            number: self.number,
            moment,
            grant_type: self.parameters.get("grant_type").unwrap_or_default().to_owned(),
            grant: grant.map(grant_id),
            granted,
        };
        hook(event).await
    }
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}
