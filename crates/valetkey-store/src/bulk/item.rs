//! The items of an operation, in their order.

use valetkey_core::{
    bulk::BulkItemState,
    id::{AccountId, BulkOperationId, EnvironmentId},
};

use crate::{
    Conn, Result, Stmt, Tx,
    sql::{Row, args, statements},
};

/// What an operation does with one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its place in the request, from 0.
    pub place: i64,
    /// What the request says of it, a JSON value; empty once the item is worked off.
    pub input: String,
    /// What became of it.
    pub state: BulkItemState,
    /// The account, once it is known.
    pub account_id: Option<AccountId>,
    /// Whether the operation created the account.
    pub created: bool,
    /// Why it failed, a JSON object without secrets.
    pub error: Option<String>,
}

macro_rules! insert {
    ($rows:literal) => {
        concat!(
            "INSERT INTO bulk_items (environment_id, operation_id, place, input, state, account_id, created, error) ",
            $rows
        )
    };
}

const INSERT: Stmt = Stmt::many(
    "bulk::INSERT_ITEM",
    insert!("VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
    insert!(
        "SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), value ->> 3, value ->> 4, value ->> 5,
         CAST(value ->> 6 AS BOOLEAN), value ->> 7
         FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))"
    ),
);
const FINISH: Stmt = Stmt::many(
    "bulk::FINISH_ITEM",
    "UPDATE bulk_items SET input = '', state = $4, account_id = $5, created = $6, error = $7
     WHERE environment_id = $1 AND operation_id = $2 AND place = $3",
    "UPDATE bulk_items SET input = '', state = value ->> 3, account_id = value ->> 4,
         created = CAST(value ->> 5 AS BOOLEAN), error = value ->> 6
     FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))
     WHERE environment_id = value ->> 0 AND operation_id = value ->> 1 AND place = CAST(value ->> 2 AS BIGINT)",
);

pub(super) const MORE_STATEMENTS: &[&Stmt] = &[&INSERT, &FINISH];

statements! { "bulk";
    scan LIST = "
        SELECT * FROM bulk_items WHERE environment_id = $1 AND operation_id = $2 AND place >= $3
        ORDER BY place LIMIT CAST($4 AS BIGINT)";
    scan LIST_FAILED = "
        SELECT * FROM bulk_items WHERE environment_id = $1 AND operation_id = $2 AND place >= $3 AND state = 'failed'
        ORDER BY place LIMIT CAST($4 AS BIGINT)";
}

fn read(row: &Row) -> Result<Item> {
    Ok(Item {
        place: row.int("place")?,
        input: row.text("input")?,
        state: row.named("state", BulkItemState::parse)?,
        account_id: row.id_opt("account_id")?,
        created: row.flag("created")?,
        error: row.text_opt("error")?,
    })
}

/// Adds items of an operation.
pub async fn insert_items(
    tx: &mut Tx,
    environment: &EnvironmentId,
    operation: &BulkOperationId,
    items: &[Item],
) -> Result<()> {
    let values = |item: &Item| {
        args![
            environment,
            operation,
            item.place,
            &item.input,
            item.state,
            &item.account_id,
            item.created,
            &item.error
        ]
    };
    tx.execute_many(&INSERT, items.iter().map(values).collect()).await
}

/// Writes what became of items. What the request said of them is forgotten.
pub async fn finish_items(
    tx: &mut Tx,
    environment: &EnvironmentId,
    operation: &BulkOperationId,
    items: &[Item],
) -> Result<()> {
    let values = |item: &Item| {
        args![environment, operation, item.place, item.state, &item.account_id, item.created, &item.error]
    };
    tx.execute_many(&FINISH, items.iter().map(values).collect()).await
}

/// The items of an operation from `place` on, or those of them that failed, at most `limit`.
pub async fn items(
    conn: &mut Conn,
    environment: &EnvironmentId,
    operation: &BulkOperationId,
    failed_only: bool,
    (place, limit): (i64, i64),
) -> Result<Vec<Item>> {
    let stmt = if failed_only { LIST_FAILED } else { LIST };
    conn.list(&stmt, args![environment, operation, place, limit], read).await
}
