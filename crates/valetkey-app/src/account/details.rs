//! An account with the connection that it is on.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value};
use valetkey_core::{account::NextAction, error_code::ErrorCode, scope::ScopeSet};

use super::{Account, AccountAddress};
use crate::{App, Caller, Error, Result, connection::ConnectionView};

/// An account with the connection that it is on, and without its credential.
#[derive(Clone, Debug)]
pub struct AccountDetails {
    /// The account, in the state that callers see.
    pub account: Account,
    /// Its connection.
    pub connection: Arc<ConnectionView>,
}

impl AccountDetails {
    /// What brings it back to work.
    pub fn next_action(&self) -> NextAction {
        NextAction::of(self.account.state, self.account.reason)
    }

    /// The scopes that were asked for, where they are not those of the connection.
    pub fn narrowed_scopes(&self) -> Option<&ScopeSet> {
        self.account.narrowed_scopes.as_ref()
    }

    /// The application's metadata, and over them what the provider has told of the user.
    pub fn metadata(&self) -> Result<Map<String, Value>> {
        let read = |text: &str| serde_json::from_str::<Map<_, _>>(text).map_err(Error::internal);
        let mut shown = read(&self.account.application_metadata)?;
        shown.extend(read(&self.account.metadata)?);
        Ok(shown)
    }
}

impl App {
    /// The account with its connection.
    pub async fn account_details(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountDetails> {
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        self.details_of(row).await
    }

    /// The account as it was read, with its connection.
    pub async fn details_of(&self, row: Account) -> Result<AccountDetails> {
        let connection = self.known_connection(&row.environment_id, &row.connection_id).await?;
        Ok(AccountDetails { account: self.shown(row), connection })
    }

    /// The accounts with their connections, in the same order. An account whose connection has been deleted since it was
    /// read is gone too, and is left out.
    pub async fn details_of_all(&self, rows: Vec<Account>) -> Result<Vec<AccountDetails>> {
        let mut connections = HashMap::new();
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            if !connections.contains_key(&row.connection_id) {
                let found = match self.known_connection(&row.environment_id, &row.connection_id).await {
                    Ok(connection) => Some(connection),
                    Err(error) if error.code == ErrorCode::ConnectionNotFound => None,
                    Err(error) => return Err(error),
                };
                connections.insert(row.connection_id.clone(), found);
            }
            if let Some(Some(connection)) = connections.get(&row.connection_id).cloned() {
                all.push(AccountDetails { account: self.shown(row), connection });
            }
        }
        Ok(all)
    }
}
