//! How a caller names an account: by id, or by connection name and identifier.

use valetkey_core::{error_code::ErrorCode, id::AccountId};
use valetkey_store::{
    Conn,
    account::{self, Stamped},
    connection,
};

use super::Account;
use crate::{Caller, Error, Result, connection as names};

/// An account as a caller names it. Empty texts count as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccountAddress {
    /// Its id; enough by itself.
    pub id: Option<String>,
    /// The name of its connection.
    pub connector: Option<String>,
    /// The application's own id of the user.
    pub identifier: Option<String>,
    /// Narrows to an organization.
    pub organization_id: Option<String>,
    /// Narrows to a user of the organization.
    pub user_id: Option<String>,
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl AccountAddress {
    /// The account with this id.
    pub fn of_id(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..Self::default() }
    }

    /// Connection name and identifier, both required.
    pub(super) fn name_and_identifier(&self) -> Result<(&str, &str)> {
        let connector = given(self.connector.as_ref()).ok_or_else(|| {
            Error::invalid("connector", "required", "give the connection name, or the id of the account")
        })?;
        let identifier = given(self.identifier.as_ref()).ok_or_else(|| {
            Error::invalid(
                "identifier",
                "required",
                "give the identifier of the user, or the id of the account",
            )
        })?;
        Ok((connector, identifier))
    }

    pub(super) fn organization(&self) -> Option<&str> {
        given(self.organization_id.as_ref())
    }

    pub(super) fn user(&self) -> Option<&str> {
        given(self.user_id.as_ref())
    }

    fn unknown_id(id: &str) -> Error {
        Error::new(ErrorCode::AccountNotFound, format!("connected account {id} not found"))
    }

    /// The account, or `None` where the connection exists and has no such account. A caller who names neither
    /// organization nor user means whichever account has the identifier; where several do, that is an error, because
    /// the wrong person's account is worse than none.
    pub(crate) async fn find(&self, conn: &mut Conn, caller: &Caller) -> Result<Option<Account>> {
        if let Some(id) = given(self.id.as_ref()) {
            let parsed: AccountId = id.parse().map_err(|_| Self::unknown_id(id))?;
            let found = account::get(conn, &caller.environment, &parsed).await?;
            return found.map(Some).ok_or_else(|| Self::unknown_id(id));
        }
        let (name, identifier) = self.name_and_identifier()?;
        let (organization, user) = (self.organization(), self.user());
        let folded = names::folded(name);
        let mut found =
            account::find(conn, &caller.environment, &folded, identifier, organization, user, 2).await?;
        match found.len() {
            0 => {
                if connection::by_name(conn, &caller.environment, name).await?.is_none() {
                    return Err(names::not_found(conn, &caller.environment, name).await?);
                }
                Ok(None)
            }
            1 => Ok(found.pop()),
            _ => {
                let plain =
                    found.iter().position(|row| row.organization_id.is_none() && row.user_id.is_none());
                plain.map(|at| Some(found.swap_remove(at))).ok_or_else(|| {
                    let message = format!(
                        "several accounts of connection \"{name}\" have identifier \"{identifier}\"; \
                         name one by organization_id and user_id, or by id"
                    );
                    Error::new(ErrorCode::AmbiguousAccount, message)
                })
            }
        }
    }

    /// The stamp of the account that [`get`](Self::get) gives; `None` where it gives none, or has to choose.
    pub(crate) async fn stamp(&self, conn: &mut Conn, caller: &Caller) -> Result<Option<Stamped>> {
        if let Some(id) = given(self.id.as_ref()) {
            let Ok(parsed) = id.parse::<AccountId>() else { return Ok(None) };
            return Ok(account::stamp(conn, &caller.environment, &parsed).await?);
        }
        let Ok((name, identifier)) = self.name_and_identifier() else { return Ok(None) };
        let (folded, organization, user) = (names::folded(name), self.organization(), self.user());
        let found =
            account::stamp_of_found(conn, &caller.environment, &folded, identifier, organization, user);
        Ok(found.await?)
    }

    /// The account.
    pub(crate) async fn get(&self, conn: &mut Conn, caller: &Caller) -> Result<Account> {
        self.find(conn, caller).await?.ok_or_else(|| {
            let text = |value: Option<&String>| given(value).unwrap_or_default().to_owned();
            let message = format!(
                "connected account of identifier \"{}\" not found in connection \"{}\"",
                text(self.identifier.as_ref()),
                text(self.connector.as_ref())
            );
            Error::new(ErrorCode::AccountNotFound, message)
        })
    }
}
