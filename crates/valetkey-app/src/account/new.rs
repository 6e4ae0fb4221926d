//! Create an account for a user who has yet to authorize.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use valetkey_core::{error_code::ErrorCode, scope::ScopeSet, settings::AccountSettings};

use super::{Account, AccountAddress, AccountDetails, check_for_tests, check_metadata, check_settings};
use crate::{
    App, Caller, Error, Result,
    connection::{ConnectionView, addressed},
    link::check_scopes,
};

/// An account that does not exist yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct NewAccount {
    /// Id or name of its connection.
    pub connection: String,
    /// The application's own key for the user.
    pub identifier: String,
    /// What kind of key that is; `custom` where absent.
    pub identifier_type: Option<String>,
    /// Fewer scopes than the connection has; empty for those of the connection.
    pub scopes: Vec<String>,
    /// What the application sets on it.
    pub settings: AccountSettings,
    /// The application's own values.
    pub metadata: Map<String, Value>,
    /// Whether it is a test account.
    pub test_mode: bool,
    /// Organization it belongs to.
    pub organization_id: Option<String>,
    /// User of the organization.
    pub user_id: Option<String>,
}

/// What kind of key an identifier can be.
const IDENTIFIER_TYPES: [&str; 4] = ["user_id", "org_id", "email", "custom"];

/// The most scopes of an account, and the longest one, in characters.
const SCOPES: (usize, usize) = (200, 500);

impl NewAccount {
    /// Refuses texts that break a rule of the request. One among many is not checked by the gate, so that it fails for
    /// itself.
    fn check_texts(&self) -> Result<()> {
        for (field, text, longest) in [
            ("connection_id", Some(&self.connection), 400),
            ("identifier", Some(&self.identifier), 100),
            ("organization_id", self.organization_id.as_ref(), 32),
            ("user_id", self.user_id.as_ref(), 32),
        ] {
            if text.is_some_and(|text| text.chars().count() > longest) {
                let text = format!("must have at most {longest} characters");
                return Err(Error::invalid(field, "string.max_len", text));
            }
        }
        if self.identifier_type.as_deref().is_some_and(|kind| !IDENTIFIER_TYPES.contains(&kind)) {
            let text = format!("must be one of {}", IDENTIFIER_TYPES.join(", "));
            return Err(Error::invalid("identifier_type", "string.in", text));
        }
        let (most, longest) = SCOPES;
        let fits = |scope: &String| (1..=longest).contains(&scope.chars().count());
        if self.scopes.len() > most || !self.scopes.iter().all(fits) {
            let text = format!("must be at most {most} texts of 1 to {longest} characters");
            return Err(Error::invalid("scopes", "repeated.max_items", text));
        }
        Ok(())
    }
}

impl App {
    /// Creates an account, which is PENDING until its user has authorized.
    pub async fn new_account(&self, caller: &Caller, new: NewAccount) -> Result<AccountDetails> {
        let row = self.prepare_account(caller, new).await?;
        let mut tx = self.pool.begin().await?;
        if !self.insert_account(&mut tx, caller, &row).await? {
            return Err(already_exists(&row));
        }
        tx.commit().await?;
        self.details_of(row).await
    }

    /// The account as it is to be stored. Nothing is written.
    pub(crate) async fn prepare_account(&self, caller: &Caller, new: NewAccount) -> Result<Account> {
        let connection = self.connection_of(caller, &new).await?;
        self.prepare_account_on(caller, &connection, new).await
    }

    /// The connection that a new account names.
    pub(crate) async fn connection_of(
        &self,
        caller: &Caller,
        new: &NewAccount,
    ) -> Result<Arc<ConnectionView>> {
        new.check_texts()?;
        let found = addressed(&mut *self.pool.read().await?, &caller.environment, &new.connection).await?.id;
        self.known_connection(&caller.environment, &found).await
    }

    /// The account as it is to be stored, on a connection that was looked up already.
    pub(crate) async fn prepare_account_on(
        &self,
        caller: &Caller,
        connection: &ConnectionView,
        new: NewAccount,
    ) -> Result<Account> {
        check_settings(&new.settings)?;
        check_metadata(&new.metadata)?;
        let identifier = new.identifier.trim();
        if identifier.is_empty() {
            return Err(Error::invalid("identifier", "required", "must be set"));
        }
        if new.test_mode {
            check_for_tests(connection)?;
        }
        let narrowed_scopes = narrowed(connection, new.scopes)?;
        let address = AccountAddress {
            organization_id: new.organization_id,
            user_id: new.user_id,
            ..AccountAddress::default()
        };
        self.check_organization(caller, address.organization()).await?;
        let blank = self.blank_account(caller, connection, identifier, &address);
        Ok(Account {
            identifier_type: new.identifier_type.unwrap_or(blank.identifier_type),
            settings: new.settings,
            application_metadata: Value::Object(new.metadata).to_string(),
            test_mode: new.test_mode,
            narrowed_scopes,
            ..blank
        })
    }
}

/// The error for an identifier that has an account on the connection.
pub(crate) fn already_exists(row: &Account) -> Error {
    let message = format!(
        "connection \"{}\" already has an account with identifier \"{}\"",
        row.connection_name, row.identifier
    );
    Error::new(ErrorCode::AccountAlreadyExists, message)
}

/// The scopes that the application narrows its account to. Never more than those of the connection.
fn narrowed(connection: &ConnectionView, scopes: Vec<String>) -> Result<Option<ScopeSet>> {
    let wanted = ScopeSet::from_iter(scopes);
    check_scopes(connection, Some(&wanted))?;
    Ok((!wanted.is_empty() && wanted != connection.scopes()).then_some(wanted))
}
