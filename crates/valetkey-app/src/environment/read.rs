//! Read environments.

use valetkey_core::id::EnvironmentId;
use valetkey_store::environment;

use super::Environment;
use crate::{App, Error, Result};

impl App {
    /// Every environment, oldest first.
    pub async fn list_environments(&self) -> Result<Vec<Environment>> {
        Ok(environment::list(&mut *self.pool.read().await?).await?)
    }

    /// The environment with this name or id.
    pub async fn environment_named(&self, name: &str) -> Result<Environment> {
        let mut reader = self.pool.read().await?;
        let found = match name.parse::<EnvironmentId>() {
            Ok(id) => environment::get(&mut reader, &id).await?,
            Err(_) => environment::by_name(&mut reader, name).await?,
        };
        found.ok_or_else(|| {
            Error::not_found(format!(
                "environment \"{name}\" not found; `valetkey environment list` shows those that exist"
            ))
        })
    }

    /// The environment of a row that refers to it.
    pub(crate) async fn environment(&self, id: &EnvironmentId) -> Result<Environment> {
        let found = environment::get(&mut *self.pool.read().await?, id).await?;
        found.ok_or_else(|| Error::not_found("environment not found"))
    }
}
