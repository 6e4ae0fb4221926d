//! Reading the log, newest first.
//!
//! The narrowest filter that has an index leads, and the others are checked on its rows. Every index ends with the id,
//! by which the log is ordered and which begins with the time. There are few, because each is written with each call:
//! the calls of an account are found by its identifier, which never changes.

use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
    id::{AccountId, ConnectionId, EnvironmentId, ExecutionId},
};

use super::{ToolCall, row::read};
use crate::{
    COUNT_LIMIT, Conn, Page, PageRequest, Result, Stmt, account,
    page::{Cursor, Direction},
    sql::{Value, args},
};

/// Which calls. Absent and empty fields let every call through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Begun at this time or later.
    pub from: Option<Timestamp>,
    /// Begun before this time.
    pub until: Option<Timestamp>,
    /// With any of these outcomes.
    pub outcomes: Vec<CallOutcome>,
    /// Of any connector with these provider keys.
    pub providers: Vec<String>,
    /// From any of these sources.
    pub sources: Vec<CallSource>,
    /// With any of these error codes.
    pub error_codes: Vec<String>,
    /// Of this connection.
    pub connection_id: Option<ConnectionId>,
    /// Of a connection that had this name at the time of the call.
    pub connection_name: Option<String>,
    /// Of this account.
    pub account_id: Option<AccountId>,
    /// Of accounts with this identifier.
    pub identifier: Option<String>,
    /// Of this run of an agent.
    pub agent_run_id: Option<String>,
}

/// The statements for one leading filter. Parameters: environment, first id, the id after the last, outcomes,
/// providers, sources, error codes, connection, name of the connection, account, identifier, run, limit.
struct Lead {
    next: Stmt,
    previous: Stmt,
    count: Stmt,
}

/// The conditions of [`Filter`] behind the `WHERE` of a statement.
macro_rules! conditions {
    ($engine:ident) => {
        concat!(
            " environment_id = $1 AND id >= $2 AND id < $3",
            " AND (LENGTH($4) = 2 OR outcome IN (SELECT value FROM ", $crate::tool_call::each!($engine "$4"), "))",
            " AND (LENGTH($5) = 2 OR provider IN (SELECT value FROM ", $crate::tool_call::each!($engine "$5"), "))",
            " AND (LENGTH($6) = 2 OR source IN (SELECT value FROM ", $crate::tool_call::each!($engine "$6"), "))",
            " AND (LENGTH($7) = 2 OR error_code IN (SELECT value FROM ", $crate::tool_call::each!($engine "$7"), "))",
            " AND (LENGTH($8) = 0 OR connection_id = $8) AND (LENGTH($9) = 0 OR connection_name = $9)",
            " AND (LENGTH($10) = 0 OR account_id = $10) AND (LENGTH($11) = 0 OR identifier = $11)",
            " AND (LENGTH($12) = 0 OR agent_run_id = $12)"
        )
    };
}
pub(super) use conditions;

macro_rules! statement {
    ($engine:ident, $lead:literal, $before:literal, $after:literal) => {
        concat!($before, conditions!($engine), " AND ", $lead, $after)
    };
}

macro_rules! lead_statement {
    ($name:expr, $lead:literal, $before:literal, $after:literal) => {
        Stmt::scan($name, statement!(sqlite, $lead, $before, $after))
            .on_postgres(statement!(postgres, $lead, $before, $after))
    };
}

macro_rules! leads {
    ($($name:ident = $lead:literal;)*) => {
        $(const $name: Lead = Lead {
            next: lead_statement!(
                concat!("tool_call::LIST_NEXT by ", stringify!($name)),
                $lead,
                "SELECT * FROM tool_calls WHERE",
                " ORDER BY id DESC LIMIT CAST($13 AS BIGINT)"
            ),
            previous: lead_statement!(
                concat!("tool_call::LIST_PREVIOUS by ", stringify!($name)),
                $lead,
                "SELECT * FROM tool_calls WHERE",
                " ORDER BY id LIMIT CAST($13 AS BIGINT)"
            ),
            count: lead_statement!(
                concat!("tool_call::COUNT by ", stringify!($name)),
                $lead,
                "SELECT COUNT(*) AS count FROM (SELECT 1 FROM tool_calls WHERE",
                " LIMIT CAST($13 AS BIGINT)) AS capped"
            ),
        };)*

        pub(super) const STATEMENTS: &[&Stmt] = &[&GET, $(&$name.next, &$name.previous, &$name.count,)*];
    };
}

