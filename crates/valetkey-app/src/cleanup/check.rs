//! Check an account again in the transaction that cleans it up.

use valetkey_core::{account::State, bulk::BulkKind, error_code::ErrorCode};
use valetkey_store::{
    Tx,
    account::{self, Candidate},
};

use super::CleanupQuery;
use crate::{
    App, Caller, Error, Result,
    account::{Account, AccountAddress},
    connection::addressed,
};

impl App {
    /// Refuses to do `kind` to an account which the policy does not find any more, or to which it has been done. Until
    /// the transaction ends nobody uses or changes the account, so that the answer stays true.
    pub(crate) async fn check_cleanup(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        address: &AccountAddress,
        query: &CleanupQuery,
        kind: BulkKind,
    ) -> Result<()> {
        let Account { id, .. } = address.get(tx, caller).await?;
        account::hold(tx, &caller.environment, &id).await?;
        let found = account::cleanup_candidate(tx, &caller.environment, &id).await?;
        let Some(Candidate { account, facts }) = found else {
            return Err(not_needed(&format!("account {id} is gone")));
        };
        if kind == BulkKind::Disconnect && account.state == State::Disconnected {
            return Err(not_needed(&format!("account {id} is disconnected already")));
        }
        if let Some(text) = &query.connection
            && addressed(tx, &caller.environment, text).await?.id != account.connection_id
        {
            return Err(not_needed(&format!("account {id} is not of connection {text}")));
        }
        match query.policy.finds(&facts, self.clock.now()) {
            Some(_) => Ok(()),
            None => Err(not_needed(&format!("the policy does not find account {id} any more"))),
        }
    }
}

fn not_needed(what: &str) -> Error {
    Error::new(ErrorCode::CleanupNotNeeded, format!("{what}; it was left as it is"))
}
