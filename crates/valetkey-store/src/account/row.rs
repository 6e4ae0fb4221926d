//! The row of an account.

use valetkey_core::{
    Timestamp,
    account::{Reason, State},
    connector::AuthType,
    id::{AccountId, ConnectionId, EnvironmentId},
    scope::ScopeSet,
    sealed::Sealed,
    settings::AccountSettings,
};

use crate::{Result, sql::Row};

/// A connected account, with what it shows of its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// Its connection.
    pub connection_id: ConnectionId,
    /// The name of its connection. Belongs to the connection; not written with the account.
    pub connection_name: String,
    /// The key of its connector. Belongs to the connection; not written with the account.
    pub connector: String,
    /// How it authenticates. Belongs to the connection; not written with the account.
    pub auth_type: AuthType,
    /// What is wrong with its connection. Belongs to the connection; not written with the account.
    pub connection_fault: Option<String>,
    /// The application's own id of the user.
    pub identifier: String,
    /// What kind of id that is.
    pub identifier_type: String,
    /// The organization it is scoped to.
    pub organization_id: Option<String>,
    /// The user of the organization it is scoped to.
    pub user_id: Option<String>,
    /// Its state.
    pub state: State,
    /// Why it is in that state.
    pub reason: Reason,
    /// Since when it is in that state.
    pub state_changed_at: Timestamp,
    /// Free JSON for calls to the API, which may hold secrets.
    pub api_config: Option<Sealed>,
    /// What is known of the user at the provider, a JSON object: `provider_account_id`, `user_email` and others.
    pub metadata: String,
    /// The application's own values, a JSON object.
    pub application_metadata: String,
    /// What the application has set on it.
    pub settings: AccountSettings,
    /// Whether it is a test account, whose tokens are good at the test provider only. Never changes.
    pub test_mode: bool,
    /// The scopes that its application has narrowed it to; those of the connection where absent.
    pub narrowed_scopes: Option<ScopeSet>,
    /// The scopes that were asked for.
    pub requested_scopes: ScopeSet,
    /// The scopes that were granted.
    pub granted_scopes: ScopeSet,
    /// When the access token runs out, where that is known.
    pub token_expires_at: Option<Timestamp>,
    /// When its credential was last used.
    pub last_used_at: Option<Timestamp>,
    /// When its user last authorized.
    pub last_authorized_at: Option<Timestamp>,
    /// Counts the changes.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Account {
    pub(super) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.id("id")?,
            environment_id: row.id("environment_id")?,
            connection_id: row.id("connection_id")?,
            connection_name: row.text("connection_name")?,
            connector: row.text("connector")?,
            auth_type: row.named("auth_type", AuthType::parse)?,
            connection_fault: row.text_opt("connection_fault")?,
            identifier: row.text("identifier")?,
            identifier_type: row.text("identifier_type")?,
            organization_id: row.text_or_empty("organization_id")?,
            user_id: row.text_or_empty("user_id")?,
            state: row.named("state", State::parse)?,
            reason: row.named("reason", Reason::parse)?,
            state_changed_at: row.time("state_changed_at")?,
            api_config: row.sealed_opt("api_config")?,
            metadata: row.text("metadata")?,
            application_metadata: row.text("application_metadata")?,
            settings: row.json_of("settings")?,
            test_mode: row.flag("test_mode")?,
            narrowed_scopes: row.scopes_opt("narrowed_scopes")?,
            requested_scopes: row.scopes("requested_scopes")?,
            granted_scopes: row.scopes("granted_scopes")?,
            token_expires_at: row.time_opt("token_expires_at")?,
            last_used_at: row.time_opt("last_used_at")?,
            last_authorized_at: row.time_opt("last_authorized_at")?,
            version: row.int("version")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }
}
