//! The accounts that the server is measured with.

use std::path::Path;

use valetkey_app::{
    App, Caller,
    account::{Account, AccountAddress, CredentialInput, OauthInput, UpdateAccount},
    connection::{ConnectionConfig, ConnectionSecrets, ConnectionView, CreateConnection},
    environment::{Environment, UpdateEnvironment},
};
use valetkey_core::{
    Timestamp,
    account::{Reason, State},
    environment::VerificationMode,
    id::AccountId,
    scope::ScopeSet,
    settings::AccountSettings,
};
use valetkey_store::{Pool, account};

use crate::{Outcome, system::Numbers};

/// The environment that has the accounts.
pub(crate) const ENVIRONMENT: &str = "bench";

/// Connections that the accounts are spread over.
const CONNECTIONS: u64 = 10;

/// How many accounts have a credential: the first ones.
pub(crate) const CREDENTIALS: u64 = 1_000;

/// Accounts of one transaction.
const BATCH: u64 = 20_000;

/// When the first account was created, in milliseconds; each later one a millisecond later.
const START: i64 = 1_700_000_000_000;

/// The connection of the account with this number.
pub(crate) fn connection_name(number: u64) -> String {
    format!("mail-{}", number % CONNECTIONS)
}

/// The identifier of the account with this number.
pub(crate) fn identifier(number: u64) -> String {
    format!("user_{number:07}")
}

/// Whether the last account is there.
pub(crate) async fn is_complete(app: &App, environment: &Environment, accounts: u64) -> bool {
    let address = AccountAddress {
        connector: Some(connection_name(accounts - 1)),
        identifier: Some(identifier(accounts - 1)),
        ..AccountAddress::default()
    };
    app.account(&Caller::operator(environment.id.clone()), &address).await.is_ok()
}

/// Removes a database file and the files that SQLite keeps beside it.
pub(crate) fn remove(file: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Fills an empty database with active accounts, oldest first.
pub(crate) async fn fill(app: &App, pool: &Pool, accounts: u64) -> Outcome<()> {
    let environment = app.create_environment(ENVIRONMENT, None).await?;
    let change =
        UpdateEnvironment { verification_mode: Some(VerificationMode::None), ..UpdateEnvironment::default() };
    let environment = app.update_environment(&environment.id, change).await?;
    let caller = Caller::operator(environment.id.clone());
    let mut connections = Vec::new();
    for number in 0..CONNECTIONS {
        connections.push(app.create_connection(&caller, connection(number)).await?);
    }
    let entropy = Numbers::new(1);
    let mut number = 0;
    while number < accounts {
        let mut tx = pool.begin().await?;
        for number in number..accounts.min(number + BATCH) {
            let connection = &connections[usize::try_from(number % CONNECTIONS)?];
            account::insert_if_absent(&mut tx, &row(number, &environment, connection, &entropy)).await?;
        }
        tx.commit().await?;
        number += BATCH;
    }
    Ok(())
}

/// Gives the first accounts a credential, as an application that brings its own tokens does.
pub(crate) async fn give_credentials(app: &App, environment: &Environment, accounts: u64) -> Outcome<()> {
    let caller = Caller::operator(environment.id.clone());
    for number in 0..accounts.min(CREDENTIALS) {
        let address = AccountAddress {
            connector: Some(connection_name(number)),
            identifier: Some(identifier(number)),
            ..AccountAddress::default()
        };
        let tokens = OauthInput {
            access_token: format!("access-{number}-{}", "x".repeat(200)).into(),
            refresh_token: format!("refresh-{number}-{}", "x".repeat(100)).into(),
            scopes: vec![],
        };
        let credential = Some(CredentialInput::Oauth(tokens));
        app.update_account(&caller, UpdateAccount { address, credential, ..UpdateAccount::default() })
            .await?;
    }
    Ok(())
}

fn connection(number: u64) -> CreateConnection {
    CreateConnection {
        provider_key: "GMAIL".into(),
        name: Some(connection_name(number)),
        config: ConnectionConfig { client_id: Some("bench".into()), ..ConnectionConfig::default() },
        secrets: ConnectionSecrets {
            client_secret: Some("bench-secret".into()),
            ..ConnectionSecrets::default()
        },
        ..CreateConnection::default()
    }
}

fn row(number: u64, environment: &Environment, connection: &ConnectionView, entropy: &Numbers) -> Account {
    let now = Timestamp::from_millis(START + i64::try_from(number).unwrap_or_default());
    let scopes: ScopeSet = connection.scopes();
    Account {
        id: AccountId::new(now, entropy),
        environment_id: environment.id.clone(),
        connection_id: connection.id.clone(),
        connection_name: connection.name.clone(),
        connector: connection.connector.provider_key.clone(),
        auth_type: valetkey_core::connector::AuthType::Oauth2,
        connection_fault: None,
        identifier: identifier(number),
        identifier_type: "custom".into(),
        organization_id: None,
        user_id: None,
        state: State::Active,
        reason: Reason::None,
        state_changed_at: now,
        api_config: None,
        metadata: "{}".into(),
        application_metadata: "{}".into(),
        settings: AccountSettings::default(),
        test_mode: false,
        narrowed_scopes: None,
        requested_scopes: scopes.clone(),
        granted_scopes: scopes,
        token_expires_at: Some(now.plus_seconds(3600)),
        last_used_at: Some(now),
        last_authorized_at: Some(now),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}