const GET: Stmt =
    Stmt::read("tool_call::GET", "SELECT * FROM tool_calls WHERE environment_id = $1 AND id = $2");

leads! {
    RUN = "agent_run_id = $12";
    IDENTIFIER = "identifier = $11 AND identifier <> ''";
    NOTHING = "TRUE";
}

/// Sorts after every id.
const END: &str = "~";

impl Filter {
    fn lead(&self) -> Lead {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if given(&self.agent_run_id) {
            RUN
        } else if given(&self.identifier) {
            IDENTIFIER
        } else {
            NOTHING
        }
    }

    /// The same with the identifier of the account, where there still is one.
    async fn by_identifier(&self, conn: &mut Conn, environment: &EnvironmentId) -> Result<Self> {
        let mut filter = self.clone();
        if let (Some(id), None) = (&self.account_id, &self.identifier) {
            filter.identifier = account::get(conn, environment, id).await?.map(|row| row.identifier);
        }
        Ok(filter)
    }

    /// The first id of the time asked for, and the first after it.
    pub(super) fn range(&self) -> (String, String) {
        let first = |at: Option<Timestamp>| at.map(|at| ExecutionId::first_at(at).to_string());
        (first(self.from).unwrap_or_default(), first(self.until).unwrap_or_else(|| END.to_owned()))
    }

    /// Outcomes, providers, sources and error codes, each as a JSON list.
    pub(super) fn lists(&self) -> [String; 4] {
        [
            self.outcomes.iter().map(|outcome| outcome.as_str()).collect::<serde_json::Value>(),
            self.providers.iter().map(String::as_str).collect(),
            self.sources.iter().map(|source| source.as_str()).collect(),
            self.error_codes.iter().map(String::as_str).collect(),
        ]
        .map(|list| list.to_string())
    }

    /// The arguments of [`conditions`], with ids from `first` to before `end`.
    pub(super) fn values(&self, environment: &EnvironmentId, first: &str, end: &str) -> Vec<Value> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let [outcomes, providers, sources, error_codes] = self.lists();
        args![
            environment,
            first,
            end,
            outcomes,
            providers,
            sources,
            error_codes,
            self.connection_id.as_ref().map_or("", ConnectionId::as_str),
            text(&self.connection_name),
            self.account_id.as_ref().map_or("", AccountId::as_str),
            text(&self.identifier),
            text(&self.agent_run_id),
        ]
    }
}

/// The call with this id.
pub async fn get(conn: &mut Conn, environment: &EnvironmentId, id: &ExecutionId) -> Result<Option<ToolCall>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The calls of the environment, newest first.
pub async fn list(
    conn: &mut Conn,
    environment: &EnvironmentId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<ToolCall>> {
    let cursor = Cursor::new::<ExecutionId>(page, ExecutionId::PREFIX)?;
    let filter = &filter.by_identifier(conn, environment).await?;
    let lead = filter.lead();
    let (first, end) = filter.range();
    let with_limit = |first: &str, end: &str, limit: i64| {
        let mut values = filter.values(environment, first, end);
        values.push(limit.into());
        values
    };
    let rows = match cursor.direction {
        Direction::Next => {
            let end = cursor.start_or(&end).min(end.clone());
            conn.list(&lead.next, with_limit(&first, &end, cursor.limit()), read).await?
        }
        Direction::Previous => {
            // The id after the one that the page ends with.
            let after = format!("{}0", cursor.start_or(&first)).max(first.clone());
            conn.list(&lead.previous, with_limit(&after, &end, cursor.limit()), read).await?
        }
    };
    let total = conn.count(&lead.count, with_limit(&first, &end, COUNT_LIMIT)).await?;
    Ok(cursor.page(rows, total, |row| row.id.body()))
}
