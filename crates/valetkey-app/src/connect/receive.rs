//! What a callback brings: the code is redeemed, and the provider is asked who has authorized. The same whoever takes the
//! callback, the hosted pages or the application.

use std::collections::BTreeMap;

use serde_json::json;
use valetkey_core::{
    Secret, account::State, connector::Oauth2, credential::Credential, journal::EventKind, link::FlowOutcome,
};
use valetkey_provider::{
    Access,
    oauth::{CallbackError, CodeExchange, IdentityValues, OauthClient, TokenError, read_callback},
};
use valetkey_store::{
    account,
    flow::{self, Flow},
};

use super::{Problem, flow_details::FlowDetails};
use crate::{App, Caller, account::Granted, connection::ConnectionView, journal::About, revocation::Owner};

/// What is recorded and what is shown of a callback that brings no credential.
pub(super) type Failed = (FlowOutcome, Option<String>, Problem);

/// Everything that belongs to a callback which has been let in.
pub(super) struct Arrival {
    pub(super) flow: Flow,
    pub(super) details: FlowDetails,
    pub(super) connection: ConnectionView,
    pub(super) oauth2: Oauth2,
    pub(super) caller: Caller,
}

impl App {
    /// Why a flow cannot be completed any more: for the journal and for people.
    pub(super) const fn over(outcome: FlowOutcome) -> Option<(&'static str, Problem)> {
        match outcome {
            FlowOutcome::Started => None,
            FlowOutcome::Superseded => Some(("superseded", Problem::Superseded)),
            FlowOutcome::Expired => Some(("expired", Problem::FlowExpired)),
            FlowOutcome::Completed
            | FlowOutcome::AwaitingVerification
            | FlowOutcome::Denied
            | FlowOutcome::ProviderError
            | FlowOutcome::ExchangeFailed
            | FlowOutcome::IssuerMismatch
            | FlowOutcome::AnotherUser
            | FlowOutcome::WrongBrowser
            | FlowOutcome::NotSignedIn => Some(("state_spent", Problem::StateSpent)),
        }
    }

    /// Ends a flow that has run out of time.
    pub(super) async fn in_time(&self, caller: &Caller, flow: &Flow) -> Result<(), Problem> {
        if flow.expires_at > self.clock.now() {
            return Ok(());
        }
        self.end_flow(caller, flow, FlowOutcome::Expired, None).await?;
        Err(Problem::FlowExpired)
    }

    /// Lets one callback of a flow in. That is stored before anything is sent, so that a state works once.
    pub(super) async fn claim_flow(&self, caller: &Caller, flow: &Flow) -> Result<(), Problem> {
        let mut tx = self.pool.begin().await?;
        let claimed = flow::claim(&mut tx, &flow.environment_id, &flow.id, self.clock.now()).await?;
        tx.commit().await?;
        if claimed {
            return Ok(());
        }
        self.refuse_callback(caller, flow, "state_spent").await?;
        Err(Problem::StateSpent)
    }

    /// The grant that a callback brings. Where it brings none, the flow has ended.
    pub(super) async fn redeem(&self, arrival: &Arrival, query: &str) -> Result<Granted, Failed> {
        let received = self.receive(arrival, query).await;
        if let Err((outcome, detail, _)) = &received {
            let ended = self.end_flow(&arrival.caller, &arrival.flow, *outcome, detail.as_deref()).await;
            ended.map_err(|error| (*outcome, detail.clone(), Problem::Failed(error)))?;
        }
        received
    }

    /// Ends a flow whose grant was not stored because of `problem`.
    pub(super) async fn abandon(
        &self,
        arrival: &Arrival,
        fields: &BTreeMap<String, String>,
        tokens: &Credential,
        problem: &Problem,
    ) -> crate::Result<()> {
        let changed = "the link, the account or the attempt changed meanwhile";
        let (outcome, detail) = if matches!(problem, Problem::AnotherUser) {
            (FlowOutcome::AnotherUser, None)
        } else {
            (FlowOutcome::ExchangeFailed, Some(changed))
        };
        self.end_flow(&arrival.caller, &arrival.flow, outcome, detail).await?;
        self.drop_grant(&arrival.flow, fields, tokens).await
    }

