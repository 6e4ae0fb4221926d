//! Change an account: its `api_config`, its credential, or both.

use serde_json::{Map, Value, json};
use valetkey_core::{error_code::ErrorCode, journal::EventKind};
use valetkey_store::account;

use super::{AccountAddress, AccountView, Change, CredentialInput, api_config};
use crate::{App, Caller, Error, Result, journal::About};

/// What changes; what is absent or empty stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateAccount {
    /// Which account.
    pub address: AccountAddress,
    /// A new credential.
    pub credential: Option<CredentialInput>,
    /// Keys laid over those that are there; `null` removes one.
    pub api_config: Map<String, Value>,
}

impl App {
    /// Changes an account. A credential makes it ACTIVE, whatever it was, unless an operator has suspended it.
    pub async fn update_account(&self, caller: &Caller, request: UpdateAccount) -> Result<AccountView> {
        let mut reader = self.pool.read().await?;
        let mut row = request.address.get(&mut reader, caller).await?;
        drop(reader);
        let connector = self.connector(&caller.environment, &row.connector).await?;
        let granted = match request.credential {
            Some(input) => input.credential(&connector)?,
            None => None,
        };
        let mut config = self.open_api_config(&caller.environment, &row.id, row.api_config.as_ref()).await?;
        api_config::merge(&mut config, request.api_config);
        row.api_config = self.seal_api_config(&caller.environment, &row.id, &config).await?;
        let sealed = match granted {
            Some(granted) => Some(self.seal_grant(&row, &granted, None).await?),
            None => None,
        };
        row.updated_at = self.clock.now();
        let mut tx = self.pool.begin().await?;
        if let Some(grant) = sealed {
            self.apply(&mut tx, caller, &row, Change::Obtained(grant)).await?;
        } else {
            if !account::update_settings(&mut tx, &row).await? {
                return Err(Error::new(
                    ErrorCode::Conflict,
                    "the account was changed by somebody else; try again",
                ));
            }
            let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
            self.record(&mut tx, caller, EventKind::AccountUpdated, about, &json!({})).await?;
        }
        self.forget_snapshot(&row.id);
        tx.commit().await?;
        self.forget_snapshot(&row.id);
        let by_id = AccountAddress { id: Some(row.id.to_string()), ..AccountAddress::default() };
        self.account_with_credential(caller, &by_id).await
    }
}
