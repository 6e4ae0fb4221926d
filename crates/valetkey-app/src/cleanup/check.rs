//! Check an account again before it is cleaned up.

use valetkey_core::{account::State, bulk::BulkKind, error_code::ErrorCode};
use valetkey_store::account;

use super::CleanupQuery;
use crate::{App, Error, Result, account::Account, connection::addressed};

impl App {
    /// Refuses to do `kind` to an account which the policy does not find any more, or to which it has been done.
    pub(crate) async fn check_cleanup(
        &self,
        row: &Account,
        query: &CleanupQuery,
        kind: BulkKind,
    ) -> Result<()> {
        let id = &row.id;
        if kind == BulkKind::Disconnect && row.state == State::Disconnected {
            return Err(not_needed(&format!("account {id} is disconnected already")));
        }
        let mut reader = self.pool.read().await?;
        if let Some(text) = &query.connection
            && addressed(&mut reader, &row.environment_id, text).await?.id != row.connection_id
        {
            return Err(not_needed(&format!("account {id} is not of connection {text}")));
        }
        let found = account::cleanup_candidate(&mut reader, &row.environment_id, id).await?;
        let now = self.clock.now();
        match found.and_then(|found| query.policy.finds(&found.facts, now)) {
            Some(_) => Ok(()),
            None => Err(not_needed(&format!("the policy does not find account {id} any more"))),
        }
    }
}

fn not_needed(what: &str) -> Error {
    Error::new(ErrorCode::CleanupNotNeeded, format!("{what}; it was left as it is"))
}
