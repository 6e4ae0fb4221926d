//! The browser comes back from the provider.

use valetkey_core::{
    connector::{AuthScheme, Oauth2},
    environment::VerificationMode,
    id::ConnectionId,
    link::{FlowOutcome, LinkState},
};
use valetkey_provider::oauth::callback_state;
use valetkey_store::{
    connection,
    flow::{self, Flow, Hosted},
    link,
};

use super::{Next, Problem, receive::Arrival};
use crate::{
    App, Caller,
    connection::{ConnectionView, effective_oauth2},
    secrets,
};

/// What the browser brought.
pub struct Callback<'a> {
    /// The connection in the path.
    pub connection: &'a ConnectionId,
    /// The query as it came.
    pub query: &'a str,
    /// The random token of the browser's cookie.
    pub browser: Option<&'a str>,
}

/// The flow that a callback belongs to.
pub(super) struct Found {
    pub(super) flow: Flow,
    pub(super) hosted: Hosted,
    pub(super) connection: ConnectionView,
    pub(super) oauth2: Oauth2,
}

impl App {
    /// Completes a flow. Each state works once: it is claimed in the database before anything is sent, so that a crash
    /// from there on leaves the account as it was and the link usable.
    pub async fn complete_flow(&self, callback: &Callback<'_>) -> Result<Next, Problem> {
        let Found { flow, hosted, connection, oauth2 } = self.flow_of(callback).await?;
        let caller = Caller::user(flow.environment_id.clone());
        self.admit(&caller, &flow, &hosted, callback).await?;
        let details = self.open_flow(&flow).await?;
        let scopes = details.scopes.clone();
        let arrival = Arrival { flow, details, connection, oauth2, caller };
        let granted = self.redeem(&arrival, callback.query).await.map_err(|(_, _, problem)| problem)?;
        let (tokens, fields) = (granted.credential.clone(), granted.fields.clone());
        let finished =
            self.finish_flow(&arrival.caller, &arrival.flow, &hosted.link_id, granted, scopes).await;
        if let Err(problem) = &finished {
            self.abandon(&arrival, &fields, &tokens, problem).await?;
        }
        finished
    }

    /// The flow that the state names. A state of another connection's callback, or of an application's own, is as unknown
    /// as any other text, so that swapped callbacks send no code anywhere.
    pub(super) async fn flow_of(&self, callback: &Callback<'_>) -> Result<Found, Problem> {
        let mut reader = self.pool.read().await?;
        let row = connection::get_any_environment(&mut reader, callback.connection).await?;
        let row = row.ok_or(Problem::UnknownState)?;
        drop(reader);
        let connection = self.view_connection(row).await?;
        let AuthScheme::Oauth2(definition) = &connection.connector.auth else {
            return Err(Problem::UnknownState);
        };
        let oauth2 = effective_oauth2(definition, &connection.config)?;
        let state = callback_state(&oauth2, callback.query).ok_or(Problem::UnknownState)?;
        let hash = secrets::hash("state", state.expose());
        let mut reader = self.pool.read().await?;
        let flow = flow::by_state_hash_any_environment(&mut reader, &hash).await?;
        drop(reader);
        let flow =
            flow.filter(|flow| &flow.connection_id == callback.connection).ok_or(Problem::UnknownState)?;
        let hosted = flow.hosted.clone().ok_or(Problem::UnknownState)?;
        Ok(Found { flow, hosted, connection, oauth2 })
    }

    /// Lets a callback in once, from the browser that started, in time.
    async fn admit(
        &self,
        caller: &Caller,
        flow: &Flow,
        hosted: &Hosted,
        callback: &Callback<'_>,
    ) -> Result<(), Problem> {
        let browser = callback.browser.map(|token| secrets::hash("browser", token)).unwrap_or_default();
        let refusal = Self::over(flow.outcome).or_else(|| {
            (!secrets::equal(&browser, &hosted.browser_hash))
                .then_some(("wrong_browser", Problem::WrongBrowser))
        });
        if let Some((reason, problem)) = refusal {
            self.refuse_callback(caller, flow, reason).await?;
            return Err(problem);
        }
        self.in_time(caller, flow).await?;
        if let Some(problem) = self.link_problem(flow, hosted).await? {
            self.end_flow(caller, flow, FlowOutcome::Superseded, Some("the link is no longer usable"))
                .await?;
            return Err(problem);
        }
        self.claim_flow(caller, flow).await?;
        let environment = self.environment(&flow.environment_id).await?;
        if environment.verification_mode == VerificationMode::Platform
            && !self.operator_signed_in(callback.browser).await?
        {
            self.end_flow(caller, flow, FlowOutcome::NotSignedIn, None).await?;
            return Err(Problem::NotSignedIn);
        }
        Ok(())
    }

    /// Why the link of a flow connects nothing any more; asked before the code is redeemed.
    async fn link_problem(&self, flow: &Flow, hosted: &Hosted) -> crate::Result<Option<Problem>> {
        let found = link::get(&mut *self.pool.read().await?, &flow.environment_id, &hosted.link_id).await?;
        Ok(match found.map(|link| link.state) {
            Some(LinkState::Usable) => None,
            Some(LinkState::Used) => Some(Problem::LinkUsed),
            Some(LinkState::Revoked) => Some(Problem::LinkRevoked),
            None => Some(Problem::UnknownLink),
        })
    }
}
