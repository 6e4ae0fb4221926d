//! Finding one account. This is what every request for a credential starts with.

use valetkey_core::id::{AccountId, EnvironmentId};

use super::{Account, select_account};
use crate::{
    Conn, Result,
    sql::{args, statements},
};

statements! { "account";
    read GET = concat!(select_account!("accounts a CROSS JOIN connections c"), "a.id = $2");
    // Two index searches: the connection by its name, then the account by the index of its identity.
    read FIND = concat!(
        select_account!("connections c CROSS JOIN accounts a"),
        "c.environment_id = $1 AND c.name_folded = $2 AND a.identifier = $3",
        " AND (LENGTH($4) = 0 OR a.organization_id = $4) AND (LENGTH($5) = 0 OR a.user_id = $5) ORDER BY a.organization_id, a.user_id LIMIT CAST($6 AS BIGINT)"
    );
}

/// The account of the environment with this id.
pub async fn get(conn: &mut Conn, environment: &EnvironmentId, id: &AccountId) -> Result<Option<Account>> {
    conn.optional(&GET, args![environment, id], Account::read).await
}

/// The accounts of a connection with this identifier, the one without organization and user first, at most `limit`. The name of the connection is
/// given as [`fold`](crate::connection::fold) makes it. An absent organization or user matches any, so that several
/// accounts may be found.
pub async fn find(
    conn: &mut Conn,
    environment: &EnvironmentId,
    connection_name_folded: &str,
    identifier: &str,
    organization: Option<&str>,
    user: Option<&str>,
    limit: i64,
) -> Result<Vec<Account>> {
    let (organization, user) = (organization.unwrap_or_default(), user.unwrap_or_default());
    let values = args![environment, connection_name_folded, identifier, organization, user, limit];
    conn.list(&FIND, values, Account::read).await
}
