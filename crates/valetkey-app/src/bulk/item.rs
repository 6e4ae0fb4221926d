//! What becomes of an item.

use serde::de::DeserializeOwned;
use valetkey_core::{bulk::BulkItemState, id::AccountId};
use valetkey_store::bulk::Item;

use super::failure::Failure;
use crate::{Error, Result};

/// An item on its way to its result.
pub(super) trait Outcome: Sized {
    /// What the request says of it.
    fn input<T: DeserializeOwned>(&self) -> Result<T>;

    /// The item once it was done.
    fn succeeded(&self, account: Option<AccountId>, created: bool) -> Self;

    /// The item once it could not be done.
    fn failed(&self, error: &Error) -> Self;
}

impl Outcome for Item {
    fn input<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.input).map_err(Error::internal)
    }

    fn succeeded(&self, account_id: Option<AccountId>, created: bool) -> Self {
        Self {
            place: self.place,
            input: String::new(),
            state: BulkItemState::Succeeded,
            account_id,
            created,
            error: None,
        }
    }

    fn failed(&self, error: &Error) -> Self {
        // The account that the request names, where it has the form of one.
        let account_id = self.input::<String>().ok().and_then(|id| id.parse().ok());
        Self {
            place: self.place,
            input: String::new(),
            state: BulkItemState::Failed,
            account_id,
            created: false,
            error: Some(Failure::from(error).text()),
        }
    }
}
