//! Whose account runs a tool.

use valetkey_core::{account::State, error_code::ErrorCode};

use super::ListedTool;
use crate::{
    App, Caller, Error, Result,
    account::{Account, AccountAddress},
};

impl App {
    /// The address of the one account that is meant. A caller who names only the user means the user's account with the
    /// provider of the tool; where there are several, the only active one.
    pub(super) async fn whose(
        &self,
        caller: &Caller,
        address: AccountAddress,
        listed: &ListedTool,
    ) -> Result<AccountAddress> {
        let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        if given(&address.id) || given(&address.connector) {
            return Ok(address);
        }
        if !given(&address.identifier) {
            return Err(Error::invalid(
                "identifier",
                "required",
                "give connected_account_id, or connector and identifier, or the identifier alone",
            ));
        }
        let identifier = address.identifier.clone().unwrap_or_default();
        let mut accounts = self.accounts_of_user(caller, &identifier, &[]).await?;
        accounts.retain(|account| {
            let fits = |wanted: &Option<String>, own: &Option<String>| !given(wanted) || wanted == own;
            self.slug_of(account) == Some(&listed.connector.slug)
                && fits(&address.organization_id, &account.organization_id)
                && fits(&address.user_id, &account.user_id)
        });
        one(accounts, &identifier, listed)
    }

    /// Refuses an account of another provider.
    pub(super) fn check_provider(&self, account: &Account, listed: &ListedTool) -> Result<()> {
        if self.slug_of(account) == Some(&listed.connector.slug) {
            return Ok(());
        }
        let text = format!(
            "{} is a tool of {}, and account {} is of {}; name an account of {}",
            listed.tool.name,
            listed.connector.provider_key,
            account.id,
            account.connector,
            listed.connector.provider_key
        );
        Err(Error::invalid("connected_account_id", "provider", text))
    }
}

fn one(mut accounts: Vec<Account>, identifier: &str, listed: &ListedTool) -> Result<AccountAddress> {
    if accounts.len() > 1 && accounts.iter().any(|account| account.state == State::Active) {
        accounts.retain(|account| account.state == State::Active);
    }
    let provider = &listed.connector.provider_key;
    match accounts.as_slice() {
        [one] => Ok(AccountAddress { id: Some(one.id.to_string()), ..AccountAddress::default() }),
        [] => {
            let message = format!(
                "\"{identifier}\" has no connected account of {provider}; make one and have the user authorize it"
            );
            Err(Error::new(ErrorCode::AccountNotFound, message))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|account| account.connection_name.as_str()).collect();
            let message = format!(
                "\"{identifier}\" has several accounts of {provider}: in the connections {}; name one by connector or by id",
                names.join(", ")
            );
            Err(Error::new(ErrorCode::AmbiguousAccount, message))
        }
    }
}
