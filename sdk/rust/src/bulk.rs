//! Operations on many accounts.

use std::time::Duration;

use valetkey_proto::valetkey::v1::{self as wire, bulk_service_client::BulkServiceClient};

use crate::{Error, call::part};

/// The pause between two looks at an operation that goes on: at first, and in the end.
const FIRST_LOOK: Duration = Duration::from_millis(250);
const LONGEST_LOOK: Duration = Duration::from_secs(5);

part! {
    /// Operations on many accounts. Each waits as long as its request says, and then goes on by itself.
    BulkOperations
    BulkServiceClient {
        /// Creates the accounts that do not exist yet.
        fn create_accounts(accounts: wire::BulkCreateAccountsRequest) -> wire::BulkOperation =
            bulk_create_accounts(accounts);
        /// Refreshes the access tokens of accounts.
        fn refresh_tokens(accounts: wire::BulkRefreshTokensRequest) -> wire::BulkOperation =
            bulk_refresh_tokens(accounts);
        /// Changes the settings that are named on all of the accounts.
        fn update_settings(change: wire::BulkUpdateSettingsRequest) -> wire::BulkOperation =
            bulk_update_settings(change);
        /// Deletes accounts and their credentials.
        fn delete_accounts(accounts: wire::BulkDeleteAccountsRequest) -> wire::BulkOperation =
            bulk_delete_accounts(accounts);
        /// Reads how far an operation is.
        fn get(operation_id: &str) -> wire::BulkOperation =
            get_bulk_operation(wire::GetBulkOperationRequest { operation_id: operation_id.into() });
        /// Lists the results of an operation in the order of its items; a page at a time.
        fn list_results(filters: wire::ListBulkResultsRequest) -> wire::ListBulkResultsResponse =
            list_bulk_results(filters);
    }
}

/// What became of a finished operation.
#[derive(Clone, Debug)]
pub struct BulkResults {
    /// The operation, with its counts.
    pub operation: wire::BulkOperation,
    /// What became of each item, in the order of the items.
    pub results: Vec<wire::BulkResult>,
}

impl BulkOperations {
    /// Waits for the end of an operation, and reads what became of its items.
    pub async fn wait(&self, mut operation: wire::BulkOperation) -> Result<BulkResults, Error> {
        let mut look = FIRST_LOOK;
        while operation.state != "finished" {
            tokio::time::sleep(look).await;
            look = LONGEST_LOOK.min(look * 2);
            operation = self.get(&operation.id).await?;
        }
        let mut results = std::mem::take(&mut operation.results);
        if u32::try_from(results.len()).ok() != Some(operation.total) {
            results = self.all_results(&operation.id).await?;
        }
        Ok(BulkResults { operation, results })
    }

    async fn all_results(&self, operation_id: &str) -> Result<Vec<wire::BulkResult>, Error> {
        let mut asked =
            wire::ListBulkResultsRequest { operation_id: operation_id.into(), ..Default::default() };
        let mut results = Vec::new();
        loop {
            let page = self.list_results(asked.clone()).await?;
            results.extend(page.results);
            if page.next_page_token.is_empty() {
                return Ok(results);
            }
            asked.page_token = page.next_page_token;
        }
    }
}
