//! Tokens of test accounts, which are good at a test provider only.

use valetkey_core::{account::State, error_code::ErrorCode};

use super::AccountAddress;
use crate::{App, Caller, Error, Result, connection::ConnectionView, credential::Usable};

/// Only a connection to a test provider has test accounts.
pub(crate) fn check_for_tests(connection: &ConnectionView) -> Result<()> {
    if connection.is_for_tests() {
        return Ok(());
    }
    let message = format!(
        "connection \"{}\" does not lead to a test provider, so it has no test accounts; create the account on one of the \
         connector testprovider, or without test_mode",
        connection.name
    );
    Err(Error::new(ErrorCode::TestModeUnavailable, message))
}

impl App {
    /// The account with the tokens of a test account, never of a real one. A pending account is authorized first, without
    /// a person. Each reading is journalled.
    pub async fn test_tokens(&self, caller: &Caller, account: &str) -> Result<Usable> {
        let address = AccountAddress::of_id(account);
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        if !row.test_mode {
            let message = format!("account {} is not a test account; create one with test_mode", row.id);
            return Err(Error::new(ErrorCode::NotATestAccount, message));
        }
        let connection = self.known_connection(&row.environment_id, &row.connection_id).await?;
        check_for_tests(&connection)?;
        connection.check_enabled()?;
        if row.state == State::PendingAuth
            && let Err(error) = self.authorize_test_account(caller, &row, &connection).await
        {
            // Somebody else may have authorized it meanwhile, or be about to: the newest attempt is the one that counts.
            let now = address.get(&mut *self.pool.read().await?, caller).await?;
            if now.state == State::PendingAuth {
                let overtaken = error.code == ErrorCode::InvalidState;
                return Err(if overtaken { Error::conflict("the account") } else { error });
            }
        }
        let snapshot = self.fresh_snapshot(caller, &address, 0).await?;
        self.record_use(caller, &snapshot, "read").await?;
        Ok(snapshot)
    }
}
