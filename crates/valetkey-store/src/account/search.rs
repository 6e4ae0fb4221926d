//! Searching accounts by the start of a word, in the order of the matching terms.

use valetkey_core::id::{AccountId, ConnectionId, EnvironmentId};

use super::{Account, select_account, terms};
use crate::{
    COUNT_LIMIT, Conn, Page, PageRequest, Result, Stmt, StoreError,
    page::{Cursor, Direction},
    sql::{args, statements},
};

/// Sorts after every text that it is added to.
const LAST: char = '\u{10FFFF}';

/// An account with several matching terms counts at the first of them. Parameters: environment, first and end of the
/// range of terms, connection, place (term and account) to walk from, limit. The place is one end of the range, so that
/// the index is entered there.
macro_rules! walk {
    (Next, $connection:literal) => {
        walk!($connection, "(t.term, t.account_id) > ($5, $6) AND t.term < $3", "t.term, t.account_id")
    };
    (Previous, $connection:literal) => {
        walk!(
            $connection,
            "(t.term, t.account_id) < ($5, $6) AND t.term >= $2",
            "t.term DESC, t.account_id DESC"
        )
    };
    ($connection:literal, $range:literal, $order:literal) => {
        concat!(
            select_account!("account_terms t CROSS JOIN accounts a CROSS JOIN connections c"),
            "t.environment_id = $1 AND ",
            $connection,
            " AND a.id = t.account_id AND ",
            $range,
            " AND t.term = (SELECT e.term FROM account_terms e WHERE e.environment_id = $1",
            " AND e.account_id = t.account_id AND e.term >= $2 AND e.term < $3 ORDER BY e.term LIMIT 1) ORDER BY ",
            $order,
            " LIMIT CAST($7 AS BIGINT)"
        )
    };
}

/// Of the first rows up to a limit: how many, and how many accounts. The order makes PostgreSQL enter the index too,
/// instead of walking the table until it has met enough.
macro_rules! count {
    ($connection:literal) => {
        concat!(
            "SELECT COUNT(*) AS terms, COUNT(DISTINCT account_id) AS accounts FROM (",
            "SELECT t.account_id FROM account_terms t WHERE t.environment_id = $1 AND t.term >= $2 AND t.term < $3 AND ",
            $connection,
            " ORDER BY t.term, t.account_id LIMIT CAST($5 AS BIGINT)) AS capped"
        )
    };
}

statements! { "account::search";
    scan NEXT = walk!(Next, "LENGTH($4) = 0");
    scan PREVIOUS = walk!(Previous, "LENGTH($4) = 0");
    scan COUNT = count!("LENGTH($4) = 0");
    scan NEXT_OF_CONNECTION = walk!(Next, "t.connection_id = $4");
    scan PREVIOUS_OF_CONNECTION = walk!(Previous, "t.connection_id = $4");
    scan COUNT_OF_CONNECTION = count!("t.connection_id = $4");
    read FIRST_TERM = "
        SELECT term FROM account_terms
        WHERE environment_id = $1 AND account_id = $2 AND term >= $3 AND term < $4 ORDER BY term LIMIT 1";
}

/// The statements for a walk in some direction and for the count.
fn chosen(direction: Direction, of_connection: bool) -> (Stmt, Stmt) {
    match (direction, of_connection) {
        (Direction::Next, false) => (NEXT, COUNT),
        (Direction::Previous, false) => (PREVIOUS, COUNT),
        (Direction::Next, true) => (NEXT_OF_CONNECTION, COUNT_OF_CONNECTION),
        (Direction::Previous, true) => (PREVIOUS_OF_CONNECTION, COUNT_OF_CONNECTION),
    }
}

/// The accounts of the environment with a word that starts with `query`, in identifier or e-mail address and without
/// regard to case; of one connection where that is given. Each account once, in the order of the matching texts. An
/// empty query finds every account.
///
/// A page token names an account; when that was deleted, or is of another search, the answer is
/// [`StoreError::PageToken`]. The total is exact below [`COUNT_LIMIT`] matching terms.
pub async fn search(
    conn: &mut Conn,
    environment: &EnvironmentId,
    query: &str,
    connection: Option<&ConnectionId>,
    page: &PageRequest,
) -> Result<Page<Account>> {
    let cursor = Cursor::new::<AccountId>(page, AccountId::PREFIX)?;
    let first = terms::fold(query);
    let end = format!("{first}{LAST}");
    let (term, account) = match &cursor.from {
        None => (first.clone(), String::new()),
        Some(id) => {
            let place = args![environment, id, &first, &end];
            let term = conn.optional(&FIRST_TERM, place, |row| row.text("term")).await?;
            (term.ok_or(StoreError::PageToken)?, id.clone())
        }
    };
    let (walk, count) = chosen(cursor.direction, connection.is_some());
    let connection = connection.map_or("", ConnectionId::as_str);
    let values = args![environment, &first, &end, connection, term, account, cursor.limit()];
    let rows = conn.list(&walk, values, Account::read).await?;
    let values = args![environment, &first, &end, connection, COUNT_LIMIT];
    let counted = conn.optional(&count, values, |row| Ok((row.int("terms")?, row.int("accounts")?))).await?;
    let (terms, accounts) = counted.unwrap_or_default();
    let total = if terms < COUNT_LIMIT { accounts } else { COUNT_LIMIT };
    Ok(cursor.page(rows, total, |row| row.id.body()))
}
