//! API clients and their secrets.

use valetkey_core::{
    Timestamp,
    id::{ClientId, ClientSecretId, EnvironmentId},
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// An API client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// The environment whose data it sees.
    pub environment_id: EnvironmentId,
    /// A name for people.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
    /// When it last authenticated with a secret.
    pub last_used_at: Option<Timestamp>,
}

/// What is kept of a secret of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// Its id.
    pub id: ClientSecretId,
    /// Whose it is.
    pub client_id: ClientId,
    /// Its hash, 32 bytes.
    pub hash: Vec<u8>,
    /// What may be shown of it.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

statements! { "client";
    write INSERT = "
        INSERT INTO clients (id, environment_id, name, permissions, created_at, revoked_at, last_used_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    write ADD_SECRET = "
        INSERT INTO client_secrets (environment_id, id, client_id, hash, hint, created_at, expires_at, revoked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    read LIST = "SELECT * FROM clients WHERE environment_id = $1 ORDER BY id";
    read GET = "SELECT * FROM clients WHERE environment_id = $1 AND id = $2";
    read GET_ANY_ENVIRONMENT = "SELECT * FROM clients WHERE id = $1";
    read SECRETS_ANY_ENVIRONMENT = "SELECT * FROM client_secrets WHERE client_id = $1 ORDER BY id";
    write REVOKE = "
        UPDATE clients SET revoked_at = $3 WHERE environment_id = $1 AND id = $2 AND revoked_at IS NULL";
    write HOLD = "
        UPDATE clients SET revoked_at = NULL WHERE environment_id = $1 AND id = $2 AND revoked_at IS NULL";
    write EXPIRE_SECRETS = "
        UPDATE client_secrets SET expires_at = $4
        WHERE environment_id = $1 AND client_id = $2 AND id <> $3 AND (expires_at IS NULL OR expires_at > $4)";
    write TOUCH = "UPDATE clients SET last_used_at = $3 WHERE environment_id = $1 AND id = $2";
}

fn read(row: &Row) -> Result<Client> {
    Ok(Client {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        name: row.text("name")?,
        permissions: row.list("permissions")?,
        created_at: row.time("created_at")?,
        revoked_at: row.time_opt("revoked_at")?,
        last_used_at: row.time_opt("last_used_at")?,
    })
}

fn read_secret(row: &Row) -> Result<ClientSecret> {
    Ok(ClientSecret {
        id: row.id("id")?,
        client_id: row.id("client_id")?,
        hash: row.blob("hash")?,
        hint: row.text("hint")?,
        created_at: row.time("created_at")?,
        expires_at: row.time_opt("expires_at")?,
        revoked_at: row.time_opt("revoked_at")?,
    })
}

/// Adds a client.
pub async fn insert(tx: &mut Tx, row: &Client) -> Result<()> {
    let permissions = row.permissions.as_slice();
    let inserted = args![
        &row.id,
        &row.environment_id,
        &row.name,
        permissions,
        row.created_at,
        row.revoked_at,
        row.last_used_at
    ];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// Adds a secret to a client of the environment.
pub async fn add_secret(tx: &mut Tx, environment: &EnvironmentId, row: &ClientSecret) -> Result<()> {
    let inserted = args![
        environment,
        &row.id,
        &row.client_id,
        &row.hash,
        &row.hint,
        row.created_at,
        row.expires_at,
        row.revoked_at
    ];
    tx.execute(&ADD_SECRET, inserted).await.map(drop)
}

/// The clients of an environment, oldest first.
pub async fn list(conn: &mut Conn, environment: &EnvironmentId) -> Result<Vec<Client>> {
    conn.list(&LIST, args![environment], read).await
}

/// The client of the environment with this id.
pub async fn get(conn: &mut Conn, environment: &EnvironmentId, id: &ClientId) -> Result<Option<Client>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The client with this id. Only for authentication, which is what tells the environment.
pub async fn get_any_environment(conn: &mut Conn, id: &ClientId) -> Result<Option<Client>> {
    conn.optional(&GET_ANY_ENVIRONMENT, args![id], read).await
}

/// The secrets of a client, oldest first, also those that no longer work. For authentication, before the environment
/// is known, and for a client that was read in its environment.
pub async fn secrets(conn: &mut Conn, client: &ClientId) -> Result<Vec<ClientSecret>> {
    conn.list(&SECRETS_ANY_ENVIRONMENT, args![client], read_secret).await
}

/// Revokes a client; `false` where there is none, or it is revoked already.
pub async fn revoke(tx: &mut Tx, environment: &EnvironmentId, id: &ClientId, now: Timestamp) -> Result<bool> {
    tx.changes(&REVOKE, args![environment, id, now]).await
}

/// Keeps a client from being revoked until the transaction ends; `false` where there is none, or it is revoked already.
pub async fn hold(tx: &mut Tx, environment: &EnvironmentId, id: &ClientId) -> Result<bool> {
    tx.changes(&HOLD, args![environment, id]).await
}

/// Lets the secrets of a client, but not `except`, end at `at`; those that end earlier stay as they are. Returns how
/// many were changed.
pub async fn expire_secrets(
    tx: &mut Tx,
    environment: &EnvironmentId,
    client: &ClientId,
    except: Option<&ClientSecretId>,
    at: Timestamp,
) -> Result<u64> {
    let except = except.map_or("", ClientSecretId::as_str);
    tx.execute(&EXPIRE_SECRETS, args![environment, client, except, at]).await
}

/// Notes that a client has authenticated.
pub async fn touch(tx: &mut Tx, environment: &EnvironmentId, id: &ClientId, now: Timestamp) -> Result<bool> {
    tx.changes(&TOUCH, args![environment, id, now]).await
}
