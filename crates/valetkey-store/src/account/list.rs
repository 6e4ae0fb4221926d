//! Listing accounts.
//!
//! Each filter has an index that ends with the id, by which the list is ordered, so that a page costs as much as it has
//! rows. Where several filters are given the narrowest kind leads and the others are checked on its rows.

use valetkey_core::{
    account::State,
    id::{AccountId, ConnectionId, EnvironmentId},
};

use super::{Account, select_account, terms};
use crate::{
    COUNT_LIMIT, Conn, Page, PageRequest, Result, Stmt, connection,
    page::{Cursor, Direction},
    sql::{Value, args},
};

/// Which accounts. Absent and empty fields let every account through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of any of these connections.
    pub connection_ids: Vec<ConnectionId>,
    /// With this identifier.
    pub identifier: Option<String>,
    /// Of any connection of this connector.
    pub connector: Option<String>,
    /// Of this organization.
    pub organization_id: Option<String>,
    /// Of this user.
    pub user_id: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// With a word that starts with this text. It narrows what the others leave; what costs as much as it finds for a
    /// text alone is [`search`](super::search).
    pub query: Option<String>,
}

/// The statements for one leading filter. Parameters: environment, cursor, limit, connection, identifier, user,
/// organization, state, first and end of the range of terms.
struct Lead {
    next: Stmt,
    previous: Stmt,
    count: Stmt,
}

macro_rules! filters {
    ($lead:literal) => {
        concat!(
            $lead,
            " AND (LENGTH($4) = 0 OR a.connection_id = $4) AND (LENGTH($5) = 0 OR a.identifier = $5) AND (LENGTH($6) = 0 OR a.user_id = $6)",
            " AND (LENGTH($7) = 0 OR a.organization_id = $7) AND (LENGTH($8) = 0 OR a.state = $8)",
            " AND (LENGTH($9) = 0 OR EXISTS (SELECT 1 FROM account_terms e WHERE e.environment_id = $1",
            " AND e.account_id = a.id AND e.term >= $9 AND e.term < $10))"
        )
    };
}

macro_rules! leads {
    ($($name:ident = $lead:literal;)*) => {
        $(const $name: Lead = Lead {
            next: Stmt::scan(
                concat!("account::LIST_NEXT by ", stringify!($name)),
                concat!(
                    select_account!("accounts a CROSS JOIN connections c"),
                    filters!($lead),
                    " AND a.id > $2 ORDER BY a.id LIMIT CAST($3 AS BIGINT)"
                ),
            ),
            previous: Stmt::scan(
                concat!("account::LIST_PREVIOUS by ", stringify!($name)),
                concat!(
                    select_account!("accounts a CROSS JOIN connections c"),
                    filters!($lead),
                    " AND a.id < $2 ORDER BY a.id DESC LIMIT CAST($3 AS BIGINT)"
                ),
            ),
            count: Stmt::scan(
                concat!("account::COUNT by ", stringify!($name)),
                concat!(
                    "SELECT COUNT(*) AS count FROM (SELECT 1 FROM accounts a WHERE a.environment_id = $1 AND ",
                    filters!($lead),
                    " AND a.id > $2 LIMIT CAST($3 AS BIGINT)) AS capped"
                ),
            ),
        };)*

        pub(super) const STATEMENTS: &[&Stmt] = &[$(&$name.next, &$name.previous, &$name.count,)*];
    };
}

leads! {
    CONNECTION_AND_IDENTIFIER = "a.connection_id = $4 AND a.identifier = $5";
    IDENTIFIER = "a.identifier = $5";
    USER = "a.user_id = $6 AND a.user_id <> ''";
    ORGANIZATION = "a.organization_id = $7 AND a.organization_id <> ''";
    CONNECTION = "a.connection_id = $4";
    STATE = "a.state = $8";
    NOTHING = "TRUE";
}

impl Filter {
    /// The text and the connection, where this asks for a text in all connections or in one, and for nothing else.
    /// [`search`](super::search) answers that.
    pub fn text_only(&self) -> Option<(&str, Option<&ConnectionId>)> {
        let query = self.query.as_deref().filter(|query| !query.trim().is_empty())?;
        let rest = Self { query: None, connection_ids: vec![], ..self.clone() };
        let connection = match self.connection_ids.as_slice() {
            [] => None,
            [only] => Some(only),
            _ => return None,
        };
        (rest == Self::default()).then_some((query, connection))
    }

    /// The statements that are led by the narrowest kind of filter.
    fn lead(&self, by_connection: bool) -> Lead {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let [identifier, user, organization] =
            [&self.identifier, &self.user_id, &self.organization_id].map(given);
        match by_connection {
            true if identifier => CONNECTION_AND_IDENTIFIER,
            false if identifier => IDENTIFIER,
            _ if user => USER,
            _ if organization => ORGANIZATION,
            true => CONNECTION,
            false if self.state.is_some() => STATE,
            false => NOTHING,
        }
    }

    /// The connections to look in; `None` for all.
    async fn connections(
        &self,
        conn: &mut Conn,
        environment: &EnvironmentId,
    ) -> Result<Option<Vec<ConnectionId>>> {
        let mut named = self.connection_ids.clone();
        named.sort();
        named.dedup();
        let Some(connector) = self.connector.as_ref().filter(|key| !key.is_empty()) else {
            return Ok((!named.is_empty()).then_some(named));
        };
        let mut all = connection::ids_of_connector(conn, environment, connector).await?;
        if !named.is_empty() {
            all.retain(|id| named.contains(id));
        }
        Ok(Some(all))
    }

    fn values(
        &self,
        environment: &EnvironmentId,
        cursor: &str,
        limit: i64,
        connection: Option<&ConnectionId>,
    ) -> Vec<Value> {
        let text = |text: &Option<String>| Value::from(text.as_deref().unwrap_or_default());
        let connection = connection.map_or("", ConnectionId::as_str);
        let state = self.state.map_or("", State::as_str);
        let (identifier, user, organization) =
            (text(&self.identifier), text(&self.user_id), text(&self.organization_id));
        let (first, end) = terms::range(self.query.as_deref().unwrap_or_default());
        args![environment, cursor, limit, connection, identifier, user, organization, state, first, end]
    }
}

/// The accounts of the environment, oldest first.
///
/// With several connections, or with a connector, each connection is asked for a page and the answers are merged.
pub async fn list(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Account>> {
    let cursor = Cursor::new::<AccountId>(page, AccountId::PREFIX)?;
    let from = cursor.start_or("");
    let places: Vec<Option<ConnectionId>> = match filter.connections(conn, environment).await? {
        None => vec![None],
        Some(ids) => ids.into_iter().map(Some).collect(),
    };
    let (mut rows, mut total) = (vec![], 0);
    for place in &places {
        let lead = filter.lead(place.is_some());
        let stmt = match cursor.direction {
            Direction::Next => lead.next,
            Direction::Previous => lead.previous,
        };
        let values = filter.values(environment, &from, cursor.limit(), place.as_ref());
        rows.extend(conn.list(&stmt, values, Account::read).await?);
        if total < COUNT_LIMIT {
            let values = filter.values(environment, "", COUNT_LIMIT - total, place.as_ref());
            total += conn.count(&lead.count, values).await?;
        }
    }
    match cursor.direction {
        Direction::Next => rows.sort_by(|left, right| left.id.cmp(&right.id)),
        Direction::Previous => rows.sort_by(|left, right| right.id.cmp(&left.id)),
    }
    Ok(cursor.page(rows, total, |row| row.id.body()))
}