    /// Reads the callback, exchanges the code, and asks who authorized. The issuer is compared before the code goes
    /// anywhere.
    async fn receive(&self, arrival: &Arrival, query: &str) -> Result<Granted, Failed> {
        let Arrival { details, connection, oauth2, .. } = arrival;
        if !connection.enabled {
            // It may have been disabled because its client secret is known to others.
            let detail = Some("the connection is disabled".to_owned());
            return Err((FlowOutcome::ExchangeFailed, detail, Problem::ConnectionDisabled));
        }
        let connector = &connection.connector;
        let brought = read_callback(oauth2, &connector.discovered_fields, query).map_err(refused)?;
        let mut fields = details.fields.clone();
        fields.extend(brought.captured);
        let (code_verifier, state) =
            (details.code_verifier.as_deref().map(Secret::from), Secret::from(details.state.as_str()));
        let input = CodeExchange {
            oauth2,
            client: OauthClient {
                client_id: connection.config.client_id.as_deref().unwrap_or_default(),
                client_secret: connection.secrets.client_secret.as_ref(),
                authentication: oauth2.token.client_authentication,
            },
            redirect_uri: &details.redirect_uri,
            code: &brought.code,
            code_verifier: code_verifier.as_ref(),
            state: Some(&state),
            fields: &connector.complete(fields.clone()),
        };
        let grant = self.provider.exchange(input).await.map_err(|error| {
            tracing::warn!(connection = %connection.id, flow = %arrival.flow.id, %error, "code exchange failed");
            not_exchanged(&error)
        })?;
        fields.extend(connector.discovered(&grant.captured).map_err(not_discovered)?);
        let credential = Credential::Oauth2(grant.credential);
        let (identity, discovered) =
            self.follow_up(arrival, &credential, &connector.complete(fields.clone())).await?;
        fields.extend(connector.discovered(&discovered).map_err(not_discovered)?);
        if let Some(field) = connector.undiscovered(&fields) {
            return Err(not_discovered(format!("the provider gave no \"{}\"", field.name)));
        }
        fields.retain(|name, _| !connection.config.fields.contains_key(name));
        Ok(Granted {
            credential,
            scopes: grant.granted.map(|listed| oauth2.scopes.granted(&details.scopes, &listed)),
            fields,
            provider_account_id: identity.account_id.or(grant.identity.account_id),
            user_email: identity.email.or(grant.identity.email),
        })
    }

    /// Who has authorized, and the account fields that only the provider knows. Not to know who is no failure; not
    /// to know the fields is one, because no call would work.
    async fn follow_up(
        &self,
        arrival: &Arrival,
        credential: &Credential,
        fields: &valetkey_provider::Fields,
    ) -> Result<(IdentityValues, valetkey_provider::Fields), Failed> {
        let Arrival { connection, oauth2, flow, .. } = arrival;
        let mut api = connection.connector.api.clone();
        // The operator's own user info endpoint is a place for the credential as much as the definition's.
        let own = connection.config.user_info_uri.as_deref().and_then(|uri| url::Url::parse(uri).ok());
        if let Some((host, port)) =
            own.as_ref().and_then(|url| url.host_str().zip(url.port_or_known_default()))
        {
            api.allowed_hosts.push(format!("{host}:{port}"));
        }
        let access = Access { api: &api, placements: &oauth2.place, credential, fields };
        let identity = self.provider.identity(&access, oauth2).await.unwrap_or_else(|error| {
            tracing::warn!(connection = %connection.id, flow = %flow.id, %error, "the user info request failed");
            IdentityValues::default()
        });
        let discovered = self.provider.discover(&access, oauth2).await.map_err(|error| {
            tracing::warn!(connection = %connection.id, flow = %flow.id, %error, "discovery failed");
            not_discovered(error)
        })?;
        Ok((identity, discovered))
    }

