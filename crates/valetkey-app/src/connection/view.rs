//! A connection as callers see it.

use std::sync::Arc;

use serde_json::{Map, Value};
use valetkey_core::{
    Timestamp,
    connector::{AuthScheme, AuthType, Connector},
    id::ConnectionId,
    scope::ScopeSet,
};
use valetkey_provider::Fields;

use super::{ConnectionConfig, ConnectionSecrets};

/// A connection with its settings, and its secrets for the use cases only.
#[derive(Clone, Debug)]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// Its name, in the spelling it was created with.
    pub name: String,
    /// The connector's definition.
    pub connector: Arc<Connector>,
    /// Whether accounts may use it.
    pub enabled: bool,
    /// Its settings.
    pub config: ConnectionConfig,
    /// Its secrets. Surfaces show them masked.
    pub secrets: ConnectionSecrets,
    /// Callbacks of applications that an authorization may come back to, compared character by character.
    pub allowed_redirect_uris: Vec<String>,
    /// What is wrong with it, as far as the provider has told.
    pub fault: Option<String>,
    /// How often in a row it was found at fault.
    pub fault_count: i64,
    /// When it is tried again, where it is at fault.
    pub fault_retry_at: Option<Timestamp>,
    /// The address that has to be registered at the provider.
    pub redirect_uri: String,
    /// The row's version.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ConnectionView {
    /// Values for the placeholders of the definition: those of the connection, and those of an account, which are in
    /// its `api_config` or there among the `path_variables`.
    pub(crate) fn fields(&self, api_config: &Map<String, Value>) -> Fields {
        let variables = api_config.get("path_variables").and_then(Value::as_object);
        let of_account = self.connector.fields().filter_map(|field| {
            let own = api_config.get(&field.name);
            let value = own.or_else(|| variables?.get(&field.name))?.as_str()?;
            Some((field.name.clone(), value.to_owned()))
        });
        let mut fields: Fields = of_account.collect();
        fields.extend(self.config.fields.clone());
        self.connector.complete(fields)
    }

    /// How its accounts authenticate.
    pub fn auth_type(&self) -> AuthType {
        self.connector.auth.kind()
    }

    /// Whether it has everything that its connector needs.
    pub fn is_complete(&self) -> bool {
        match &self.connector.auth {
            AuthScheme::Oauth2(_) => self.config.client_id.as_deref().is_some_and(|id| !id.is_empty()),
            AuthScheme::Basic(_) | AuthScheme::Bearer(_) | AuthScheme::ApiKey(_) | AuthScheme::None => true,
        }
    }

    /// Whether it leads to a provider for tests, as its definition says; not where its endpoints were changed.
    pub fn is_for_tests(&self) -> bool {
        let ConnectionConfig { authorize_uri, token_uri, user_info_uri, .. } = &self.config;
        self.connector.test_provider
            && [authorize_uri, token_uri, user_info_uri].into_iter().all(Option::is_none)
    }

    /// The scopes that users are asked for; empty where the connector has none.
    pub fn scopes(&self) -> ScopeSet {
        let AuthScheme::Oauth2(oauth2) = &self.connector.auth else { return ScopeSet::default() };
        let chosen = self.config.scopes.as_ref().unwrap_or(&oauth2.scopes.default);
        chosen.iter().chain(&oauth2.scopes.always).cloned().collect()
    }

    /// The scopes of the second parameter.
    pub fn secondary_scopes(&self) -> ScopeSet {
        let AuthScheme::Oauth2(oauth2) = &self.connector.auth else { return ScopeSet::default() };
        let default =
            oauth2.scopes.secondary.as_ref().map(|secondary| secondary.default.clone()).unwrap_or_default();
        self.config.optional_scopes.clone().unwrap_or(default).into_iter().collect()
    }
}
