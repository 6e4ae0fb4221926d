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

use crate::{
    App, Error, Result,
    connection::{ConnectionView, effective_oauth2},
};

/// Whom to ask for new tokens.
#[derive(Debug)]
pub(crate) struct TokenTarget {
    /// The connection, as it was read.
    pub(crate) connection: Arc<ConnectionView>,
    /// The definition with the settings of the connection laid over it.
    pub(crate) oauth2: Oauth2,
}

impl TokenTarget {
    /// Values for the placeholders of the definition.
    pub(crate) fn fields(&self, api_config: &Map<String, Value>) -> Fields {
        self.connection.fields(api_config)
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

/// Targets by connection, each for the connection that it was made of.
#[derive(Default)]
pub(crate) struct TokenTargets(Mutex<HashMap<ConnectionId, Arc<TokenTarget>>>);

/// How many targets are kept.
const KEPT: usize = 1000;

impl TokenTargets {
    fn get(&self, connection: &Arc<ConnectionView>) -> Option<Arc<TokenTarget>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let target = known.get(&connection.id)?;
        Arc::ptr_eq(&target.connection, connection).then(|| target.clone())
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
        let connection = self.known_connection(environment, id).await?;
        if let Some(target) = self.targets.get(&connection) {
            return Ok(target);
        }
        let AuthScheme::Oauth2(definition) = &connection.connector.auth else {
            return Err(Error::new(
                ErrorCode::ConnectionIncomplete,
                format!("connection {id} does not use OAuth"),
            ));
        };
        let oauth2 = effective_oauth2(definition, &connection.config)?;
        let target = Arc::new(TokenTarget { connection, oauth2 });
        self.targets.keep(&target);
        Ok(target)
    }
}
