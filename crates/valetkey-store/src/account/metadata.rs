//! The application's own values on accounts, and what accounts are found by among them.

use std::collections::BTreeSet;

use valetkey_core::metadata;

use super::Account;
use crate::{
    Result, Stmt, Tx,
    sql::{args, statements},
};

statements! { "account::metadata";
    write UPDATE = "
        UPDATE accounts SET application_metadata = $4, updated_at = $5, version = version + 1
        WHERE environment_id = $1 AND id = $2 AND version = $3";
    read OF_ACCOUNT = "SELECT term FROM account_metadata WHERE environment_id = $1 AND account_id = $2";
    write REMOVE = "DELETE FROM account_metadata WHERE environment_id = $1 AND account_id = $2 AND term = $3";
}

const ADD: Stmt = Stmt::many(
    "account::metadata::ADD",
    "INSERT INTO account_metadata (environment_id, account_id, term) VALUES ($1, $2, $3)",
    "INSERT INTO account_metadata (environment_id, account_id, term) SELECT value ->> 0, value ->> 1, value ->> 2
     FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))",
);

pub(super) const MORE_STATEMENTS: &[&Stmt] = &[&ADD];

fn terms(row: &Account) -> BTreeSet<String> {
    serde_json::from_str(&row.application_metadata)
        .map_or_else(|_| BTreeSet::new(), |map| metadata::terms(&map))
}

/// Writes the terms of new accounts.
pub(super) async fn insert(tx: &mut Tx, rows: impl Iterator<Item = &Account>) -> Result<()> {
    let added = rows
        .flat_map(|row| terms(row).into_iter().map(move |term| args![&row.environment_id, &row.id, term]));
    tx.execute_many(&ADD, added.collect()).await
}

/// Writes the application's own values, and what the account is found by among them, where the stored version is still
/// `row.version`, and counts the version up; `false`, and nothing is written, where it is not.
pub async fn update_metadata(tx: &mut Tx, row: &Account) -> Result<bool> {
    let updated = args![&row.environment_id, &row.id, row.version, &row.application_metadata, row.updated_at];
    if !tx.changes(&UPDATE, updated).await? {
        return Ok(false);
    }
    let found = tx.list(&OF_ACCOUNT, args![&row.environment_id, &row.id], |row| row.text("term")).await?;
    let (stored, wanted) = (found.into_iter().collect::<BTreeSet<_>>(), terms(row));
    for term in stored.difference(&wanted) {
        tx.execute(&REMOVE, args![&row.environment_id, &row.id, term]).await?;
    }
    let added = wanted.difference(&stored).map(|term| args![&row.environment_id, &row.id, term]);
    tx.execute_many(&ADD, added.collect()).await?;
    Ok(true)
}
