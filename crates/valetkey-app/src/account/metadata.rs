//! The application's own values on an account.

use serde_json::{Map, Value, json};
use valetkey_core::{connector::merge_patch, journal::EventKind, metadata};
use valetkey_store::account;

use super::{AccountAddress, AccountDetails, undisturbed};
use crate::{App, Caller, Error, Result, journal::About};

/// A change of an application's values.
#[derive(Clone, Debug)]
pub enum MetadataChange {
    /// Merge these in (RFC 7396).
    Merge(Map<String, Value>),
    /// Put these in place of what there is.
    Replace(Map<String, Value>),
}

/// Refuses metadata that break a limit.
pub(crate) fn check_metadata(values: &Map<String, Value>) -> Result<()> {
    metadata::check(values).map_err(|broken| Error::invalid("metadata", broken.rule(), broken.to_string()))
}

impl MetadataChange {
    fn applied(&self, stored: &str) -> Result<Map<String, Value>> {
        let values = match self {
            Self::Replace(values) => values.clone(),
            Self::Merge(changes) => {
                let stored: Value = serde_json::from_str(stored).map_err(Error::internal)?;
                match merge_patch(stored, &Value::Object(changes.clone())) {
                    Value::Object(values) => values,
                    _ => Map::new(),
                }
            }
        };
        check_metadata(&values)?;
        Ok(values)
    }
}

impl App {
    /// Changes the application's own values on an account. What the provider has told of the user stays.
    pub async fn change_metadata(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        change: &MetadataChange,
    ) -> Result<AccountDetails> {
        undisturbed(|| self.change_metadata_once(caller, address, change)).await
    }

    async fn change_metadata_once(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        change: &MetadataChange,
    ) -> Result<AccountDetails> {
        let mut tx = self.pool.begin().await?;
        let mut row = address.get(&mut tx, caller).await?;
        row.application_metadata = Value::Object(change.applied(&row.application_metadata)?).to_string();
        row.updated_at = self.clock.now();
        if !account::update_metadata(&mut tx, &row).await? {
            return Err(Error::conflict("the account"));
        }
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        // The values are the application's own and may be about a person; the journal keeps that they changed.
        self.record(&mut tx, caller, EventKind::AccountUpdated, about, &json!({ "metadata": true })).await?;
        tx.commit().await?;
        self.forget_snapshot(&row.id);
        self.details_of(row).await
    }
}
