//! Begin an operation.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use valetkey_core::{
    bulk::{BulkItemState, BulkKind},
    error_code::ErrorCode,
    id::{BulkOperationId, RequestId},
    settings::AccountSettings,
};
use valetkey_store::bulk::{self, Item, Operation};

use super::chunk::lease;
use crate::{App, Caller, Error, Result, account::NewAccount, cleanup::CleanupQuery};

/// The most items of an operation.
const MOST: usize = 10_000;

/// How many operations of an environment may be unfinished at the same time. Each is a task that writes, so that more of
/// them would only keep each other, and everybody else, waiting.
const UNFINISHED: i64 = 20;

/// What to do with which accounts.
#[derive(Clone, Debug)]
pub enum BulkWork {
    /// Create these where they do not exist yet.
    Create(Vec<NewAccount>),
    /// Refresh the access tokens of the accounts with these ids.
    Refresh(Vec<String>),
    /// Change the settings that are named on the accounts with these ids.
    UpdateSettings(Vec<String>, AccountSettings),
    /// Delete the accounts with these ids.
    Delete(Vec<String>),
    /// Disconnect the accounts with these ids.
    Disconnect(Vec<String>),
    /// Delete or disconnect the accounts with these ids that a cleanup policy finds when it is their turn.
    CleanUp(Vec<String>, CleanupAction, CleanupQuery),
}

/// What is done with accounts that nobody needs any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CleanupAction {
    /// Their credentials are destroyed.
    Disconnect,
    /// They are deleted.
    Delete,
}

impl BulkWork {
    fn kind(&self) -> BulkKind {
        match self {
            Self::Create(_) => BulkKind::Create,
            Self::Refresh(_) => BulkKind::Refresh,
            Self::UpdateSettings(..) => BulkKind::UpdateSettings,
            Self::Delete(_) | Self::CleanUp(_, CleanupAction::Delete, _) => BulkKind::Delete,
            Self::Disconnect(_) | Self::CleanUp(_, CleanupAction::Disconnect, _) => BulkKind::Disconnect,
        }
    }

    /// What all items have in common.
    fn input(&self) -> Value {
        match self {
            Self::UpdateSettings(_, settings) => json!(settings),
            Self::CleanUp(_, _, query) => json!(query),
            Self::Create(_) | Self::Refresh(_) | Self::Delete(_) | Self::Disconnect(_) => Value::Null,
        }
    }

    fn items(&self) -> Result<Vec<Item>> {
        match self {
            Self::Create(accounts) => items(accounts),
            Self::Refresh(ids)
            | Self::UpdateSettings(ids, _)
            | Self::Delete(ids)
            | Self::Disconnect(ids)
            | Self::CleanUp(ids, _, _) => items(ids),
        }
    }
}

fn items<T: Serialize>(inputs: &[T]) -> Result<Vec<Item>> {
    let item = |(place, input): (i64, &T)| {
        Ok(Item {
            place,
            input: serde_json::to_string(input).map_err(Error::internal)?,
            state: BulkItemState::Pending,
            account_id: None,
            created: false,
            error: None,
        })
    };
    (0..).zip(inputs).map(item).collect()
}

impl App {
    /// Begins an operation on at most 10,000 accounts, and waits up to `wait` for its end; it goes on where the caller
    /// gives up. Where `request` has begun one already, that one is answered, whatever it is to do. Fails where the
    /// request is wrong as a whole, and with `RATE_LIMITED` where the environment has 20 that are not finished; what is
    /// wrong with one account is the result of its item.
    pub async fn start_bulk(
        &self,
        caller: &Caller,
        work: BulkWork,
        request: Option<RequestId>,
        wait: Duration,
    ) -> Result<Operation> {
        if let BulkWork::UpdateSettings(_, settings) = &work {
            crate::account::check_settings(settings)?;
        }
        if let BulkWork::CleanUp(_, _, query) = &work {
            query.check()?;
        }
        let operation = match self.bulk_of_request(caller, request.as_ref()).await? {
            Some(operation) => operation,
            None => self.write_bulk(caller, &work, request).await?,
        };
        drop(work);
        self.wait_for_bulk(operation, wait).await
    }

    async fn bulk_of_request(
        &self,
        caller: &Caller,
        request: Option<&RequestId>,
    ) -> Result<Option<Operation>> {
        let Some(request) = request else { return Ok(None) };
        Ok(bulk::by_request(&mut *self.pool.read().await?, &caller.environment, request).await?)
    }

    async fn write_bulk(
        &self,
        caller: &Caller,
        work: &BulkWork,
        request: Option<RequestId>,
    ) -> Result<Operation> {
        let items = work.items()?;
        if items.len() > MOST {
            let text = format!("must have at most {MOST} items, and has {}", items.len());
            return Err(Error::invalid("items", "repeated.max_items", text));
        }
        let now = self.clock.now();
        let empty = items.is_empty();
        let operation = Operation {
            id: BulkOperationId::new(now, self.entropy.as_ref()),
            environment_id: caller.environment.clone(),
            kind: work.kind(),
            actor: caller.actor.clone(),
            request_id: request,
            input: work.input().to_string(),
            total: i64::try_from(items.len()).map_err(Error::internal)?,
            succeeded: 0,
            failed: 0,
            fencing: 1,
            due_at: (!empty).then(|| now.plus_seconds(lease(work.kind()))),
            created_at: now,
            finished_at: empty.then_some(now),
        };
        let mut tx = self.pool.begin().await?;
        if bulk::insert_if_absent(&mut tx, &operation).await? {
            if bulk::unfinished(&mut tx, &operation.environment_id, UNFINISHED + 1).await? > UNFINISHED {
                return Err(too_many());
            }
            bulk::insert_items(&mut tx, &operation.environment_id, &operation.id, &items).await?;
            tx.commit().await?;
            if !empty {
                self.take_up_bulk(operation.clone());
            }
            return Ok(operation);
        }
        drop(tx);
        let found = self.bulk_of_request(caller, operation.request_id.as_ref()).await?;
        found.ok_or_else(|| Error::conflict("the bulk operation"))
    }
}

fn too_many() -> Error {
    let message = format!(
        "the environment has {UNFINISHED} bulk operations that are not finished; try again when one of them is, or put \
         more items into each"
    );
    Error::new(ErrorCode::RateLimited, message)
}
