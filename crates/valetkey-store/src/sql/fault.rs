//! What the drivers report, in our words.

use crate::StoreError;

/// SQLite's primary result codes <https://www.sqlite.org/rescode.html>; extended codes carry them in the low byte.
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;

/// PostgreSQL's SQLSTATE values <https://www.postgresql.org/docs/current/errcodes-appendix.html>: serialization failure,
/// deadlock, lock not available, too many connections, and those of a server that goes down or comes up.
const POSTGRES_BUSY: &[&str] = &["40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03"];

impl StoreError {
    pub(super) fn of(statement: &'static str, error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(report) => {
                if report.is_unique_violation() {
                    return Self::Conflict { statement, constraint: constraint(report.as_ref()) };
                }
                if report.is_foreign_key_violation() {
                    return Self::Reference { statement };
                }
                if is_busy(report.as_ref()) {
                    return Self::Busy { statement, source: error.into() };
                }
                Self::Query { statement, source: error.into() }
            }
            sqlx::Error::PoolTimedOut => Self::Busy { statement, source: error.into() },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Lost { statement, source: error.into() },
            _ => Self::Query { statement, source: error.into() },
        }
    }
}

fn constraint(report: &dyn sqlx::error::DatabaseError) -> String {
    match report.constraint() {
        Some(name) => name.to_owned(),
        None => report.message().rsplit(": ").next().unwrap_or_default().to_owned(),
    }
}

fn is_busy(report: &dyn sqlx::error::DatabaseError) -> bool {
    let Some(code) = report.code() else { return false };
    if report.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        let primary = code.parse::<i32>().map(|code| code & 0xFF);
        return matches!(primary, Ok(SQLITE_BUSY | SQLITE_LOCKED));
    }
    POSTGRES_BUSY.contains(&code.as_ref())
}
