//! What accounts and connections are in `valetkey.v1`.

use serde_json::{Map, Value};
use tonic::Status;
use valetkey_app::{
    account::{AccountDetails, NewAccount, TokenStatus},
    connection::{ConnectionStatus, ConnectionView},
    credential::Snapshot,
};
use valetkey_core::{
    Timestamp,
    account::{LegacyStatus, NextAction},
    connector::{AuthScheme, Placement},
    credential::Credential,
    scope::ScopeSet,
    settings::AccountSettings,
};
use valetkey_proto::valetkey::v1 as wire;

use crate::{
    error::status_of,
    rpc::convert::{from_struct, timestamp, to_struct},
};

fn texts(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().map(ToOwned::to_owned).collect()
}

/// An account.
pub(super) fn account(details: AccountDetails) -> Result<wire::Account, Status> {
    let metadata = details.metadata().map_err(status_of)?;
    let next_action = details.next_action();
    let requested_scopes = details.narrowed_scopes().map(texts).unwrap_or_default();
    let AccountDetails { account: row, connection } = details;
    Ok(wire::Account {
        id: row.id.to_string(),
        connection_id: row.connection_id.to_string(),
        connection_name: row.connection_name,
        identifier: row.identifier,
        identifier_type: row.identifier_type,
        organization_id: row.organization_id,
        user_id: row.user_id,
        provider: connection.connector.slug.clone(),
        status: LegacyStatus::from(row.state).as_str().into(),
        status_reason: row.reason.as_str().into(),
        next_action: next_action.as_str().into(),
        status_changed_at: Some(timestamp(row.state_changed_at)),
        connector_type: connector_type(&connection.connector.auth).into(),
        connector_status: connector_status(connection.status()).into(),
        scopes: texts(&row.granted_scopes),
        requested_scopes,
        expires_at: row.token_expires_at.map(timestamp),
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
        last_used_at: row.last_used_at.map(timestamp),
        last_authorized_at: row.last_authorized_at.map(timestamp),
        metadata: Some(to_struct(metadata)),
        settings: Some(settings(&row.settings)),
        test_mode: row.test_mode,
    })
}

/// The state of an account.
pub(super) fn account_status(details: &AccountDetails) -> wire::AccountStatus {
    let row = &details.account;
    wire::AccountStatus {
        status: LegacyStatus::from(row.state).as_str().into(),
        status_reason: row.reason.as_str().into(),
        next_action: NextAction::of(row.state, row.reason).as_str().into(),
        status_changed_at: Some(timestamp(row.state_changed_at)),
    }
}

/// What is known of the tokens of an account at `now`.
pub(super) fn token_status(status: TokenStatus, now: Timestamp) -> wire::TokenStatus {
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    wire::TokenStatus {
        state: status.token_state(now).as_str().into(),
        issued_at: status.issued_at.map(timestamp),
        expires_at: status.expires_at.map(timestamp),
        refreshable: status.refreshable,
        auto_refresh: status.auto_refresh,
        next_refresh_at: status.due_at.filter(|_| status.refreshable).map(timestamp),
        generation: count(status.generation),
        consecutive_failures: count(status.failures),
        last_outcome: status.last_outcome.map(|outcome| outcome.as_str().into()),
        last_detail: status.last_detail,
        last_refresh_at: status.last_outcome_at.map(timestamp),
    }
}

/// What the application has set on an account.
pub(super) fn settings(set: &AccountSettings) -> wire::AccountSettings {
    wire::AccountSettings {
        auto_refresh: set.auto_refresh,
        expires_in: set.expires_in.and_then(|seconds| u32::try_from(seconds).ok()),
        rate_limit: set.rate_limit,
        timeout: set.timeout,
        retry_attempts: set.retry_attempts,
    }
}

/// What a request sets on an account.
pub(super) fn from_settings(set: wire::AccountSettings) -> AccountSettings {
    AccountSettings {
        auto_refresh: set.auto_refresh,
        expires_in: set.expires_in.map(i64::from),
        rate_limit: set.rate_limit,
        timeout: set.timeout,
        retry_attempts: set.retry_attempts,
    }
}

