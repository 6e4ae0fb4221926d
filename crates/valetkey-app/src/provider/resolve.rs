//! Find the definition of a connector, built-in or custom.

use std::sync::Arc;

use valetkey_core::{connector::Connector, id::EnvironmentId};
use valetkey_store::custom_connector;

use crate::{App, Error, Result};

impl App {
    /// The definition with this provider key or slug, or this identifier of a custom provider.
    pub(crate) async fn connector(&self, environment: &EnvironmentId, key: &str) -> Result<Arc<Connector>> {
        if let Some(connector) = self.registry.get(key) {
            return Ok(connector.clone());
        }
        let row = custom_connector::get(&mut *self.pool.read().await?, environment, key).await?;
        let Some(row) = row else {
            let near = self.registry.suggest(key);
            let help = near.map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default();
            return Err(Error::not_found(format!("provider \"{key}\" not found{help}")));
        };
        serde_json::from_str(&row.definition).map(Arc::new).map_err(Error::internal)
    }
}
