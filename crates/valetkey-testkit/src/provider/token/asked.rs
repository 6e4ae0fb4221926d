//! A token request on its way.

use std::time::Duration;

use axum::{
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use super::{answer, granting, instead, way::Way};
use crate::provider::{
    Misbehaviour,
    client_auth::claimed_client,
    connection::{cut, dropped},
    hook::{Moment, TokenEvent, TokenHook, Verdict},
    inspect::grant_id,
    misbehaviour::Plan,
    parameters::Parameters,
    server::Site,
    state::TestProvider,
};

/// A token request.
pub(super) struct Asked {
    pub(super) site: Site,
    pub(super) headers: HeaderMap,
    pub(super) parameters: Parameters,
    pub(super) way: Way,
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
    pub(super) fn new(site: Site, headers: HeaderMap, parameters: Parameters, way: Way) -> Self {
        let provider = site.provider.clone();
        let mut memory = provider.memory();
        let client = claimed_client(&memory, &headers, &parameters);
        *memory.counters.token_requests.entry(way.name()).or_default() += 1;
        memory.at_once += 1;
        memory.counters.most_at_once = memory.counters.most_at_once.max(memory.at_once);
        memory.token_requests += 1;
        let grant = way.token().and_then(|token| memory.grants.grant_of(token));
        let plan = memory.rules.plan(way.place(), client.as_deref(), grant.map(grant_id).as_deref());
        let number = memory.token_requests;
        let latency = Duration::from_millis(memory.settings.latency_milliseconds);
        let hook = memory.hook.clone();
        drop(memory);
        Self { site, headers, parameters, way, plan, number, grant, latency, hook, _busy: Busy(provider) }
    }

    /// Whether carrying it out may take time.
    pub(super) fn waits(&self) -> bool {
        self.hook.is_some() || !self.latency.is_zero() || !self.plan.is_empty()
    }

    /// Does what was asked, or what is done wrong instead.
    pub(super) async fn carry_out(self) -> Response {
        let slow = self.plan.find(|wrong| match wrong {
            Misbehaviour::SlowToken { milliseconds } => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        });
        pause(self.latency + slow.unwrap_or_default()).await;
        let verdict = self.tell(Moment::BeforeIssuing, self.grant, false).await;
        if verdict == Verdict::DropConnection || self.plan.has(&Misbehaviour::DropsRequest) {
            return dropped();
        }
        if let Some(wrong) = self.plan.find(|wrong| instead::instead(&self, wrong)) {
            return wrong;
        }
        let granted = granting::granted(&self);
        let grant = granted.as_ref().map_or(self.grant, |granted| Some(granted.grant()));
        let verdict = self.tell(Moment::AfterIssuing, grant, granted.is_ok()).await;
        let late = self.plan.find(|wrong| match wrong {
            Misbehaviour::AnswersLate { milliseconds } => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        });
        pause(late.unwrap_or_default()).await;
        if verdict == Verdict::DropConnection || self.plan.has(&Misbehaviour::DropsAnswer) {
            return dropped();
        }
        let answer = match granted {
            Ok(granted) => answer::answer(&self.site, &self.plan, &granted),
            Err(refusal) => refusal.into_response(),
        };
        if self.plan.has(&Misbehaviour::DropsMidBody) { cut(answer).await } else { answer }
    }

    async fn tell(&self, moment: Moment, grant: Option<u64>, granted: bool) -> Verdict {
        let Some(hook) = &self.hook else { return Verdict::Proceed };
        let event = TokenEvent {
            number: self.number,
            moment,
            grant_type: self.way.name(),
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
