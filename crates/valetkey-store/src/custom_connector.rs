//! Custom connectors: providers that a caller has described.

use valetkey_core::{Timestamp, id::EnvironmentId};

use crate::{
    COUNT_LIMIT, Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// A custom connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomConnector {
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// The key that connections name, unique in the environment.
    pub identifier: String,
    /// A name for people.
    pub display_name: String,
    /// The definition that was made from the description, JSON.
    pub definition: String,
    /// The description as it was given, JSON.
    pub source: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

statements! { "custom_connector";
    write INSERT = "
        INSERT INTO custom_connectors (environment_id, identifier, display_name, definition, source, created_at,
            updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    read GET = "SELECT * FROM custom_connectors WHERE environment_id = $1 AND identifier = $2";
    scan LIST = "SELECT * FROM custom_connectors WHERE environment_id = $1 ORDER BY created_at, identifier";
    write UPDATE = "
        UPDATE custom_connectors SET display_name = $3, definition = $4, source = $5, updated_at = $6
        WHERE environment_id = $1 AND identifier = $2";
    write DELETE = "DELETE FROM custom_connectors WHERE environment_id = $1 AND identifier = $2";
    scan CONNECTIONS_USING = "
        SELECT COUNT(*) AS count FROM (
            SELECT 1 FROM connections WHERE environment_id = $1 AND connector = $2 LIMIT CAST($3 AS BIGINT)
        ) AS capped";
}

fn read(row: &Row) -> Result<CustomConnector> {
    Ok(CustomConnector {
        environment_id: row.id("environment_id")?,
        identifier: row.text("identifier")?,
        display_name: row.text("display_name")?,
        definition: row.text("definition")?,
        source: row.text("source")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// Adds a custom connector.
pub async fn insert(tx: &mut Tx, row: &CustomConnector) -> Result<()> {
    let inserted = args![
        &row.environment_id,
        &row.identifier,
        &row.display_name,
        &row.definition,
        &row.source,
        row.created_at,
        row.updated_at
    ];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// The custom connector of the environment with this identifier.
pub async fn get(
    conn: &mut Conn,
    environment: &EnvironmentId,
    identifier: &str,
) -> Result<Option<CustomConnector>> {
    conn.optional(&GET, args![environment, identifier], read).await
}

/// The custom connectors of the environment, oldest first.
pub async fn list(conn: &mut Conn, environment: &EnvironmentId) -> Result<Vec<CustomConnector>> {
    conn.list(&LIST, args![environment], read).await
}

/// Writes name, definition and source; `false` where there is no such connector.
pub async fn update(tx: &mut Tx, row: &CustomConnector) -> Result<bool> {
    let updated = args![
        &row.environment_id,
        &row.identifier,
        &row.display_name,
        &row.definition,
        &row.source,
        row.updated_at
    ];
    tx.changes(&UPDATE, updated).await
}

/// Deletes a custom connector; `false` where there is none.
pub async fn delete(tx: &mut Tx, environment: &EnvironmentId, identifier: &str) -> Result<bool> {
    tx.changes(&DELETE, args![environment, identifier]).await
}

/// How many connections use a connector, counted up to [`COUNT_LIMIT`].
pub async fn connections_using(
    conn: &mut Conn,
    environment: &EnvironmentId,
    identifier: &str,
) -> Result<i64> {
    conn.count(&CONNECTIONS_USING, args![environment, identifier, COUNT_LIMIT]).await
}
