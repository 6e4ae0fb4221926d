//! What PostgreSQL and its driver report, in our words.

use sqlx::error::DatabaseError;

use crate::StoreError;

/// SQLSTATE values <https://www.postgresql.org/docs/current/errcodes-appendix.html>: serialization failure, deadlock,
/// lock not available, too many connections, and those of a server that goes down or comes up.
const BUSY: &[&str] = &["40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03"];

impl StoreError {
    pub(in crate::sql) fn of_postgres(statement: &'static str, error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(report) if report.is_unique_violation() => {
                Self::Conflict { statement, constraint: constraint(report.as_ref()) }
            }
            sqlx::Error::Database(report) if report.is_foreign_key_violation() => {
                Self::Reference { statement }
            }
            sqlx::Error::Database(report) if is_busy(report.as_ref()) => {
                Self::Busy { statement, source: error.into() }
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

fn constraint(report: &dyn DatabaseError) -> String {
    report.constraint().unwrap_or_else(|| report.message()).to_owned()
}

fn is_busy(report: &dyn DatabaseError) -> bool {
    report.code().is_some_and(|code| BUSY.contains(&code.as_ref()))
}
