//! The layer between queries and engines: a pool, a connection, statements, values and rows.

mod conn;
mod fault;
mod observer;
mod options;
mod pool;
mod postgres;
mod readers;
mod row;
mod sqlite;
mod stmt;
mod value;

pub use conn::{Conn, Reader, Tx};
pub use observer::{WriteObserver, WritePoint};
pub use options::ConnectOptions;
pub use pool::Pool;
pub(crate) use row::Row;
pub use stmt::Stmt;
pub(crate) use stmt::statements;
pub(crate) use value::{Value, args};
