//! Connections in memory, each for the version that it was read at.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use valetkey_core::id::{ConnectionId, EnvironmentId};
use valetkey_store::connection::{self, Connection};

use super::{ConnectionView, read::unknown};
use crate::{App, Result};

/// How many connections are kept.
const KEPT: usize = 1000;

/// Connections by id.
#[derive(Default)]
pub(crate) struct KnownConnections(Mutex<HashMap<ConnectionId, Arc<ConnectionView>>>);

impl KnownConnections {
    fn get(&self, row: &Connection) -> Option<Arc<ConnectionView>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&row.id)?;
        let same = found.version == row.version
            && found.enabled == row.enabled
            && found.fault == row.fault
            && found.fault_retry_at == row.fault_retry_at;
        same.then(|| found.clone())
    }

    fn keep(&self, connection: &Arc<ConnectionView>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(connection.id.clone(), connection.clone());
    }
}

impl App {
    /// The connection with this id, as it is now. Its secrets are not opened again while it stays the same.
    pub(crate) async fn known_connection(
        &self,
        environment: &EnvironmentId,
        id: &ConnectionId,
    ) -> Result<Arc<ConnectionView>> {
        let row = connection::get(&mut *self.pool.read().await?, environment, id).await?;
        let row = row.ok_or_else(|| unknown(id.as_str()))?;
        if let Some(known) = self.connections.get(&row) {
            return Ok(known);
        }
        // The definition of a custom connector may change without its connections.
        let built_in = self.registry.get(&row.connector).is_some();
        let connection = Arc::new(self.view_connection(row).await?);
        if built_in {
            self.connections.keep(&connection);
        }
        Ok(connection)
    }
}
