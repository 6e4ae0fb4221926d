//! The layer between queries and engines: a pool, a connection, statements, values and rows.

mod conn;
mod observer;
mod options;
mod pool;
mod postgres;
mod row;
mod sqlite;
mod stmt;
mod tx;
mod value;

pub use conn::Conn;
pub use observer::{WriteObserver, WritePoint};
pub use options::ConnectOptions;
pub use pool::Pool;
pub(crate) use row::Row;
pub use stmt::Stmt;
pub(crate) use stmt::statements;
pub use tx::{Reader, Tx};
pub(crate) use value::{Value, args};

/// Statements kept prepared per connection: all of this crate, so that none is dropped for another.
const STATEMENT_CACHE: usize = 512;
