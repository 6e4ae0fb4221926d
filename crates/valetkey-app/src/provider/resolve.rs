//! Find the definition of a connector, built-in or custom.

use std::sync::Arc;

use valetkey_core::{connector::Connector, id::EnvironmentId};
use valetkey_store::custom_connector;

use crate::{App, Caller, Error, Result};

impl App {
    /// The provider key of a slug, as connections keep it; the slug itself where no provider has it.
    pub async fn provider_key(&self, caller: &Caller, slug: &str) -> Result<String> {
        if let Some(connector) = self.registry.get(slug) {
            return Ok(connector.provider_key.clone());
        }
        for row in custom_connector::list(&mut *self.pool.read().await?, &caller.environment).await? {
            let connector: Connector = serde_json::from_str(&row.definition).map_err(Error::internal)?;
            if connector.slug.eq_ignore_ascii_case(slug) {
                return Ok(row.identifier);
            }
        }
        Ok(slug.to_owned())
    }

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
