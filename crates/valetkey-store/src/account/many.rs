//! Many accounts at once.

use valetkey_core::id::{AccountId, EnvironmentId};

use super::{Account, metadata, select_account, terms, write};
use crate::{Conn, Result, Stmt, Tx, sql::args};

const GET_ALL: Stmt = Stmt::scan(
    "account::GET_ALL",
    concat!(
        select_account!("accounts a CROSS JOIN connections c"),
        "a.id IN (SELECT value FROM json_each($2))"
    ),
)
.on_postgres(concat!(
    select_account!("accounts a CROSS JOIN connections c"),
    "a.id IN (SELECT value FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)))"
));

const ID_OF: Stmt = Stmt::read(
    "account::ID_OF",
    "SELECT id FROM accounts WHERE environment_id = $1 AND connection_id = $2 AND identifier = $3
         AND organization_id = $4 AND user_id = $5",
);

pub(super) const STATEMENTS: &[&Stmt] = &[&GET_ALL, &ID_OF];

/// The accounts of the environment with these ids, in no particular order. An id without an account is left out.
pub async fn get_all(
    conn: &mut Conn,
    environment: &EnvironmentId,
    ids: &[AccountId],
) -> Result<Vec<Account>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    conn.list(&GET_ALL, args![environment, ids.as_slice()], Account::read).await
}

/// The id of the account that has the connection, identifier, organization and user of `row`.
pub async fn id_of(conn: &mut Conn, row: &Account) -> Result<Option<AccountId>> {
    let values = args![
        &row.environment_id,
        &row.connection_id,
        &row.identifier,
        row.organization_id.as_deref().unwrap_or_default(),
        row.user_id.as_deref().unwrap_or_default()
    ];
    conn.optional(&ID_OF, values, |row| row.id("id")).await
}

/// Adds accounts as [`insert_if_absent`](super::insert_if_absent) does one, and says of each whether it was added.
pub async fn insert_all(tx: &mut Tx, rows: &[Account]) -> Result<Vec<bool>> {
    let mut added = Vec::with_capacity(rows.len());
    for row in rows {
        added.push(write::insert_row(tx, row).await?);
    }
    let new = rows.iter().zip(&added).filter_map(|(row, added)| added.then_some(row));
    terms::insert_all(tx, new.clone()).await?;
    metadata::insert(tx, new).await?;
    Ok(added)
}
