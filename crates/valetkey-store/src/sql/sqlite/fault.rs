//! What SQLite reports, in our words.

use rusqlite::{Error, ErrorCode, ffi};

use crate::StoreError;

impl StoreError {
    pub(in crate::sql) fn of_sqlite(statement: &'static str, error: Error) -> Self {
        let Error::SqliteFailure(failure, message) = &error else {
            return Self::Query { statement, source: error.into() };
        };
        match (failure.extended_code, failure.code) {
            (ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY, _) => {
                // "UNIQUE constraint failed: environments.name"
                let columns = message.as_deref().and_then(|message| message.rsplit(": ").next());
                Self::Conflict { statement, constraint: columns.unwrap_or_default().to_owned() }
            }
            (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => Self::Reference { statement },
            (_, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { statement, source: error.into() }
            }
            _ => Self::Query { statement, source: error.into() },
        }
    }
}
