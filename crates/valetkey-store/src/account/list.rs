//! Listing accounts.
//!
//! Each filter has an index that ends with the id, by which the list is ordered, so that a page costs as much as it has
//! rows. Where several filters are given the narrowest kind leads and the others are checked on its rows.

use valetkey_core::{
    Timestamp,
    account::{Reason, State, shown},
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
    /// Shown in one of these states.
    pub shown: Option<Shown>,
    /// With an identifier of this type.
    pub identifier_type: Option<String>,
    /// With all of these terms of [`metadata`](valetkey_core::metadata::terms), at most [`METADATA_TERMS`].
    pub metadata: Vec<String>,
    /// Changed at this time or after it.
    pub updated_since: Option<Timestamp>,
    /// Test accounts only, or all but them.
    pub test_mode: Option<bool>,
    /// With a word that starts with this text. It narrows what the others leave; what costs as much as it finds for a
    /// text alone is [`search`](super::search).
    pub query: Option<String>,
}

/// The most terms of metadata in a filter.
pub const METADATA_TERMS: usize = 5;

/// States as callers see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Any of these.
    pub states: Vec<State>,
    /// At this time.
    pub at: Timestamp,
}

/// A stored state, and whether an account in it is kept from work by its connection; `None` where that is the same.
type Stored = (State, Option<bool>);

impl Shown {
    /// The stored states that are shown as these, as [`shown`] says.
    fn stored(&self) -> Vec<Stored> {
        let all = State::ALL.iter().flat_map(|stored| [false, true].map(|kept| (*stored, kept)));
        let mut found: Vec<Stored> = vec![];
        for (stored, kept) in all {
            if !self.states.contains(&shown(stored, Reason::None, kept, !kept).0) {
                continue;
            }
            match found.last_mut().filter(|(last, _)| *last == stored) {
                Some((_, narrowed)) => *narrowed = None,
                None => found.push((stored, Some(kept))),
            }
        }
        found
    }
}

/// The statements for one leading filter. Parameters: environment, cursor, limit, connection, identifier, user,
/// organization, state, first and end of the range of terms, whether the connection keeps it from work (`yes`, `no` or
/// empty), the time for that, the time of the change, type of identifier, whether it is a test account (likewise), terms
/// of metadata.
struct Lead {
    next: Stmt,
    previous: Stmt,
    count: Stmt,
}

macro_rules! has_term {
    ($term:literal) => {
        concat!(
            " AND (LENGTH(",
            $term,
            ") = 0 OR EXISTS (SELECT 1 FROM account_metadata d WHERE d.environment_id = $1 AND d.account_id = a.id",
            " AND d.term = ",
            $term,
            "))"
        )
    };
}

macro_rules! filters {
    ($lead:literal) => {
        concat!(
            $lead,
            " AND (LENGTH($4) = 0 OR a.connection_id = $4) AND (LENGTH($5) = 0 OR a.identifier = $5) AND (LENGTH($6) = 0 OR a.user_id = $6)",
            " AND (LENGTH($7) = 0 OR a.organization_id = $7) AND (LENGTH($8) = 0 OR a.state = $8)",
            " AND (LENGTH($9) = 0 OR EXISTS (SELECT 1 FROM account_terms e WHERE e.environment_id = $1",
            " AND e.account_id = a.id AND e.term >= $9 AND e.term < $10))",
            " AND (LENGTH($11) = 0 OR ($11 = 'yes') = (COALESCE(a.token_expires_at <= $12, FALSE)",
            " AND EXISTS (SELECT 1 FROM connections f WHERE f.environment_id = $1 AND f.id = a.connection_id",
            " AND f.fault IS NOT NULL)))",
            " AND a.updated_at >= $13 AND (LENGTH($14) = 0 OR a.identifier_type = $14)",
            " AND (LENGTH($15) = 0 OR a.test_mode = ($15 = 'yes'))",
            has_term!("$16"),
            has_term!("$17"),
            has_term!("$18"),
            has_term!("$19"),
            has_term!("$20")
        )
    };
}

macro_rules! leads {
    ($($name:ident = $lead:literal, by $key:literal in $from:literal;)*) => {
        $(const $name: Lead = Lead {
            next: Stmt::scan(
                concat!("account::LIST_NEXT by ", stringify!($name)),
                concat!(
                    select_account!($from, " CROSS JOIN connections c"),
                    filters!($lead),
                    " AND ", $key, " > $2 ORDER BY ", $key, " LIMIT CAST($3 AS BIGINT)"
                ),
            ),
            previous: Stmt::scan(
                concat!("account::LIST_PREVIOUS by ", stringify!($name)),
                concat!(
                    select_account!($from, " CROSS JOIN connections c"),
                    filters!($lead),
                    " AND ", $key, " < $2 ORDER BY ", $key, " DESC LIMIT CAST($3 AS BIGINT)"
                ),
            ),
            count: Stmt::scan(
                concat!("account::COUNT by ", stringify!($name)),
                concat!(
                    "SELECT COUNT(*) AS count FROM (SELECT 1 FROM ",
                    $from,
                    " WHERE a.environment_id = $1 AND ",
                    filters!($lead),
                    " AND ", $key, " > $2 LIMIT CAST($3 AS BIGINT)) AS capped"
                ),
            ),
        };)*

        pub(super) const STATEMENTS: &[&Stmt] = &[$(&$name.next, &$name.previous, &$name.count,)*];
    };
}

