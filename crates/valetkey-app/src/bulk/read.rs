//! Read an operation and its results.

use std::collections::HashMap;

use valetkey_core::{
    bulk::BulkItemState,
    error_code::ErrorCode,
    id::{AccountId, BulkOperationId},
};
use valetkey_store::{
    PageRequest, account,
    bulk::{self, Item, Operation},
};

use super::failure::Failure;
use crate::{App, Caller, Error, Result, account::AccountDetails};

/// The most results of a page, and how many it has where nobody says.
const PAGE: u32 = 1000;

/// What became of one item.
#[derive(Debug)]
pub struct BulkResult {
    /// The place of the item in the request, from 0.
    pub place: i64,
    /// What became of it.
    pub state: BulkItemState,
    /// Its account, once that is known.
    pub account_id: Option<AccountId>,
    /// The account as it is, where the item succeeded and the account exists.
    pub account: Option<AccountDetails>,
    /// Whether the operation created the account.
    pub created: bool,
    /// Why the item failed.
    pub error: Option<Error>,
}

impl App {
    /// An operation of the caller's environment.
    pub async fn bulk_operation(&self, caller: &Caller, id: &str) -> Result<Operation> {
        let unknown = || {
            let message = format!("bulk operation {id} not found; one is kept for a week after its end");
            Error::new(ErrorCode::OperationNotFound, message)
        };
        let parsed: BulkOperationId = id.trim().parse().map_err(|_| unknown())?;
        let found = bulk::get(&mut *self.pool.read().await?, &caller.environment, &parsed).await?;
        found.ok_or_else(unknown)
    }

    /// The results of an operation in the order of its items, or those of the items that failed: a page of at most
    /// 1,000, and the token of the next one.
    pub async fn bulk_results(
        &self,
        caller: &Caller,
        id: &str,
        failed_only: bool,
        page: &PageRequest,
    ) -> Result<(Vec<BulkResult>, Option<String>)> {
        let operation = self.bulk_operation(caller, id).await?;
        let size = if page.size == 0 { PAGE } else { page.size.min(PAGE) } as usize;
        let from = first_place(page)?;
        let range = (from, i64::try_from(size).map_err(Error::internal)? + 1);
        let mut reader = self.pool.read().await?;
        let (environment, id) = (&operation.environment_id, &operation.id);
        let mut items = bulk::items(&mut reader, environment, id, failed_only, range).await?;
        drop(reader);
        let next = items.get(size).map(|item| item.place.to_string());
        items.truncate(size);
        Ok((self.results_of(caller, items).await?, next))
    }

    async fn results_of(&self, caller: &Caller, items: Vec<Item>) -> Result<Vec<BulkResult>> {
        let done = items.iter().filter(|item| item.state == BulkItemState::Succeeded);
        let ids: Vec<AccountId> = done.filter_map(|item| item.account_id.clone()).collect();
        let rows = account::get_all(&mut *self.pool.read().await?, &caller.environment, &ids).await?;
        let details = self.details_of_all(rows).await?;
        let accounts: HashMap<AccountId, AccountDetails> =
            details.into_iter().map(|details| (details.account.id.clone(), details)).collect();
        let result = |item: Item| {
            let succeeded = item.state == BulkItemState::Succeeded;
            let account = item.account_id.as_ref().filter(|_| succeeded).and_then(|id| accounts.get(id));
            Ok(BulkResult {
                place: item.place,
                state: item.state,
                account: account.cloned(),
                account_id: item.account_id,
                created: item.created,
                error: item.error.as_deref().map(Failure::read).transpose()?,
            })
        };
        items.into_iter().map(result).collect()
    }
}

/// The place that a page begins with.
fn first_place(page: &PageRequest) -> Result<i64> {
    match page.token.as_deref().filter(|token| !token.is_empty()) {
        None => Ok(0),
        Some(token) => token.parse().ok().filter(|place| *place >= 0).ok_or_else(|| {
            let text = "does not belong to this list; start again without one";
            Error::invalid("page_token", "page_token", text)
        }),
    }
}
