//! The browser comes back from the provider.

use std::collections::BTreeMap;

use serde_json::json;
use valetkey_core::{
    Secret,
    account::State,
    connector::{AuthScheme, Oauth2},
    credential::Credential,
    environment::VerificationMode,
    id::ConnectionId,
    journal::EventKind,
    link::{FlowOutcome, LinkState},
};
use valetkey_provider::{
    Access,
    oauth::{
        CallbackError, CodeExchange, IdentityValues, OauthClient, TokenError, callback_state, read_callback,
    },
};
use valetkey_store::{
    account, connection,
    flow::{self, Flow},
    link,
};

use super::{Next, Problem, flow_details::FlowDetails};
use crate::{
    App, Caller,
    account::Granted,
    connection::{ConnectionView, effective_oauth2},
    journal::About,
    revocation::Owner,
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

/// What is recorded and what is shown of a callback that brings no credential.
type Failed = (FlowOutcome, Option<String>, Problem);

/// Everything that belongs to a callback which has been let in.
struct Arrival {
    flow: Flow,
    details: FlowDetails,
    connection: ConnectionView,
    oauth2: Oauth2,
    caller: Caller,
}

impl App {
    /// Completes a flow. Each state works once: it is claimed in the database before anything is sent, so that a crash
    /// from there on leaves the account as it was and the link usable.
    pub async fn complete_flow(&self, callback: &Callback<'_>) -> Result<Next, Problem> {
        let (flow, connection, oauth2) = self.flow_of(callback).await?;
        let caller = Caller::user(flow.environment_id.clone());
        self.admit(&caller, &flow, callback).await?;
        let details = self.open_flow(&flow).await?;
        let arrival = Arrival { flow, details, connection, oauth2, caller };
        match self.receive(&arrival, callback).await {
            Ok(granted) => {
                let Arrival { flow, details, caller, .. } = arrival;
                let (tokens, fields) = (granted.credential.clone(), granted.fields.clone());
                let finished = self.finish_flow(&caller, &flow, granted, details.scopes).await;
                if finished.is_err() {
                    let detail = Some("the link, the account or the attempt changed meanwhile");
                    self.end_flow(&caller, &flow, FlowOutcome::ExchangeFailed, detail).await?;
                    self.drop_grant(&flow, &fields, &tokens).await?;
                }
                finished
            }
            Err((outcome, detail, problem)) => {
                self.end_flow(&arrival.caller, &arrival.flow, outcome, detail.as_deref()).await?;
                Err(problem)
            }
        }
    }

    /// The flow that the state names. A state of another connection's callback is as unknown as any other text, so
    /// that swapped callbacks send no code anywhere.
    pub(super) async fn flow_of(
        &self,
        callback: &Callback<'_>,
    ) -> Result<(Flow, ConnectionView, Oauth2), Problem> {
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
        Ok((flow, connection, oauth2))
    }

    /// Lets a callback in once, from the browser that started, in time.
    async fn admit(&self, caller: &Caller, flow: &Flow, callback: &Callback<'_>) -> Result<(), Problem> {
        let refusal = match flow.outcome {
            FlowOutcome::Superseded => Some(("superseded", Problem::Superseded)),
            FlowOutcome::Expired => Some(("expired", Problem::FlowExpired)),
            FlowOutcome::Started => None,
            FlowOutcome::Completed
            | FlowOutcome::AwaitingVerification
            | FlowOutcome::Denied
            | FlowOutcome::ProviderError
            | FlowOutcome::ExchangeFailed
            | FlowOutcome::IssuerMismatch
            | FlowOutcome::WrongBrowser
            | FlowOutcome::NotSignedIn => Some(("state_spent", Problem::StateSpent)),
        };
        let browser = callback.browser.map(|token| secrets::hash("browser", token)).unwrap_or_default();
        let refusal = refusal.or_else(|| {
            (!secrets::equal(&browser, &flow.browser_hash))
                .then_some(("wrong_browser", Problem::WrongBrowser))
        });
        if let Some((reason, problem)) = refusal {
            self.refuse_callback(caller, flow, reason).await?;
            return Err(problem);
        }
        if flow.expires_at <= self.clock.now() {
            self.end_flow(caller, flow, FlowOutcome::Expired, None).await?;
            return Err(Problem::FlowExpired);
        }
        if let Some(problem) = self.link_problem(flow).await? {
            self.end_flow(caller, flow, FlowOutcome::Superseded, Some("the link is no longer usable"))
                .await?;
            return Err(problem);
        }
        let mut tx = self.pool.begin().await?;
        let claimed = flow::claim(&mut tx, &flow.environment_id, &flow.id, self.clock.now()).await?;
        tx.commit().await?;
        if !claimed {
            self.refuse_callback(caller, flow, "state_spent").await?;
            return Err(Problem::StateSpent);
        }
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
    async fn link_problem(&self, flow: &Flow) -> crate::Result<Option<Problem>> {
        let found = link::get(&mut *self.pool.read().await?, &flow.environment_id, &flow.link_id).await?;
        Ok(match found.map(|link| link.state) {
            Some(LinkState::Usable) => None,
            Some(LinkState::Used) => Some(Problem::LinkUsed),
            Some(LinkState::Revoked) => Some(Problem::LinkRevoked),
            None => Some(Problem::UnknownLink),
        })
    }

    /// Reads the callback, exchanges the code, and asks who authorized. The issuer is compared before the code goes
    /// anywhere.
    async fn receive(&self, arrival: &Arrival, callback: &Callback<'_>) -> Result<Granted, Failed> {
        let Arrival { details, connection, oauth2, .. } = arrival;
        if !connection.enabled {
            // It may have been disabled because its client secret is known to others.
            let detail = Some("the connection is disabled".to_owned());
            return Err((FlowOutcome::ExchangeFailed, detail, Problem::ConnectionDisabled));
        }
        let connector = &connection.connector;
        let brought = read_callback(oauth2, &connector.discovered_fields, callback.query).map_err(refused)?;
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
            redirect_uri: &connection.redirect_uri,
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

    async fn refuse_callback(&self, caller: &Caller, flow: &Flow, reason: &str) -> crate::Result<()> {
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
