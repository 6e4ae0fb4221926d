//! A connection by its id or its name.

use valetkey_core::id::{ConnectionId, EnvironmentId};
use valetkey_store::{
    Conn,
    connection::{self, Connection},
};

use super::{ConnectionView, name};
use crate::{App, Caller, Result};

/// The connection with this id or, where there is none, with this name.
pub(crate) async fn addressed(
    conn: &mut Conn,
    environment: &EnvironmentId,
    id_or_name: &str,
) -> Result<Connection> {
    if let Ok(id) = id_or_name.trim().parse::<ConnectionId>()
        && let Some(row) = connection::get(conn, environment, &id).await?
    {
        return Ok(row);
    }
    match connection::by_name(conn, environment, id_or_name).await? {
        Some(row) => Ok(row),
        None => Err(name::not_found(conn, environment, id_or_name).await?),
    }
}

impl App {
    /// The connection with this id or name, the latter without regard to case.
    pub async fn connection_addressed(&self, caller: &Caller, id_or_name: &str) -> Result<ConnectionView> {
        let mut reader = self.pool.read().await?;
        let row = addressed(&mut reader, &caller.environment, id_or_name).await?;
        drop(reader);
        self.view_connection(row).await
    }
}
