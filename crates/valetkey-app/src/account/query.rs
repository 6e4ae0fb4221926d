//! Find accounts by what is shown of them.

use valetkey_core::{Timestamp, account::LegacyStatus};
use valetkey_store::{Page, PageRequest, account};

use super::AccountDetails;
use crate::{App, Caller, Error, Result, connection::addressed};

/// Which accounts: those that meet everything that is given. Empty texts count as absent.
#[derive(Clone, Debug, Default)]
pub struct QueryAccounts {
    /// Id or name of a connection.
    pub connection: Option<String>,
    /// In any of these.
    pub statuses: Vec<LegacyStatus>,
    /// Slug of a provider.
    pub provider: Option<String>,
    /// The application's own key for the user.
    pub identifier: Option<String>,
    /// What kind of key that is.
    pub identifier_type: Option<String>,
    /// Values of the application's metadata, each as `path=value`.
    pub metadata: Vec<String>,
    /// Changed at this time or after it.
    pub updated_since: Option<Timestamp>,
    /// Test accounts only, or all but them.
    pub test_mode: Option<bool>,
    /// Of this organization.
    pub organization_id: Option<String>,
    /// Which page.
    pub page: PageRequest,
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl App {
    /// The accounts of the caller's environment that meet the query, oldest first.
    pub async fn query_accounts(
        &self,
        caller: &Caller,
        query: QueryAccounts,
    ) -> Result<Page<AccountDetails>> {
        if query.metadata.len() > account::METADATA_TERMS {
            let text = format!("must have at most {} items", account::METADATA_TERMS);
            return Err(Error::invalid("metadata", "repeated.max_items", text));
        }
        let connector = match given(query.provider) {
            Some(slug) => Some(self.provider_key(caller, &slug).await?),
            None => None,
        };
        let mut reader = self.pool.read().await?;
        let connection_ids = match given(query.connection) {
            Some(name) => vec![addressed(&mut reader, &caller.environment, &name).await?.id],
            None => vec![],
        };
        let states: Vec<_> = query.statuses.iter().flat_map(|status| status.states()).collect();
        let filter = account::Filter {
            connection_ids,
            connector,
            shown: (!states.is_empty()).then(|| account::Shown { states, at: self.clock.now() }),
            identifier: given(query.identifier),
            identifier_type: given(query.identifier_type),
            metadata: query.metadata,
            updated_since: query.updated_since,
            test_mode: query.test_mode,
            organization_id: given(query.organization_id),
            ..account::Filter::default()
        };
        let found = account::list(&mut reader, &caller.environment, &filter, &query.page).await?;
        drop(reader);
        let items = self.details_of_all(found.items).await?;
        Ok(Page { items, next: found.next, previous: found.previous, total: found.total })
    }
}
