//! Connections: a connector with the operator's own settings.

use valetkey_core::{
    Timestamp,
    connector::AuthType,
    id::{ConnectionId, EnvironmentId},
    sealed::Sealed,
};

use crate::{
    COUNT_LIMIT, Conn, Page, PageRequest, Result, Tx,
    page::{Cursor, Direction},
    sql::{Row, Value, args, statements},
};

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// Its name, unique in the environment without regard to case.
    pub name: String,
    /// The key of its connector, built-in or custom. Never changes.
    pub connector: String,
    /// How its accounts authenticate.
    pub auth_type: AuthType,
    /// Whether accounts may use it.
    pub enabled: bool,
    /// The settings that are no secret, JSON.
    pub config: String,
    /// The secrets.
    pub secrets: Option<Sealed>,
    /// Callbacks of applications that an authorization may come back to, compared character by character.
    pub allowed_redirect_uris: Vec<String>,
    /// What is wrong with it, as far as the provider has told.
    pub fault: Option<String>,
    /// How often in a row it was found at fault.
    pub fault_count: i64,
    /// When it is tried again, where it is at fault.
    pub fault_retry_at: Option<Timestamp>,
    /// Counts the changes.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Which connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this connector.
    pub connector: Option<String>,
    /// Whose name or connector contains this text, without regard to case.
    pub query: Option<String>,
}

/// The form in which names are compared: trimmed, ASCII letters in lower case.
pub fn fold(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}

macro_rules! filtered {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM connections WHERE environment_id = $1 AND (LENGTH($2) = 0 OR connector = $2)",
            " AND (name_folded LIKE $3 ESCAPE '!' OR LOWER(connector) LIKE $3 ESCAPE '!')",
            $tail
        )
    };
}

statements! { "connection";
    write INSERT = "
        INSERT INTO connections (environment_id, id, name, name_folded, connector, auth_type, enabled, config, secrets,
            fault, fault_count, version, created_at, updated_at, allowed_redirect_uris)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $14)";
    read GET = "SELECT * FROM connections WHERE environment_id = $1 AND id = $2";
    read GET_ANY_ENVIRONMENT = "SELECT * FROM connections WHERE id = $1";
    read BY_NAME = "SELECT * FROM connections WHERE environment_id = $1 AND name_folded = $2";
    scan NAMES = "SELECT name FROM connections WHERE environment_id = $1 ORDER BY name_folded LIMIT 1000";
    scan IDS_OF_CONNECTOR = "SELECT id FROM connections WHERE environment_id = $1 AND connector = $2 ORDER BY id";
    write UPDATE = "
        UPDATE connections SET name = $4, name_folded = $5, auth_type = $6, enabled = $7, config = $8, secrets = $9,
            fault = $10, updated_at = $11, allowed_redirect_uris = $12, version = version + 1
        WHERE environment_id = $1 AND id = $2 AND version = $3";
    write FAULT = "
        UPDATE connections SET fault = $3, fault_count = $4, fault_retry_at = $5 WHERE environment_id = $1 AND id = $2";
    write TAKE_TURN = "
        UPDATE connections SET fault_retry_at = $4 WHERE environment_id = $1 AND id = $2 AND fault_retry_at = $3";
    write DELETE = "DELETE FROM connections WHERE environment_id = $1 AND id = $2";
    scan LIST_NEXT = filtered!("SELECT *", " AND id > $4 ORDER BY id LIMIT CAST($5 AS BIGINT)");
    scan LIST_PREVIOUS = filtered!("SELECT *", " AND id < $4 ORDER BY id DESC LIMIT CAST($5 AS BIGINT)");
    scan COUNT = filtered!("SELECT COUNT(*) AS count FROM (SELECT 1", " LIMIT CAST($4 AS BIGINT)) AS capped");
    scan ACCOUNTS_OF = "
        SELECT COUNT(*) AS count FROM (
            SELECT 1 FROM accounts WHERE environment_id = $1 AND connection_id = $2 LIMIT CAST($3 AS BIGINT)
        ) AS capped";
}

