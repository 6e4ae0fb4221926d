//! The free JSON that an account carries for calls to its API. It may hold secrets and is sealed.

use serde_json::{Map, Value};
use valetkey_core::{
    connector::Connector,
    id::{AccountId, EnvironmentId},
    sealed::{SealContext, Sealed},
};

use crate::{App, Error, Result};

fn context<'a>(environment: &'a EnvironmentId, account: &'a AccountId) -> SealContext<'a> {
    SealContext {
        environment: environment.as_str(),
        table: "accounts",
        row: account.as_str(),
        field: "api_config",
    }
}

/// Lays `change` over `base`, key by key at the top level; `null` removes a key.
pub(super) fn merge(base: &mut Map<String, Value>, change: Map<String, Value>) {
    for (key, value) in change {
        if value.is_null() {
            base.remove(&key);
        } else {
            base.insert(key, value);
        }
    }
}

/// What a caller sees: the stored keys, and those that the connector always shows, `null` where unset.
pub(super) fn shown(connector: Option<&Connector>, stored: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = stored.clone();
    for key in connector.map(|connector| connector.api_config_keys.as_slice()).unwrap_or_default() {
        shown.entry(key.clone()).or_insert(Value::Null);
    }
    shown
}

impl App {
    pub(crate) async fn seal_api_config(
        &self,
        environment: &EnvironmentId,
        account: &AccountId,
        config: &Map<String, Value>,
    ) -> Result<Option<Sealed>> {
        if config.is_empty() {
            return Ok(None);
        }
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(config).map_err(Error::internal)?);
        self.keys.seal(context(environment, account), &plain).await.map(Some)
    }

    pub(crate) async fn open_api_config(
        &self,
        environment: &EnvironmentId,
        account: &AccountId,
        sealed: Option<&Sealed>,
    ) -> Result<Map<String, Value>> {
        let Some(sealed) = sealed else { return Ok(Map::new()) };
        let plain = self.keys.open(context(environment, account), sealed).await?;
        serde_json::from_slice(&plain).map_err(Error::internal)
    }
}