leads! {
    CONNECTION_AND_IDENTIFIER = "a.connection_id = $4 AND a.identifier = $5", by "a.id" in "accounts a";
    IDENTIFIER = "a.identifier = $5", by "a.id" in "accounts a";
    USER = "a.user_id = $6 AND a.user_id <> ''", by "a.id" in "accounts a";
    METADATA = "m.environment_id = $1 AND m.term = $16 AND a.id = m.account_id",
        by "m.account_id" in "account_metadata m CROSS JOIN accounts a";
    ORGANIZATION = "a.organization_id = $7 AND a.organization_id <> ''", by "a.id" in "accounts a";
    CONNECTION = "a.connection_id = $4", by "a.id" in "accounts a";
    STATE = "a.state = $8", by "a.id" in "accounts a";
    NOTHING = "TRUE", by "a.id" in "accounts a";
}

/// A connection, and a state in it; `None` for all.
type Place = (Option<ConnectionId>, Option<Stored>);

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
            _ if !self.metadata.is_empty() => METADATA,
            _ if organization => ORGANIZATION,
            true => CONNECTION,
            false if self.shown.is_some() => STATE,
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

    /// What is asked for a page each: the connections, and the states in each.
    async fn places(&self, conn: &mut Conn, environment: &EnvironmentId) -> Result<Vec<Place>> {
        let connections: Vec<Option<ConnectionId>> = match self.connections(conn, environment).await? {
            None => vec![None],
            Some(ids) => ids.into_iter().map(Some).collect(),
        };
        let states: Vec<Option<Stored>> = match &self.shown {
            None => vec![None],
            Some(shown) => shown.stored().into_iter().map(Some).collect(),
        };
        let in_each = |one: Option<ConnectionId>| states.iter().map(move |state| (one.clone(), *state));
        Ok(connections.into_iter().flat_map(in_each).collect())
    }

    fn values(
        &self,
        environment: &EnvironmentId,
        cursor: &str,
        limit: i64,
        (connection, stored): &Place,
    ) -> Vec<Value> {
        let text = |text: &Option<String>| Value::from(text.as_deref().unwrap_or_default());
        let yes_or_no = |flag: Option<bool>| flag.map_or("", |flag| if flag { "yes" } else { "no" });
        let connection = connection.as_ref().map_or("", ConnectionId::as_str);
        let (state, kept) = stored.map_or(("", None), |(state, kept)| (state.as_str(), kept));
        let at = self.shown.as_ref().map_or(Timestamp::EPOCH, |shown| shown.at);
        let since = self.updated_since.unwrap_or(Timestamp::EPOCH);
        let (identifier, user, organization) =
            (text(&self.identifier), text(&self.user_id), text(&self.organization_id));
        let (first, end) = terms::range(self.query.as_deref().unwrap_or_default());
        let mut values =
            args![environment, cursor, limit, connection, identifier, user, organization, state, first, end];
        values.extend(args![yes_or_no(kept), at, since]);
        values.extend(args![text(&self.identifier_type), yes_or_no(self.test_mode)]);
        let terms = self.metadata.iter().map(String::as_str).chain(std::iter::repeat(""));
        values.extend(terms.take(METADATA_TERMS).map(Value::from));
        values
    }
}

/// The accounts of the environment, oldest first.
///
/// With several connections or states, or with a connector, each connection and state is asked for a page, and the
/// answers are merged.
pub async fn list(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Account>> {
    let cursor = Cursor::new::<AccountId>(page, AccountId::PREFIX)?;
    let from = cursor.start_or("");
    let places = filter.places(conn, environment).await?;
    let (mut rows, mut total) = (vec![], 0);
    for place in &places {
        let lead = filter.lead(place.0.is_some());
        let stmt = match cursor.direction {
            Direction::Next => lead.next,
            Direction::Previous => lead.previous,
        };
        let values = filter.values(environment, &from, cursor.limit(), place);
        rows.extend(conn.list(&stmt, values, Account::read).await?);
        if total < COUNT_LIMIT {
            let values = filter.values(environment, "", COUNT_LIMIT - total, place);
            total += conn.count(&lead.count, values).await?;
        }
    }
    match cursor.direction {
        Direction::Next => rows.sort_by(|left, right| left.id.cmp(&right.id)),
        Direction::Previous => rows.sort_by(|left, right| right.id.cmp(&left.id)),
    }
    Ok(cursor.page(rows, total, |row| row.id.body()))
}
