//! Ask a provider for an authorization: the request, and the flow that remembers it until the callback.

use std::collections::BTreeMap;

use serde_json::json;
use url::Url;
use valetkey_core::{
    Timestamp, connector::Oauth2, id::FlowId, journal::EventKind, link::FlowOutcome, scope::ScopeSet,
};
use valetkey_provider::oauth::{AuthorizationInput, OauthClient};
use valetkey_store::flow::{self, Hosted};

use super::{Problem, flow_details::FlowDetails};
use crate::{App, Caller, account::Account, connection::ConnectionView, journal::About, secrets};

/// What is asked for, and where the callback goes.
pub(super) struct Ask<'a> {
    pub(super) caller: &'a Caller,
    pub(super) account: &'a Account,
    pub(super) connection: &'a ConnectionView,
    /// The definition with the connection's settings laid over it.
    pub(super) oauth2: &'a Oauth2,
    pub(super) scopes: ScopeSet,
    /// Account fields; those of the connection are added.
    pub(super) fields: BTreeMap<String, String>,
    pub(super) redirect_uri: &'a str,
    /// The application's own state, which the callback brings after the random one and a dot.
    pub(super) state: Option<&'a str>,
    /// The user of a test provider to authorize as, without a person.
    pub(super) unattended: Option<&'a str>,
    /// The link and the browser; absent where the application takes the callback itself.
    pub(super) hosted: Option<Hosted>,
}

/// An authorization request that is under way.
pub(super) struct Asked {
    /// Where the browser goes. It contains the state: do not log it.
    pub(super) url: Url,
    /// Until when the callback is accepted.
    pub(super) expires_at: Timestamp,
}

/// The scopes that an authorization asks for: those that are wanted with those that the account was narrowed to, or else
/// those of the connection; and what the account has been granted, because a new grant takes the place of the old one.
/// Never more than the connection has.
pub(super) fn asked_scopes(
    connection: &ConnectionView,
    account: &Account,
    wanted: Option<&ScopeSet>,
) -> ScopeSet {
    let all = connection.scopes();
    let chosen = match (wanted, &account.narrowed_scopes) {
        (None, None) => all.clone(),
        (Some(scopes), None) | (None, Some(scopes)) => scopes.clone(),
        (Some(wanted), Some(narrowed)) => wanted.union(narrowed),
    };
    chosen.union(&account.granted_scopes).common(&all)
}

/// The parameters that the connection adds and, without a person, those of `OpenID` Connect Core 1.0 §3.1.2.1.
fn further_parameters(connection: &ConnectionView, unattended: Option<&str>) -> BTreeMap<String, String> {
    let hint = unattended.into_iter().flat_map(|user| [("prompt", "none"), ("login_hint", user)]);
    let hint = hint.map(|(name, value)| (name.to_owned(), value.to_owned()));
    connection.config.parameters.clone().into_iter().chain(hint).collect()
}

impl App {
    /// Makes the request, and the flow, which takes over from an older one of the same link or, without a link, of the
    /// same account.
    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Asked, Problem> {
        let Ask { caller, account, connection, oauth2, scopes, mut fields, redirect_uri, .. } = ask;
        let config = &connection.config;
        if account.test_mode && !connection.is_for_tests() {
            tracing::warn!(connection = %connection.id, "the connection of a test account leads elsewhere by now");
            return Err(Problem::ConnectionMisconfigured);
        }
        fields.extend(config.fields.clone());
        let values = connection.connector.complete(fields.clone());
        let input = AuthorizationInput {
            oauth2,
            client: OauthClient {
                client_id: config.client_id.as_deref().unwrap_or_default(),
                client_secret: connection.secrets.client_secret.as_ref(),
                authentication: oauth2.token.client_authentication,
            },
            redirect_uri,
            scopes: &scopes,
            secondary_scopes: &connection.secondary_scopes(),
            parameters: &further_parameters(connection, ask.unattended),
            fields: &values,
            state: ask.state,
        };
        let request = self.provider.authorization_request(input).await.map_err(|error| {
            tracing::warn!(connection = %connection.id, %error, "authorization request could not be made");
            Problem::ConnectionMisconfigured
        })?;
        let now = self.clock.now();
        let id = FlowId::new(now, self.entropy.as_ref());
        let details = FlowDetails {
            state: request.state.expose().to_owned(),
            code_verifier: request.code_verifier.as_ref().map(|secret| secret.expose().to_owned()),
            nonce: request.nonce.as_ref().map(|secret| secret.expose().to_owned()),
            redirect_uri: redirect_uri.to_owned(),
            fields,
            scopes: request.scopes.clone(),
        };
        let row = flow::Flow {
            id: id.clone(),
            environment_id: account.environment_id.clone(),
            hosted: ask.hosted,
            account_id: account.id.clone(),
            connection_id: connection.id.clone(),
            state_hash: secrets::hash("state", request.state.expose()),
            details: self.seal_flow(&account.environment_id, &id, &details).await?,
            outcome: FlowOutcome::Started,
            outcome_detail: None,
            created_at: now,
            expires_at: now.plus_seconds(self.settings.flow_lifetime),
            claimed_at: None,
            ended_at: None,
        };
        let mut tx = self.pool.begin().await?;
        flow::insert(&mut tx, &row).await?;
        let about = About { account: Some(&account.id), connection: Some(&connection.id) };
        let details = json!({ "flow": id, "link": row.link(), "scopes": request.scopes });
        self.record(&mut tx, caller, EventKind::FlowStarted, about, &details).await?;
        tx.commit().await?;
        Ok(Asked { url: request.url, expires_at: row.expires_at })
    }
}
