//! Writing accounts.

use valetkey_core::{
    Timestamp,
    id::{AccountId, EnvironmentId},
    settings::AccountSettings,
};

use super::{Account, metadata, terms};
use crate::{
    Result, Tx,
    sql::{args, statements},
};

statements! { "account";
    write INSERT = "
        INSERT INTO accounts (environment_id, id, connection_id, identifier, identifier_type, organization_id, user_id,
            state, reason, state_changed_at, api_config, metadata, requested_scopes, granted_scopes, token_expires_at,
            last_used_at, last_authorized_at, version, created_at, updated_at, settings, test_mode, narrowed_scopes,
            application_metadata)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23, $24)
        ON CONFLICT (environment_id, connection_id, identifier, organization_id, user_id) DO NOTHING";
    write UPDATE_STATE = "
        UPDATE accounts SET state = $4, reason = $5, state_changed_at = $6, api_config = $7, metadata = $8,
            requested_scopes = $9, granted_scopes = $10, token_expires_at = $11, last_authorized_at = $12,
            updated_at = $13, version = version + 1
        WHERE environment_id = $1 AND id = $2 AND version = $3";
    write UPDATE_SETTINGS = "
        UPDATE accounts SET api_config = $4, metadata = $5, updated_at = $6, settings = $7, version = version + 1
        WHERE environment_id = $1 AND id = $2 AND version = $3";
    write TOUCH = "UPDATE accounts SET last_used_at = $3 WHERE environment_id = $1 AND id = $2";
    write DELETE = "DELETE FROM accounts WHERE environment_id = $1 AND id = $2";
}

/// Adds an account; `false`, and nothing is added, where its connection has one with the same identifier, organization
/// and user.
pub async fn insert_if_absent(tx: &mut Tx, row: &Account) -> Result<bool> {
    let added = insert_row(tx, row).await?;
    if added {
        terms::insert(tx, row).await?;
        metadata::insert(tx, std::iter::once(row)).await?;
    }
    Ok(added)
}

/// Adds the row alone, without what the account is found by.
pub(super) async fn insert_row(tx: &mut Tx, row: &Account) -> Result<bool> {
    let inserted = args![
        &row.environment_id,
        &row.id,
        &row.connection_id,
        &row.identifier,
        &row.identifier_type,
        row.organization_id.as_deref().unwrap_or_default(),
        row.user_id.as_deref().unwrap_or_default(),
        row.state,
        row.reason,
        row.state_changed_at,
        &row.api_config,
        &row.metadata,
        &row.requested_scopes,
        &row.granted_scopes,
        row.token_expires_at,
        row.last_used_at,
        row.last_authorized_at,
        row.version,
        row.created_at,
        row.updated_at,
        settings_text(&row.settings),
        row.test_mode,
        &row.narrowed_scopes,
        &row.application_metadata
    ];
    tx.changes(&INSERT, inserted).await
}

/// Brings what an account is found by up to date with its metadata.
pub async fn update_terms(tx: &mut Tx, row: &Account) -> Result<()> {
    terms::update(tx, row).await
}

/// Writes state, scopes, token expiry, `api_config` and metadata where the stored version is still `row.version`, and
/// counts the version up; `false`, and nothing is written, where it is not. Where the metadata have changed,
/// [`update_terms`] comes after it.
pub async fn update_state(tx: &mut Tx, row: &Account) -> Result<bool> {
    let updated = args![
        &row.environment_id,
        &row.id,
        row.version,
        row.state,
        row.reason,
        row.state_changed_at,
        &row.api_config,
        &row.metadata,
        &row.requested_scopes,
        &row.granted_scopes,
        row.token_expires_at,
        row.last_authorized_at,
        row.updated_at
    ];
    tx.changes(&UPDATE_STATE, updated).await
}

/// The stored form of settings.
fn settings_text(settings: &AccountSettings) -> String {
    serde_json::json!(settings).to_string()
}

/// Writes `api_config`, metadata and settings where the stored version is still `row.version`, and counts the version up;
/// `false`, and nothing is written, where it is not. Never touches state or credential.
pub async fn update_settings(tx: &mut Tx, row: &Account) -> Result<bool> {
    let updated = args![
        &row.environment_id,
        &row.id,
        row.version,
        &row.api_config,
        &row.metadata,
        row.updated_at,
        settings_text(&row.settings)
    ];
    let written = tx.changes(&UPDATE_SETTINGS, updated).await?;
    if written {
        terms::update(tx, row).await?;
    }
    Ok(written)
}

/// Notes that the credential of an account was used. The version stays, because nothing was decided.
pub async fn touch(tx: &mut Tx, environment: &EnvironmentId, id: &AccountId, now: Timestamp) -> Result<bool> {
    tx.changes(&TOUCH, args![environment, id, now]).await
}

/// Deletes an account with its credential, links, flows and verifications; `false` where there is none. The journal
/// stays.
pub async fn delete(tx: &mut Tx, environment: &EnvironmentId, id: &AccountId) -> Result<bool> {
    tx.changes(&DELETE, args![environment, id]).await
}
