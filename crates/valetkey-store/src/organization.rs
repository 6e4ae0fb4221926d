//! Organizations: the application's customers.

use valetkey_core::{
    Timestamp,
    id::{AccountId, EnvironmentId, OrganizationId},
};

use crate::{
    COUNT_LIMIT, Conn, Page, PageRequest, Result, Tx,
    page::{Cursor, Direction},
    sql::{Row, args, statements},
};

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// A name for people.
    pub display_name: String,
    /// The application's own id of it, unique in the environment.
    pub external_id: Option<String>,
    /// A DNS label.
    pub slug: Option<String>,
    /// The address of a logo.
    pub logo_url: Option<String>,
    /// The region code, kept as given.
    pub region_code: i64,
    /// Free pairs, a JSON object.
    pub metadata: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

statements! { "organization";
    write INSERT = "
        INSERT INTO organizations (environment_id, id, display_name, external_id, slug, logo_url, region_code, metadata,
            created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    read GET = "SELECT * FROM organizations WHERE environment_id = $1 AND id = $2";
    read BY_EXTERNAL_ID = "SELECT * FROM organizations WHERE environment_id = $1 AND external_id = $2";
    scan LIST_NEXT = "SELECT * FROM organizations WHERE environment_id = $1 AND id > $2 ORDER BY id LIMIT CAST($3 AS BIGINT)";
    scan LIST_PREVIOUS = "
        SELECT * FROM organizations WHERE environment_id = $1 AND id < $2 ORDER BY id DESC LIMIT CAST($3 AS BIGINT)";
    scan COUNT = "
        SELECT COUNT(*) AS count FROM (SELECT 1 FROM organizations WHERE environment_id = $1 LIMIT CAST($2 AS BIGINT)) AS capped";
    write UPDATE = "
        UPDATE organizations SET display_name = $3, external_id = $4, slug = $5, logo_url = $6, region_code = $7,
            metadata = $8, updated_at = $9
        WHERE environment_id = $1 AND id = $2";
    bulk DELETE_ACCOUNTS = "
        DELETE FROM accounts WHERE environment_id = $1 AND organization_id = $2 AND organization_id <> '' RETURNING id";
    write DELETE = "DELETE FROM organizations WHERE environment_id = $1 AND id = $2";
}

fn read(row: &Row) -> Result<Organization> {
    Ok(Organization {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        display_name: row.text("display_name")?,
        external_id: row.text_opt("external_id")?,
        slug: row.text_opt("slug")?,
        logo_url: row.text_opt("logo_url")?,
        region_code: row.int("region_code")?,
        metadata: row.text("metadata")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// Adds an organization. An `external_id` that the environment has already is a
/// [`Conflict`](crate::StoreError::Conflict).
pub async fn insert(tx: &mut Tx, row: &Organization) -> Result<()> {
    let inserted = args![
        &row.environment_id,
        &row.id,
        &row.display_name,
        &row.external_id,
        &row.slug,
        &row.logo_url,
        row.region_code,
        &row.metadata,
        row.created_at,
        row.updated_at
    ];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// The organization of the environment with this id.
pub async fn get(
    conn: &mut Conn,
    environment: &EnvironmentId,
    id: &OrganizationId,
) -> Result<Option<Organization>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The organization of the environment with this id of the application's own.
pub async fn by_external_id(
    conn: &mut Conn,
    environment: &EnvironmentId,
    external_id: &str,
) -> Result<Option<Organization>> {
    conn.optional(&BY_EXTERNAL_ID, args![environment, external_id], read).await
}

/// The organizations of the environment, oldest first.
pub async fn list(
    conn: &mut Conn,
    environment: &EnvironmentId,
    page: &PageRequest,
) -> Result<Page<Organization>> {
    let cursor = Cursor::new::<OrganizationId>(page, OrganizationId::PREFIX)?;
    let stmt = match cursor.direction {
        Direction::Next => LIST_NEXT,
        Direction::Previous => LIST_PREVIOUS,
    };
    let rows = conn.list(&stmt, args![environment, cursor.start_or(""), cursor.limit()], read).await?;
    let total = count(conn, environment).await?;
    Ok(cursor.page(rows, total, |row| row.id.body()))
}

/// How many organizations the environment has, counted up to [`COUNT_LIMIT`].
pub async fn count(conn: &mut Conn, environment: &EnvironmentId) -> Result<i64> {
    conn.count(&COUNT, args![environment, COUNT_LIMIT]).await
}

/// Writes everything but identity and creation; `false` where there is no such organization.
pub async fn update(tx: &mut Tx, row: &Organization) -> Result<bool> {
    let updated = args![
        &row.environment_id,
        &row.id,
        &row.display_name,
        &row.external_id,
        &row.slug,
        &row.logo_url,
        row.region_code,
        &row.metadata,
        row.updated_at
    ];
    tx.changes(&UPDATE, updated).await
}

/// Deletes an organization and its accounts with all that hangs on them. Returns the ids of those accounts.
pub async fn delete(tx: &mut Tx, environment: &EnvironmentId, id: &OrganizationId) -> Result<Vec<AccountId>> {
    let accounts = tx.list(&DELETE_ACCOUNTS, args![environment, id], |row| row.id("id")).await?;
    tx.execute(&DELETE, args![environment, id]).await?;
    Ok(accounts)
}
