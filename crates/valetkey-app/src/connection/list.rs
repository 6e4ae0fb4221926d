//! List connections.

use valetkey_store::{Page, PageRequest, connection};

use super::ConnectionView;
use crate::{App, Caller, Result};

/// Which connections.
#[derive(Clone, Debug, Default)]
pub struct ListConnections {
    /// Of this connector only.
    pub connector: Option<String>,
    /// Whose name or connector contains this text.
    pub query: Option<String>,
    /// Which page.
    pub page: PageRequest,
}

impl App {
    /// The connections of the caller's environment.
    pub async fn list_connections(
        &self,
        caller: &Caller,
        request: ListConnections,
    ) -> Result<Page<ConnectionView>> {
        let filter = connection::Filter { connector: request.connector, query: request.query };
        let mut reader = self.pool.read().await?;
        let page = connection::list(&mut reader, &caller.environment, &filter, &request.page).await?;
        drop(reader);
        let mut items = Vec::with_capacity(page.items.len());
        for row in page.items {
            items.push(self.view_connection(row).await?);
        }
        Ok(Page { items, next: page.next, previous: page.previous, total: page.total })
    }
}