fn read(row: &Row) -> Result<Connection> {
    Ok(Connection {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        name: row.text("name")?,
        connector: row.text("connector")?,
        auth_type: row.named("auth_type", AuthType::parse)?,
        enabled: row.flag("enabled")?,
        config: row.text("config")?,
        secrets: row.sealed_opt("secrets")?,
        allowed_redirect_uris: row.list("allowed_redirect_uris")?,
        fault: row.text_opt("fault")?,
        fault_count: row.int("fault_count")?,
        fault_retry_at: row.time_opt("fault_retry_at")?,
        version: row.int("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// Adds a connection. A name that the environment has already is a [`Conflict`](crate::StoreError::Conflict).
pub async fn insert(tx: &mut Tx, row: &Connection) -> Result<()> {
    let inserted = args![
        &row.environment_id,
        &row.id,
        &row.name,
        fold(&row.name),
        &row.connector,
        row.auth_type,
        row.enabled,
        &row.config,
        &row.secrets,
        &row.fault,
        row.version,
        row.created_at,
        row.updated_at,
        row.allowed_redirect_uris.as_slice()
    ];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// The connection of the environment with this id.
pub async fn get(
    conn: &mut Conn,
    environment: &EnvironmentId,
    id: &ConnectionId,
) -> Result<Option<Connection>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The connection with this id. Only for callbacks of providers, whose address names the connection and nothing else;
/// what a callback may reach is decided by the flow that its state names.
pub async fn get_any_environment(conn: &mut Conn, id: &ConnectionId) -> Result<Option<Connection>> {
    conn.optional(&GET_ANY_ENVIRONMENT, args![id], read).await
}

/// The connection of the environment with this name, without regard to case.
pub async fn by_name(conn: &mut Conn, environment: &EnvironmentId, name: &str) -> Result<Option<Connection>> {
    conn.optional(&BY_NAME, args![environment, fold(name)], read).await
}

/// The names of the environment's connections in alphabetical order, at most 1,000; for suggestions.
pub async fn names(conn: &mut Conn, environment: &EnvironmentId) -> Result<Vec<String>> {
    conn.list(&NAMES, args![environment], |row| row.text("name")).await
}

/// The ids of the environment's connections of a connector.
pub(crate) async fn ids_of_connector(
    conn: &mut Conn,
    environment: &EnvironmentId,
    connector: &str,
) -> Result<Vec<ConnectionId>> {
    conn.list(&IDS_OF_CONNECTOR, args![environment, connector], |row| row.id("id")).await
}

/// Writes everything but identity, connector and creation, where the stored version is still `row.version`, and counts
/// the version up; `false` where it is not.
pub async fn update(tx: &mut Tx, row: &Connection) -> Result<bool> {
    let updated = args![
        &row.environment_id,
        &row.id,
        row.version,
        &row.name,
        fold(&row.name),
        row.auth_type,
        row.enabled,
        &row.config,
        &row.secrets,
        &row.fault,
        row.updated_at,
        row.allowed_redirect_uris.as_slice()
    ];
    tx.changes(&UPDATE, updated).await
}

/// Records that a connection is at fault and when it is tried again, or with `None` that it is not. The version stays,
/// because nobody has changed it.
pub async fn set_fault(
    tx: &mut Tx,
    environment: &EnvironmentId,
    id: &ConnectionId,
    fault: Option<(&str, i64, Timestamp)>,
) -> Result<bool> {
    let (text, count, retry_at) = match fault {
        Some((text, count, retry_at)) => (Some(text), count, Some(retry_at)),
        None => (None, 0, None),
    };
    tx.changes(&FAULT, args![environment, id, text, count, retry_at]).await
}

/// Takes the turn to try a connection at fault, for which it was time at `seen`, so that nobody else tries it before
/// `until`; `false` where somebody has taken it, or the connection is not at fault any more.
pub async fn take_turn(
    tx: &mut Tx,
    environment: &EnvironmentId,
    id: &ConnectionId,
    seen: Timestamp,
    until: Timestamp,
) -> Result<bool> {
    tx.changes(&TAKE_TURN, args![environment, id, seen, until]).await
}

/// Deletes a connection; `false` where there is none. One that still has accounts is a
/// [`Reference`](crate::StoreError::Reference) error.
pub async fn delete(tx: &mut Tx, environment: &EnvironmentId, id: &ConnectionId) -> Result<bool> {
    tx.changes(&DELETE, args![environment, id]).await
}

/// The connections of the environment, oldest first.
pub async fn list(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Connection>> {
    let cursor = Cursor::new::<ConnectionId>(page, ConnectionId::PREFIX)?;
    let stmt = match cursor.direction {
        Direction::Next => LIST_NEXT,
        Direction::Previous => LIST_PREVIOUS,
    };
    let mut values = filter_values(environment, filter);
    values.extend(args![cursor.start_or(""), cursor.limit()]);
    let rows = conn.list(&stmt, values, read).await?;
    let total = count(conn, environment, filter).await?;
    Ok(cursor.page(rows, total, |row| row.id.body()))
}

/// How many connections of the environment the filter lets through, counted up to [`COUNT_LIMIT`].
pub async fn count(conn: &mut Conn, environment: &EnvironmentId, filter: &Filter) -> Result<i64> {
    let mut values = filter_values(environment, filter);
    values.extend(args![COUNT_LIMIT]);
    conn.count(&COUNT, values).await
}

/// How many accounts a connection has, counted up to [`COUNT_LIMIT`].
pub async fn accounts_of(conn: &mut Conn, environment: &EnvironmentId, id: &ConnectionId) -> Result<i64> {
    conn.count(&ACCOUNTS_OF, args![environment, id, COUNT_LIMIT]).await
}

fn filter_values(environment: &EnvironmentId, filter: &Filter) -> Vec<Value> {
    let pattern = contains_pattern(filter.query.as_deref().unwrap_or_default());
    args![environment, filter.connector.as_deref().unwrap_or_default(), pattern]
}

/// The `LIKE` pattern for texts that contain `query`, with `!` as the escape character.
fn contains_pattern(query: &str) -> String {
    let escaped: String = fold(query)
        .chars()
        .flat_map(|c| ['!', c].into_iter().skip(usize::from(!"!%_".contains(c))))
        .collect();
    format!("%{escaped}%")
}
