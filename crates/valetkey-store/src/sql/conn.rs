//! A connection: what queries run on, whatever the engine.

use std::sync::Arc;

use super::{Row, Stmt, Value, WriteObserver, WritePoint, postgres, sqlite};
use crate::Result;

/// A connection to the database, inside or outside a transaction.
pub struct Conn {
    pub(super) wire: Wire,
    pub(super) observer: Option<Arc<dyn WriteObserver>>,
}

pub(super) enum Wire {
    Sqlite(sqlite::Session),
    Postgres(postgres::Session),
}

/// The same call on the session of either engine.
macro_rules! on_wire {
    ($wire:expr, $session:ident => $call:expr) => {
        match $wire {
            Wire::Sqlite($session) => $call,
            Wire::Postgres($session) => $call,
        }
    };
}
pub(super) use on_wire;

impl Conn {
    /// The rows of the answer, each made into a `T`.
    pub(crate) async fn list<T: Send + 'static>(
        &mut self,
        stmt: &Stmt,
        args: Vec<Value>,
        make: impl Fn(&Row<'_>) -> Result<T> + Send + 'static,
    ) -> Result<Vec<T>> {
        self.check(stmt, &args);
        on_wire!(&mut self.wire, session => session.list(*stmt, args, make).await)
    }

    /// The first row of the answer, if there is one, made into a `T`.
    pub(crate) async fn optional<T: Send + 'static>(
        &mut self,
        stmt: &Stmt,
        args: Vec<Value>,
        make: impl Fn(&Row<'_>) -> Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        self.check(stmt, &args);
        on_wire!(&mut self.wire, session => session.optional(*stmt, args, make).await)
    }

    /// The number in the column `count` of the one row of the answer.
    pub(crate) async fn count(&mut self, stmt: &Stmt, args: Vec<Value>) -> Result<i64> {
        Ok(self.optional(stmt, args, |row| row.int("count")).await?.unwrap_or_default())
    }

    /// Runs a script of several statements. For migrations; in a transaction, all of it or nothing holds.
    pub(crate) async fn script(&mut self, name: &'static str, sql: &'static str) -> Result<()> {
        on_wire!(&mut self.wire, session => session.script(name, sql).await)
    }

    /// Makes the schema of PostgreSQL where it is missing. The name was checked when the pool was opened.
    pub(crate) async fn create_schema(&mut self, schema: &str) -> Result<()> {
        match &mut self.wire {
            Wire::Sqlite(_) => Ok(()),
            Wire::Postgres(session) => session.create_schema(schema).await,
        }
    }

    /// Has the engine check a statement without running it.
    pub async fn prepare(&mut self, stmt: &Stmt) -> Result<()> {
        on_wire!(&mut self.wire, session => session.prepare(*stmt).await)
    }

    /// Tells the observer of a write. Functions that write take a [`Tx`](super::Tx), so that none runs outside a
    /// transaction.
    pub(super) fn check(&self, stmt: &Stmt, args: &[Value]) {
        debug_assert_eq!(args.len(), stmt.parameters, "{}: wrong number of arguments", stmt.name);
        debug_assert!(!stmt.writes || self.in_transaction(), "{}: writes outside a transaction", stmt.name);
        if let Some(observer) = self.observer.as_ref().filter(|_| stmt.writes) {
            observer.observe(WritePoint::Write { statement: stmt.name });
        }
    }

    fn in_transaction(&self) -> bool {
        on_wire!(&self.wire, session => session.in_transaction())
    }
}
