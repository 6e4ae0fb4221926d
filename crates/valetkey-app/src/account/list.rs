//! List and search accounts.

use valetkey_core::id::ConnectionId;
use valetkey_store::{Page, PageRequest, account, connection};

use super::Account;
use crate::{App, Caller, Result, connection as names};

/// Which accounts. Empty texts count as absent.
#[derive(Clone, Debug, Default)]
pub struct ListAccounts {
    /// Of these connections, by name.
    pub connection_names: Vec<String>,
    /// Of this user.
    pub identifier: Option<String>,
    /// Of this provider, by its key.
    pub provider: Option<String>,
    /// Of this organization.
    pub organization_id: Option<String>,
    /// Of this user of the organization.
    pub user_id: Option<String>,
    /// With a word that starts with this text, in identifier or e-mail address.
    pub query: Option<String>,
    /// Which page.
    pub page: PageRequest,
}

/// Which accounts to look for.
#[derive(Clone, Debug, Default)]
pub struct SearchAccounts {
    /// The start of a word of the identifier or the e-mail address.
    pub query: String,
    /// Of this connection only.
    pub connection_id: Option<String>,
    /// Which page.
    pub page: PageRequest,
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl App {
    /// The accounts of the caller's environment, oldest first.
    pub async fn list_accounts(&self, caller: &Caller, request: ListAccounts) -> Result<Page<Account>> {
        let mut reader = self.pool.read().await?;
        let mut connection_ids = Vec::with_capacity(request.connection_names.len());
        for name in &request.connection_names {
            let Some(row) = connection::by_name(&mut reader, &caller.environment, name).await? else {
                return Err(names::not_found(&mut reader, &caller.environment, name).await?);
            };
            connection_ids.push(row.id);
        }
        let filter = account::Filter {
            connection_ids,
            identifier: given(request.identifier),
            connector: given(request.provider),
            organization_id: given(request.organization_id),
            user_id: given(request.user_id),
            query: given(request.query),
            ..account::Filter::default()
        };
        if let Some((query, connection)) = filter.text_only() {
            let page = &request.page;
            let found = account::search(&mut reader, &caller.environment, query, connection, page).await?;
            return Ok(self.shown_page(found));
        }
        let found = account::list(&mut reader, &caller.environment, &filter, &request.page).await?;
        Ok(self.shown_page(found))
    }

    /// The accounts that a text finds.
    pub async fn search_accounts(&self, caller: &Caller, request: SearchAccounts) -> Result<Page<Account>> {
        let connection: Option<ConnectionId> = match given(request.connection_id) {
            Some(id) => Some(id.parse().map_err(|_| names::unknown(&id))?),
            None => None,
        };
        let mut reader = self.pool.read().await?;
        let query = request.query;
        let found =
            account::search(&mut reader, &caller.environment, &query, connection.as_ref(), &request.page)
                .await?;
        Ok(self.shown_page(found))
    }

    fn shown_page(&self, mut page: Page<Account>) -> Page<Account> {
        page.items = page.items.into_iter().map(|row| self.shown(row)).collect();
        page
    }
}
