//! Where the data is.

use super::{
    kind::DatabaseUrl,
    section::{Check, section},
};

section! {
    /// The database. SQLite serves one process; PostgreSQL serves several.
    database: Database {
        /// `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
        url: DatabaseUrl [Default "sqlite:valetkey.db"],
    }
}

impl Check for Database {}
