//! Create an account, with or without a credential.

use serde_json::{Map, Value, json};
use valetkey_core::{
    account::{Reason, State},
    id::AccountId,
    journal::EventKind,
    scope::ScopeSet,
    settings::AccountSettings,
};
use valetkey_store::{Tx, account, connection};

use super::{Account, AccountAddress, AccountView, Change, CredentialInput, already_exists, api_config};
use crate::{App, Caller, Result, connection as names, connection::ConnectionView, journal::About};

/// What to create.
#[derive(Clone, Debug, Default)]
pub struct CreateAccount {
    /// Connection name and identifier, perhaps organization and user.
    pub address: AccountAddress,
    /// A credential obtained elsewhere; absent or empty means that the user has yet to authorize.
    pub credential: Option<CredentialInput>,
    /// Free JSON for calls to the API.
    pub api_config: Map<String, Value>,
}

impl App {
    /// Creates an account: ACTIVE where a credential comes along, else PENDING.
    pub async fn create_account(&self, caller: &Caller, request: CreateAccount) -> Result<AccountView> {
        let (name, identifier) = request.address.name_and_identifier()?;
        let connection = self.connection_named(caller, name).await?;
        let granted = match request.credential {
            Some(input) => input.credential(&connection.connector)?,
            None => None,
        };
        self.check_organization(caller, request.address.organization()).await?;
        let mut row = self.blank_account(caller, &connection, identifier, &request.address);
        let mut config = Map::new();
        api_config::merge(&mut config, request.api_config);
        row.api_config = self.seal_api_config(&caller.environment, &row.id, &config).await?;
        let sealed = match granted {
            Some(granted) => Some(self.seal_grant(&row, &granted, None).await?),
            None => None,
        };
        let mut tx = self.pool.begin().await?;
        if !self.insert_account(&mut tx, caller, &row).await? {
            return Err(already_exists(&row));
        }
        if let Some(grant) = sealed {
            self.apply(&mut tx, caller, &row, Change::Obtained(grant)).await?;
        }
        tx.commit().await?;
        let by_id = AccountAddress { id: Some(row.id.to_string()), ..AccountAddress::default() };
        self.account_with_credential(caller, &by_id).await
    }

    /// The account that a link is for, created where it does not exist yet.
    pub(crate) async fn account_for_link(
        &self,
        caller: &Caller,
        address: &AccountAddress,
    ) -> Result<Account> {
        let mut reader = self.pool.read().await?;
        if let Some(row) = address.find(&mut reader, caller).await? {
            return Ok(row);
        }
        drop(reader);
        let (name, identifier) = address.name_and_identifier()?;
        let connection = self.connection_named(caller, name).await?;
        self.check_organization(caller, address.organization()).await?;
        let row = self.blank_account(caller, &connection, identifier, address);
        let mut tx = self.pool.begin().await?;
        self.insert_account(&mut tx, caller, &row).await?;
        tx.commit().await?;
        let mut reader = self.pool.read().await?;
        address.get(&mut reader, caller).await
    }

    pub(super) async fn check_organization(&self, caller: &Caller, organization: Option<&str>) -> Result<()> {
        // Ids of another form are the application's own and are kept as they are.
        if let Some(id) = organization.filter(|id| id.starts_with("org_")) {
            self.organization(caller, id).await?;
        }
        Ok(())
    }

    pub(super) fn blank_account(
        &self,
        caller: &Caller,
        connection: &ConnectionView,
        identifier: &str,
        address: &AccountAddress,
    ) -> Account {
        let now = self.clock.now();
        Account {
            id: AccountId::new(now, self.entropy.as_ref()),
            environment_id: caller.environment.clone(),
            connection_id: connection.id.clone(),
            connection_name: connection.name.clone(),
            connector: connection.connector.provider_key.clone(),
            auth_type: connection.auth_type(),
            connection_fault: connection.fault.clone(),
            identifier: identifier.to_owned(),
            identifier_type: "custom".into(),
            organization_id: address.organization().map(ToOwned::to_owned),
            user_id: address.user().map(ToOwned::to_owned),
            state: State::PendingAuth,
            reason: Reason::NotAuthorized,
            state_changed_at: now,
            api_config: None,
            metadata: "{}".into(),
            application_metadata: "{}".into(),
            settings: AccountSettings::default(),
            test_mode: false,
            narrowed_scopes: None,
            requested_scopes: ScopeSet::default(),
            granted_scopes: ScopeSet::default(),
            token_expires_at: None,
            last_used_at: None,
            last_authorized_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    pub(super) async fn insert_account(&self, tx: &mut Tx, caller: &Caller, row: &Account) -> Result<bool> {
        // The connection may have been deleted since it was read.
        if connection::get(tx, &caller.environment, &row.connection_id).await?.is_none() {
            return Err(names::not_found(tx, &caller.environment, &row.connection_name).await?);
        }
        let inserted = account::insert_if_absent(tx, row).await?;
        if inserted {
            self.snapshots.forget_name(row);
            let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
            self.record(tx, caller, EventKind::AccountCreated, about, &json!({})).await?;
        }
        Ok(inserted)
    }
}
