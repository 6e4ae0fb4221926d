//! The two ways to hold a connection.

use std::ops::{Deref, DerefMut};

use super::{
    Conn, Stmt, Value, WritePoint,
    conn::{Wire, on_wire},
};
use crate::Result;

/// A connection for reading, outside a transaction.
pub struct Reader(pub(super) Conn);

/// A transaction. Dropped without [`Tx::commit`], it is undone.
pub struct Tx(pub(super) Conn);

impl Tx {
    /// Runs a statement that changes data and says how many rows it changed.
    pub(crate) async fn execute(&mut self, stmt: &Stmt, args: Vec<Value>) -> Result<u64> {
        self.0.check(stmt, &args);
        on_wire!(&mut self.0.wire, session => session.execute(*stmt, args).await)
    }

    /// Runs a statement once for each of `rows`: one by one on SQLite, which is at hand; on PostgreSQL, which a message
    /// takes a while to reach, all at once with the statement's own text for it (see [`Stmt::many`]).
    pub(crate) async fn execute_many(&mut self, stmt: &Stmt, rows: Vec<Vec<Value>>) -> Result<()> {
        for args in &rows {
            self.0.check(stmt, args);
        }
        if rows.is_empty() {
            return Ok(());
        }
        on_wire!(&mut self.0.wire, session => session.execute_many(*stmt, rows).await)
    }

    /// Runs a statement that changes one row or none, and says whether it did.
    pub(crate) async fn changes(&mut self, stmt: &Stmt, args: Vec<Value>) -> Result<bool> {
        Ok(self.execute(stmt, args).await? > 0)
    }

    /// Makes everything done in this transaction last. Where the caller is dropped meanwhile, the transaction is
    /// either committed or undone, as after a lost connection.
    pub async fn commit(self) -> Result<()> {
        let Conn { wire, observer } = self.0;
        let observe = |point| {
            if let Some(observer) = &observer {
                observer.observe(point);
            }
        };
        observe(WritePoint::BeforeCommit);
        on_wire!(wire, session => session.commit().await)?;
        observe(WritePoint::AfterCommit);
        Ok(())
    }
}

impl Deref for Reader {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}