    /// A grant came for an account that is gone or was disconnected meanwhile: the provider is told. Where the account
    /// lives, the user is connected or about to be, and many providers revoke all grants of a user together.
    async fn drop_grant(
        &self,
        flow: &Flow,
        fields: &BTreeMap<String, String>,
        tokens: &Credential,
    ) -> crate::Result<()> {
        let Credential::Oauth2(tokens) = tokens else { return Ok(()) };
        let row = account::get(&mut *self.pool.read().await?, &flow.environment_id, &flow.account_id).await?;
        if row.as_ref().is_some_and(|row| row.state != State::Disconnected) {
            return Ok(());
        }
        let owner = Owner {
            environment: &flow.environment_id,
            account: &flow.account_id,
            connection: &flow.connection_id,
        };
        let fields = fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let mut tx = self.pool.begin().await?;
        self.queue_orphan(&mut tx, owner, &fields, tokens).await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn refuse_callback(
        &self,
        caller: &Caller,
        flow: &Flow,
        reason: &str,
    ) -> crate::Result<()> {
        let about = About { account: Some(&flow.account_id), connection: Some(&flow.connection_id) };
        let mut tx = self.pool.begin().await?;
        let details = json!({ "flow": flow.id, "reason": reason });
        self.record(&mut tx, caller, EventKind::CallbackRefused, about, &details).await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn end_flow(
        &self,
        caller: &Caller,
        row: &Flow,
        outcome: FlowOutcome,
        detail: Option<&str>,
    ) -> crate::Result<()> {
        let about = About { account: Some(&row.account_id), connection: Some(&row.connection_id) };
        let mut tx = self.pool.begin().await?;
        if !flow::end(&mut tx, &row.environment_id, &row.id, outcome, detail, self.clock.now()).await? {
            return Ok(());
        }
        let details = json!({ "flow": row.id, "outcome": outcome.as_str(), "detail": detail });
        self.record(&mut tx, caller, EventKind::FlowEnded, about, &details).await?;
        Ok(tx.commit().await?)
    }
}

/// A value that calls need is not there or cannot be used.
#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn not_discovered(error: impl ToString) -> Failed {
    (FlowOutcome::ExchangeFailed, Some(error.to_string()), Problem::ExchangeFailed)
}

fn refused(error: CallbackError) -> Failed {
    let detail = Some(error.to_string());
    match error {
        CallbackError::IssuerMismatch { .. } => {
            (FlowOutcome::IssuerMismatch, detail, Problem::IssuerMismatch)
        }
        CallbackError::Denied(_) => (FlowOutcome::Denied, detail, Problem::Denied),
        CallbackError::Provider(answer) => {
            (FlowOutcome::ProviderError, detail, Problem::ProviderError(answer.code.unwrap_or_default()))
        }
        CallbackError::NoCode(_) | CallbackError::Malformed(_) | CallbackError::Field(_) => {
            (FlowOutcome::ProviderError, detail, Problem::ProviderError(String::new()))
        }
    }
}

fn not_exchanged(error: &TokenError) -> Failed {
    let detail = Some(error.to_string());
    let problem = match error {
        TokenError::Transient { .. } | TokenError::RateLimited { .. } | TokenError::Unknown { .. } => {
            Problem::ProviderUnavailable
        }
        TokenError::ClientMisconfigured(_) | TokenError::Setup { .. } => Problem::ConnectionMisconfigured,
        TokenError::GrantInvalid(_)
        | TokenError::RevokedAtProvider(_)
        | TokenError::NotRenewable(_)
        | TokenError::ScopeProblem(_)
        | TokenError::Unusable(_) => Problem::ExchangeFailed,
    };
    (FlowOutcome::ExchangeFailed, detail, problem)
}
