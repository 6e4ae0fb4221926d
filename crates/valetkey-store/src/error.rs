//! What can go wrong with the database.

/// The driver's own error, kept as a cause for the log.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Why the database did not do what was asked. A transaction in which one occurred has to be given up.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database is of no known form. The address itself may hold a password and is not repeated.
    #[error("database URL: {reason}")]
    Url {
        /// What is wrong and what is expected.
        reason: String,
    },
    /// The database cannot be opened or reached.
    #[error("cannot connect to the {engine} database; check its URL, that it runs, and who may use it")]
    Connect {
        /// `SQLite` or `PostgreSQL`.
        engine: &'static str,
        /// The cause.
        #[source]
        source: Fault,
    },
    /// The connection broke or was closed.
    #[error("{statement}: the connection to the database is lost; try again")]
    Lost {
        /// The statement.
        statement: &'static str,
        /// The cause.
        #[source]
        source: Fault,
    },
    /// A row with the same key exists already.
    #[error("{statement}: a row with the same key exists already ({constraint})")]
    Conflict {
        /// The statement.
        statement: &'static str,
        /// The constraint as the engine names it: by its name (PostgreSQL), or by its columns (SQLite).
        constraint: String,
    },
    /// The row refers to one that is not there, or another row refers to it.
    #[error("{statement}: a row that this one refers to is not there, or is still referred to")]
    Reference {
        /// The statement.
        statement: &'static str,
    },
    /// Another transaction was in the way for too long. Trying the whole transaction again is safe.
    #[error("{statement}: the database is busy; try again")]
    Busy {
        /// The statement.
        statement: &'static str,
        /// The cause.
        #[source]
        source: Fault,
    },
    /// A stored value is not what this program understands.
    #[error("{statement}: column {column}: {reason}")]
    Column {
        /// The statement.
        statement: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with the value. The value itself is not repeated.
        reason: String,
    },
    /// A page token that this list did not give, or whose place in the list is gone.
    #[error("the page token does not belong to this list any more; start again without one")]
    PageToken,
    /// The database was used by a newer program.
    #[error(
        "the database has schema version {found} and this program knows versions up to {known}; \
         start the newer program, or restore a backup made before its first start"
    )]
    SchemaTooNew {
        /// The version of the database.
        found: i64,
        /// The last version this program knows.
        known: i64,
    },
    /// A migration that was applied is not the one that this program contains.
    #[error(
        "migration {version} of this program is not the one that was applied to the database; use an official build"
    )]
    SchemaChanged {
        /// The number of the migration.
        version: i64,
    },
    /// A migration failed; nothing of it was kept.
    #[error("migration {version} failed; the database is unchanged")]
    Migration {
        /// The number of the migration.
        version: i64,
        /// The cause.
        #[source]
        source: Fault,
    },
    /// Anything else that the engine reports.
    #[error("{statement}: the database refused the statement")]
    Query {
        /// The statement.
        statement: &'static str,
        /// The cause.
        #[source]
        source: Fault,
    },
}

/// The result of a query.
pub type Result<T> = std::result::Result<T, StoreError>;
