//! Environments. They are the tenants, so that these queries are the installation's own.

use valetkey_core::{Timestamp, environment::VerificationMode, id::EnvironmentId};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// Its name, unique in the installation.
    pub name: String,
    /// The name under which end users know the application that asks them.
    pub application: String,
    /// Who confirms the user who authorized.
    pub verification_mode: VerificationMode,
    /// The addresses to which a browser may be sent at the end, compared character by character.
    pub allowed_return_urls: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
}

statements! { "environment";
    write INSERT = "
        INSERT INTO environments (id, name, application, verification_mode, allowed_return_urls, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    read GET = "SELECT * FROM environments WHERE id = $1";
    read BY_NAME = "SELECT * FROM environments WHERE name = $1";
    read LIST = "SELECT * FROM environments ORDER BY id";
    write UPDATE = "
        UPDATE environments SET name = $2, application = $3, verification_mode = $4, allowed_return_urls = $5
        WHERE id = $1";
}

fn read(row: &Row) -> Result<Environment> {
    Ok(Environment {
        id: row.id("id")?,
        name: row.text("name")?,
        application: row.text("application")?,
        verification_mode: row.named("verification_mode", VerificationMode::parse)?,
        allowed_return_urls: row.list("allowed_return_urls")?,
        created_at: row.time("created_at")?,
    })
}

/// Adds an environment.
pub async fn insert(tx: &mut Tx, row: &Environment) -> Result<()> {
    let urls = row.allowed_return_urls.as_slice();
    let inserted = args![&row.id, &row.name, &row.application, row.verification_mode, urls, row.created_at];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// The environment with this id.
pub async fn get(conn: &mut Conn, id: &EnvironmentId) -> Result<Option<Environment>> {
    conn.optional(&GET, args![id], read).await
}

/// The environment with this name.
pub async fn by_name(conn: &mut Conn, name: &str) -> Result<Option<Environment>> {
    conn.optional(&BY_NAME, args![name], read).await
}

/// Every environment, oldest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<Environment>> {
    conn.list(&LIST, args![], read).await
}

/// Writes names, verification mode and return addresses; `false` where there is no such environment.
pub async fn update(tx: &mut Tx, row: &Environment) -> Result<bool> {
    let urls = row.allowed_return_urls.as_slice();
    tx.changes(&UPDATE, args![&row.id, &row.name, &row.application, row.verification_mode, urls]).await
}
