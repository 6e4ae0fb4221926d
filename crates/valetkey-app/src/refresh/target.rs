//! Whom to ask for new tokens: a connection, and the definition that results from its settings.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value};
use valetkey_core::{
    connector::{AuthScheme, Oauth2},
    error_code::ErrorCode,
    id::{ConnectionId, EnvironmentId},
};
use valetkey_provider::{Fields, oauth::OauthClient};
use valetkey_store::connection;

use crate::{
    App, Error, Result,
    connection::{ConnectionView, effective_oauth2},
};

/// Whom to ask for new tokens.
#[derive(Debug)]
pub(crate) struct TokenTarget {
    /// The connection, as it was read.
    pub(crate) connection: ConnectionView,
    /// The definition with the settings of the connection laid over it.
    pub(crate) oauth2: Oauth2,
}

impl TokenTarget {
    /// Values for the placeholders of the definition: those of the connection, and those of an account, which are in
    /// its `api_config`.
    pub(crate) fn fields(&self, api_config: &Map<String, Value>) -> Fields {
        let connector = &self.connection.connector;
        let of_account = connector.fields().filter_map(|field| {
            let value = api_config.get(&field.name)?.as_str()?;
            Some((field.name.clone(), value.to_owned()))
        });
        let mut fields: Fields = of_account.collect();
        fields.extend(self.connection.config.fields.clone());
        connector.complete(fields)
    }

    /// The registered application.
    pub(crate) fn client(&self) -> OauthClient<'_> {
        OauthClient {
            client_id: self.connection.config.client_id.as_deref().unwrap_or_default(),
            client_secret: self.connection.secrets.client_secret.as_ref(),
            authentication: self.oauth2.token.client_authentication,
        }
    }
}

/// Targets by connection, each for the version of the connection that it was made from.
#[derive(Default)]
pub(crate) struct TokenTargets(Mutex<HashMap<ConnectionId, Arc<TokenTarget>>>);

/// How many targets are kept.
const KEPT: usize = 1000;

impl TokenTargets {
    fn get(&self, row: &connection::Connection) -> Option<Arc<TokenTarget>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let target = known.get(&row.id)?;
        let same = &target.connection;
        (same.version == row.version && same.fault == row.fault && same.fault_retry_at == row.fault_retry_at)
            .then(|| target.clone())
    }

    fn keep(&self, target: &Arc<TokenTarget>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(target.connection.id.clone(), target.clone());
    }
}

impl App {
    /// Whom to ask for the accounts of a connection.
    pub(crate) async fn token_target(
        &self,
        environment: &EnvironmentId,
        id: &ConnectionId,
    ) -> Result<Arc<TokenTarget>> {
        let row = connection::get(&mut *self.pool.read().await?, environment, id).await?;
        let row = row.ok_or_else(|| Error::not_found(format!("connection {id} not found")))?;
        if let Some(target) = self.targets.get(&row) {
            return Ok(target);
        }
        // The definition of a custom connector may change without its connections.
        let built_in = self.registry.get(&row.connector).is_some();
        let connection = self.view_connection(row).await?;
        let AuthScheme::Oauth2(definition) = &connection.connector.auth else {
            return Err(Error::new(
                ErrorCode::ConnectionIncomplete,
                format!("connection {id} does not use OAuth"),
            ));
        };
        let oauth2 = effective_oauth2(definition, &connection.config)?;
        let target = Arc::new(TokenTarget { connection, oauth2 });
        if built_in {
            self.targets.keep(&target);
        }
        Ok(target)
    }
}