/// An account that a request wants.
pub(super) fn new_account(wanted: wire::CreateAccountRequest) -> NewAccount {
    NewAccount {
        connection: wanted.connection_id.or(wanted.connection_name).unwrap_or_default(),
        identifier: wanted.identifier,
        identifier_type: wanted.identifier_type,
        scopes: wanted.scopes,
        settings: wanted.settings.map(from_settings).unwrap_or_default(),
        metadata: wanted.metadata.map(from_struct).unwrap_or_default(),
        test_mode: wanted.test_mode,
        organization_id: wanted.organization_id,
        user_id: wanted.user_id,
    }
}

/// The tokens of a test account.
pub(super) fn test_tokens(snapshot: &Snapshot) -> wire::TestTokens {
    let Some(Credential::Oauth2(tokens)) = &snapshot.credential else { return wire::TestTokens::default() };
    wire::TestTokens {
        access_token: tokens.access_token.expose().to_owned(),
        refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose().to_owned()),
        token_type: "Bearer".into(),
        expires_at: snapshot.account.token_expires_at.map(timestamp),
        scopes: texts(&snapshot.account.granted_scopes),
    }
}

/// The credential of an account: tokens, or what its user has filled in.
pub(super) fn credential(snapshot: &Snapshot) -> wire::CredentialAnswer {
    let account = &snapshot.account;
    let answer = wire::CredentialAnswer { scopes: texts(&account.granted_scopes), ..Default::default() };
    match &snapshot.credential {
        Some(Credential::Oauth2(tokens)) => wire::CredentialAnswer {
            access_token: Some(tokens.access_token.expose().to_owned()),
            refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose().to_owned()),
            token_type: Some("Bearer".into()),
            expires_at: account.token_expires_at.map(timestamp),
            ..answer
        },
        Some(Credential::Static(values)) => {
            let values: Map<String, Value> = serde_json::from_str(values.expose()).unwrap_or_default();
            let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            wire::CredentialAnswer {
                fields: values.into_iter().map(|(name, value)| (name, text(value))).collect(),
                ..answer
            }
        }
        None => answer,
    }
}

/// A connection.
pub(super) fn connection(view: &ConnectionView) -> wire::Connection {
    wire::Connection {
        id: view.id.to_string(),
        name: view.name.clone(),
        provider: view.connector.slug.clone(),
        r#type: connector_type(&view.connector.auth).into(),
        status: connector_status(view.status()).into(),
        status_reason: view.status_reason().into(),
        scopes: texts(&view.scopes()),
        redirect_uri: view.redirect_uri.clone(),
        allowed_redirect_uris: view.allowed_redirect_uris.clone(),
        created_at: Some(timestamp(view.created_at)),
        updated_at: Some(timestamp(view.updated_at)),
    }
}

/// Whether a connection works.
pub(super) const fn connector_status(status: ConnectionStatus) -> wire::ConnectorStatus {
    match status {
        ConnectionStatus::Active => wire::ConnectorStatus::Active,
        ConnectionStatus::Inactive => wire::ConnectorStatus::Inactive,
        ConnectionStatus::Pending => wire::ConnectorStatus::Pending,
        ConnectionStatus::Error => wire::ConnectorStatus::Error,
    }
}

/// How a connection authenticates. Keys that are not sent as they are, but sign each request, are a way of their own.
pub(super) fn connector_type(auth: &AuthScheme) -> wire::ConnectorType {
    let as_it_is = |place: &Placement| {
        matches!(place, Placement::Header { .. } | Placement::Query { .. } | Placement::Basic { .. })
    };
    match auth {
        AuthScheme::Oauth2(_) => wire::ConnectorType::Oauth2,
        AuthScheme::Basic(_) => wire::ConnectorType::BasicAuth,
        AuthScheme::ApiKey(keys) if !keys.place.iter().all(as_it_is) => wire::ConnectorType::Custom,
        AuthScheme::Bearer(_) | AuthScheme::ApiKey(_) => wire::ConnectorType::ApiKey,
        AuthScheme::None => wire::ConnectorType::NoAuth,
    }
}
