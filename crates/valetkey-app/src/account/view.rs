//! An account as callers see it.

use serde_json::{Map, Value};
use valetkey_core::{
    credential::Credential,
    id::{AccountId, EnvironmentId},
    sealed::SealContext,
};
use valetkey_store::credential;

use super::{Account, api_config};
use crate::{App, Error, Result};

/// An account with what belongs to it.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The row: identity, state, reason, scopes, times.
    pub account: Account,
    /// Free JSON for calls to its API.
    pub api_config: Map<String, Value>,
    /// Its credential, where the caller asked for it and may read it.
    pub credential: Option<Credential>,
}

/// Where the live credential of an account is sealed.
pub(crate) fn credential_context<'a>(
    environment: &'a EnvironmentId,
    account: &'a AccountId,
) -> SealContext<'a> {
    SealContext {
        environment: environment.as_str(),
        table: "credentials",
        row: account.as_str(),
        field: "sealed",
    }
}

impl App {
    pub(crate) async fn view_account(&self, account: Account) -> Result<AccountView> {
        let stored =
            self.open_api_config(&account.environment_id, &account.id, account.api_config.as_ref()).await?;
        let api_config = api_config::shown(self.registry.get(&account.connector).map(AsRef::as_ref), &stored);
        Ok(AccountView { account: self.shown(account), api_config, credential: None })
    }

    /// The live credential of an account, decrypted.
    pub(crate) async fn open_credential(&self, account: &Account) -> Result<Option<Credential>> {
        let mut reader = self.pool.read().await?;
        let row = credential::get(&mut reader, &account.environment_id, &account.id).await?;
        drop(reader);
        let Some(row) = row else { return Ok(None) };
        let context = credential_context(&account.environment_id, &account.id);
        let plain = self.keys.open(context, &row.sealed).await?;
        Credential::from_plaintext(&plain).map(Some).map_err(Error::internal)
    }
}
