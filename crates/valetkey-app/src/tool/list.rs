//! List tools: all there are, and those of one user.

use std::sync::Arc;

use valetkey_core::account::State;
use valetkey_store::PageRequest;

use super::ListedTool;
use crate::{
    App, Caller, Error, Result,
    account::{Account, AccountAddress, ListAccounts},
};

/// Which tools. Empty texts count as absent; all conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct ListTools {
    /// Of this provider, by key or slug.
    pub provider: Option<String>,
    /// With one of these names.
    pub names: Vec<String>,
    /// With each of these words in the name.
    pub query: Option<String>,
    /// Of the connection or the account that is named here, or of those that the user has.
    pub account: AccountAddress,
}

/// Which tools of a user; an empty list narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct ScopedTools {
    /// Of these providers, by key or slug.
    pub providers: Vec<String>,
    /// With one of these names.
    pub names: Vec<String>,
    /// Of these connections.
    pub connection_names: Vec<String>,
}

/// A tool and the account that runs it.
#[derive(Clone, Debug)]
pub struct RunnableTool {
    /// The tool.
    pub listed: Arc<ListedTool>,
    /// The account.
    pub account: Account,
}

/// How many accounts of one user are looked at.
const ACCOUNTS: u32 = 1000;

fn is_provider(listed: &ListedTool, wanted: &str) -> bool {
    let connector = &listed.connector;
    connector.provider_key.eq_ignore_ascii_case(wanted) || connector.slug.eq_ignore_ascii_case(wanted)
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl ListTools {
    fn holds(&self, listed: &ListedTool) -> bool {
        let name = &listed.tool.name;
        given(self.provider.as_ref()).is_none_or(|wanted| is_provider(listed, wanted))
            && (self.names.is_empty() || self.names.contains(name))
            && given(self.query.as_ref()).is_none_or(|query| {
                let mut words = query.split([' ', '_']).filter(|word| !word.is_empty());
                words.all(|word| name.contains(&word.to_lowercase()))
            })
    }
}

impl App {
    /// The tools that fulfil all conditions, in the order of their connectors.
    pub async fn list_tools(&self, caller: &Caller, request: &ListTools) -> Result<Vec<Arc<ListedTool>>> {
        let narrowed = self.connectors_of(caller, &request.account).await?;
        let of_connector = |listed: &ListedTool| {
            narrowed.as_ref().is_none_or(|slugs| slugs.iter().any(|slug| *slug == listed.connector.slug))
        };
        let found = self.tools().all().iter().filter(|listed| request.holds(listed) && of_connector(listed));
        Ok(found.cloned().collect())
    }

    /// The tools that a user can run now, each with the account that runs it: accounts that are active and have granted
    /// what the tool needs.
    pub async fn scoped_tools(
        &self,
        caller: &Caller,
        identifier: &str,
        filter: &ScopedTools,
    ) -> Result<Vec<RunnableTool>> {
        let accounts = self.accounts_of_user(caller, identifier, &filter.connection_names).await?;
        let mut found = Vec::new();
        for account in accounts.into_iter().filter(|account| account.state == State::Active) {
            let Some(slug) = self.slug_of(&account) else { continue };
            let wanted = self.tools().of_connector(slug).filter(|listed| {
                let providers = &filter.providers;
                (providers.is_empty() || providers.iter().any(|provider| is_provider(listed, provider)))
                    && (filter.names.is_empty() || filter.names.contains(&listed.tool.name))
                    && granted(&account, listed)
            });
            found.extend(
                wanted.map(|listed| RunnableTool { listed: listed.clone(), account: account.clone() }),
            );
        }
        Ok(found)
    }

    /// The tools of every connection that a user has an account on, whatever its state.
    pub async fn available_tools(&self, caller: &Caller, identifier: &str) -> Result<Vec<Arc<ListedTool>>> {
        let accounts = self.accounts_of_user(caller, identifier, &[]).await?;
        let mut slugs: Vec<&str> = accounts.iter().filter_map(|account| self.slug_of(account)).collect();
        slugs.sort_unstable();
        slugs.dedup();
        Ok(slugs.into_iter().flat_map(|slug| self.tools().of_connector(slug).cloned()).collect())
    }

    pub(super) async fn accounts_of_user(
        &self,
        caller: &Caller,
        identifier: &str,
        connection_names: &[String],
    ) -> Result<Vec<Account>> {
        if identifier.trim().is_empty() {
            return Err(Error::invalid(
                "identifier",
                "required",
                "is blank; name the user whose accounts are meant",
            ));
        }
        let request = ListAccounts {
            connection_names: connection_names.to_vec(),
            identifier: Some(identifier.to_owned()),
            page: PageRequest { size: ACCOUNTS, token: None },
            ..ListAccounts::default()
        };
        Ok(self.list_accounts(caller, request).await?.items)
    }

    /// The slug of the connector of an account, where it is one of the catalogue.
    pub(super) fn slug_of(&self, account: &Account) -> Option<&str> {
        self.registry.get(&account.connector).map(|connector| connector.slug.as_str())
    }

    /// The slugs that an address narrows to; `None` where it names nothing.
    async fn connectors_of(&self, caller: &Caller, address: &AccountAddress) -> Result<Option<Vec<String>>> {
        let identifier = given(address.identifier.as_ref());
        let slug = |key: &str| self.registry.get(key).map(|connector| connector.slug.clone());
        if given(address.id.as_ref()).is_some() {
            let account = self.account(caller, address).await?.account;
            return Ok(Some(slug(&account.connector).into_iter().collect()));
        }
        match (given(address.connector.as_ref()), identifier) {
            (Some(name), _) => {
                let connection = self.connection_named(caller, name).await?;
                Ok(Some(vec![connection.connector.slug.clone()]))
            }
            (None, Some(identifier)) => {
                let accounts = self.accounts_of_user(caller, identifier, &[]).await?;
                Ok(Some(accounts.iter().filter_map(|account| slug(&account.connector)).collect()))
            }
            (None, None) => Ok(None),
        }
    }

    pub(super) fn tools(&self) -> &super::Catalogue {
        self.catalogue.get_or_init(|| super::Catalogue::new(&self.registry))
    }
}

/// Whether an account has granted what a tool needs. An account of which nothing is known is given the benefit of the
/// doubt: the provider tells.
pub(super) fn granted(account: &Account, listed: &ListedTool) -> bool {
    account.granted_scopes.is_empty() || listed.tool.scopes.missing(&account.granted_scopes).is_empty()
}

/// The error for an account that lacks scopes for a tool.
pub(super) fn not_granted(account: &Account, listed: &ListedTool) -> Error {
    let missing = listed.tool.scopes.missing(&account.granted_scopes).join(", ");
    let message = format!(
        "{} needs the scope {missing}, which account {} has not granted; add it to the scopes of the connection and have \
         the user authorize again with a new authorization link",
        listed.tool.name, account.id
    );
    Error::new(valetkey_core::error_code::ErrorCode::ScopeMissing, message)
}
