//! How a command names accounts.

use clap::Args;
use valetkey_app::account::AccountAddress;
use valetkey_core::id::AccountId;

use crate::cli::{
    installation::{InEnvironment, Installation},
    output::Format,
};

/// Where a command works.
#[derive(Debug, Args)]
pub struct On {
    #[command(flatten)]
    pub environment: InEnvironment,
    #[command(flatten)]
    pub installation: Installation,
}

/// One account, where a command works on it, and how the result is printed.
#[derive(Debug, Args)]
pub struct One {
    /// The account.
    #[arg(
        required_unless_present = "connection",
        conflicts_with_all = ["connection", "identifier", "organization", "user"]
    )]
    id: Option<AccountId>,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    pub on: On,
    #[command(flatten)]
    pub format: Format,
}

/// An account by what the application knows of it.
#[derive(Debug, Args)]
pub struct Named {
    /// In place of the id: the connection of the account.
    #[arg(long, value_name = "NAME", requires = "identifier")]
    connection: Option<String>,
    /// The application's own id of the user.
    #[arg(long, value_name = "ID", requires = "connection")]
    identifier: Option<String>,
    /// The organization, where several accounts have the identifier.
    #[arg(long, value_name = "ID", requires = "connection")]
    organization: Option<String>,
    /// The user of the organization, where several accounts have the identifier.
    #[arg(long, value_name = "ID", requires = "connection")]
    user: Option<String>,
}

/// The address of an account with this id.
pub fn by_id(id: &AccountId) -> AccountAddress {
    AccountAddress { id: Some(id.to_string()), ..AccountAddress::default() }
}

impl Named {
    /// The account that is named, if one is.
    pub fn address(&self) -> Option<AccountAddress> {
        let connector = self.connection.clone()?;
        Some(AccountAddress {
            id: None,
            connector: Some(connector),
            identifier: self.identifier.clone(),
            organization_id: self.organization.clone(),
            user_id: self.user.clone(),
        })
    }
}

impl One {
    /// The account.
    pub fn address(&self) -> AccountAddress {
        match &self.id {
            Some(id) => by_id(id),
            None => self.named.address().unwrap_or_default(),
        }
    }

    /// The account in words.
    pub fn words(&self) -> String {
        match (&self.id, &self.named) {
            (Some(id), _) => format!("connected account {id}"),
            (None, Named { connection, identifier, .. }) => format!(
                "connected account of identifier \"{}\" in connection \"{}\"",
                identifier.as_deref().unwrap_or_default(),
                connection.as_deref().unwrap_or_default()
            ),
        }
    }
}
