//! What tells whether an account, its credential and its connection are still as they were read.

use valetkey_core::{
    Timestamp,
    id::{AccountId, EnvironmentId},
};

use crate::{
    Conn, Result,
    sql::{Row, args, statements},
};

/// One account, and everything that changes when it does, its credential does, or the way to its API. Two that are equal
/// stand for the same; when the account was last used is no part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The account.
    pub account_id: AccountId,
    version: i64,
    generation: Option<i64>,
    stored_at: Option<i64>,
    refreshable: Option<i64>,
    ended: Option<String>,
    connection_version: i64,
    fault: Option<String>,
    definition_at: Option<i64>,
}

/// The stamp of the accounts of a `FROM` clause. Every row is found by a primary key.
macro_rules! select_stamp {
    ($from:literal) => {
        concat!(
            "SELECT a.id, a.version, a.last_used_at, g.generation, g.updated_at AS stored_at,",
            " CASE r.refreshable WHEN TRUE THEN CAST(1 AS BIGINT) WHEN FALSE THEN CAST(0 AS BIGINT) END AS refreshable,",
            " r.ended, c.version AS connection_version, c.fault, k.updated_at AS definition_at FROM ",
            $from,
            " LEFT JOIN credentials g ON g.environment_id = a.environment_id AND g.account_id = a.id",
            " LEFT JOIN refreshes r ON r.environment_id = a.environment_id AND r.account_id = a.id",
            " LEFT JOIN custom_connectors k ON k.environment_id = c.environment_id AND k.identifier = c.connector",
            " WHERE a.environment_id = $1 AND c.environment_id = a.environment_id AND c.id = a.connection_id AND "
        )
    };
}

statements! { "account_stamp";
    read GET = concat!(select_stamp!("accounts a CROSS JOIN connections c"), "a.id = $2");
    read FIND = concat!(
        select_stamp!("connections c CROSS JOIN accounts a"),
        "c.environment_id = $1 AND c.name_folded = $2 AND a.identifier = $3",
        " AND (LENGTH($4) = 0 OR a.organization_id = $4) AND (LENGTH($5) = 0 OR a.user_id = $5) LIMIT 2"
    );
}

/// A stamp, and when the account was last used.
pub type Stamped = (Stamp, Option<Timestamp>);

fn read(row: &Row) -> Result<Stamped> {
    let stamp = Stamp {
        account_id: row.id("id")?,
        version: row.int("version")?,
        generation: row.int_opt("generation")?,
        stored_at: row.int_opt("stored_at")?,
        refreshable: row.int_opt("refreshable")?,
        ended: row.text_opt("ended")?,
        connection_version: row.int("connection_version")?,
        fault: row.text_opt("fault")?,
        definition_at: row.int_opt("definition_at")?,
    };
    Ok((stamp, row.time_opt("last_used_at")?))
}

/// The stamp of the account of the environment with this id.
pub async fn stamp(conn: &mut Conn, environment: &EnvironmentId, id: &AccountId) -> Result<Option<Stamped>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The stamp of the account that [`find`](super::find) finds; `None` where it finds none or several.
pub async fn stamp_of_found(
    conn: &mut Conn,
    environment: &EnvironmentId,
    connection_name_folded: &str,
    identifier: &str,
    organization: Option<&str>,
    user: Option<&str>,
) -> Result<Option<Stamped>> {
    let (organization, user) = (organization.unwrap_or_default(), user.unwrap_or_default());
    let values = args![environment, connection_name_folded, identifier, organization, user];
    let mut found = conn.list(&FIND, values, read).await?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}
