//! A connection, and the two ways to hold one.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{
    Database, Encode, Executor, Postgres, SqlSafeStr, Sqlite, Transaction, Type, pool::PoolConnection,
    query::Query,
};

use super::{Row, Stmt, Value, WriteObserver, WritePoint, readers::Lease, row::RowData};
use crate::{Result, StoreError};

/// A connection to the database, inside or outside a transaction.
pub struct Conn {
    pub(super) wire: Wire,
    pub(super) observer: Option<Arc<dyn WriteObserver>>,
}

pub(super) enum Wire {
    Sqlite(Held<Sqlite, Lease>),
    Postgres(Held<Postgres, PoolConnection<Postgres>>),
}

pub(super) enum Held<DB: Database, Free> {
    Free(Free),
    Transaction(Transaction<'static, DB>),
}

impl<DB: Database, Free: DerefMut<Target = DB::Connection>> Held<DB, Free> {
    fn connection(&mut self) -> &mut DB::Connection {
        match self {
            Self::Free(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }

    async fn commit(self) -> std::result::Result<(), sqlx::Error> {
        match self {
            Self::Free(_) => Ok(()),
            Self::Transaction(transaction) => transaction.commit().await,
        }
    }
}

fn query<DB>(sql: &'static str, values: Vec<Value>) -> Query<'static, DB, DB::Arguments>
where
    DB: Database,
    Option<String>: Encode<'static, DB> + Type<DB>,
    Option<i64>: Encode<'static, DB> + Type<DB>,
    Option<Vec<u8>>: Encode<'static, DB> + Type<DB>,
    bool: Encode<'static, DB> + Type<DB>,
{
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Int(number) => query.bind(number),
        Value::Bool(value) => query.bind(value),
        Value::Blob(bytes) => query.bind(bytes),
    })
}

impl Conn {
    /// The rows of the answer.
    pub(crate) async fn all(&mut self, stmt: &Stmt, args: Vec<Value>) -> Result<Vec<Row>> {
        self.check(stmt, &args);
        let statement = stmt.name;
        match &mut self.wire {
            Wire::Sqlite(held) => {
                let rows = held.connection().fetch_all(query(stmt.sqlite, args)).await;
                rows.map(|rows| {
                    rows.into_iter().map(|row| Row { statement, data: RowData::Sqlite(row) }).collect()
                })
            }
            Wire::Postgres(held) => {
                let rows = held.connection().fetch_all(query(stmt.postgres, args)).await;
                rows.map(|rows| {
                    rows.into_iter().map(|row| Row { statement, data: RowData::Postgres(row) }).collect()
                })
            }
        }
        .map_err(|error| StoreError::of(statement, error))
    }

    /// The rows of the answer, each made into a `T`.
    pub(crate) async fn list<T>(
        &mut self,
        stmt: &Stmt,
        args: Vec<Value>,
        make: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.all(stmt, args).await?.iter().map(make).collect()
    }

    /// The one row of the answer, if there is one, made into a `T`.
    pub(crate) async fn optional<T>(
        &mut self,
        stmt: &Stmt,
        args: Vec<Value>,
        make: impl Fn(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.check(stmt, &args);
        let found = match &mut self.wire {
            Wire::Sqlite(held) => {
                let row = held.connection().fetch_optional(query(stmt.sqlite, args)).await;
                row.map(|row| row.map(RowData::Sqlite))
            }
            Wire::Postgres(held) => {
                let row = held.connection().fetch_optional(query(stmt.postgres, args)).await;
                row.map(|row| row.map(RowData::Postgres))
            }
        }
        .map_err(|error| StoreError::of(stmt.name, error))?;
        found.map(|data| make(&Row { statement: stmt.name, data })).transpose()
    }

    /// The number in the column `count` of the one row of the answer.
    pub(crate) async fn count(&mut self, stmt: &Stmt, args: Vec<Value>) -> Result<i64> {
        Ok(self.optional(stmt, args, |row| row.int("count")).await?.unwrap_or_default())
    }

    /// Runs a script of several statements. For migrations; in a transaction, all of it or nothing holds.
    pub(crate) async fn script(&mut self, name: &'static str, sql: &'static str) -> Result<()> {
        self.run_script(name, sqlx::raw_sql(sql)).await
    }

    /// Makes the schema where it is missing. The name was checked when the pool was opened.
    pub(crate) async fn create_schema(&mut self, schema: &str) -> Result<()> {
        let sql = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
        self.run_script("create schema", sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await
    }

    async fn run_script(&mut self, name: &'static str, script: sqlx::RawSql) -> Result<()> {
        match &mut self.wire {
            Wire::Sqlite(held) => script.execute(held.connection()).await.map(drop),
            Wire::Postgres(held) => script.execute(held.connection()).await.map(drop),
        }
        .map_err(|error| StoreError::of(name, error))
    }

    /// Has the engine check a statement without running it.
    pub async fn prepare(&mut self, stmt: &Stmt) -> Result<()> {
        match &mut self.wire {
            Wire::Sqlite(held) => held.connection().prepare(stmt.sqlite.into_sql_str()).await.map(drop),
            Wire::Postgres(held) => held.connection().prepare(stmt.postgres.into_sql_str()).await.map(drop),
        }
        .map_err(|error| StoreError::of(stmt.name, error))
    }

    /// Tells the observer of a write. Functions that write take a [`Tx`], so that none runs outside a transaction.
    fn check(&self, stmt: &Stmt, args: &[Value]) {
        debug_assert_eq!(args.len(), stmt.parameters, "{}: wrong number of arguments", stmt.name);
        debug_assert!(!stmt.writes || self.in_transaction(), "{}: writes outside a transaction", stmt.name);
        if stmt.writes {
            self.observe(WritePoint::Write { statement: stmt.name });
        }
    }

    fn in_transaction(&self) -> bool {
        matches!(&self.wire, Wire::Sqlite(Held::Transaction(_)) | Wire::Postgres(Held::Transaction(_)))
    }

    fn observe(&self, point: WritePoint) {
        if let Some(observer) = &self.observer {
            observer.observe(point);
        }
    }
}

/// A connection for reading, outside a transaction.
pub struct Reader(pub(super) Conn);

/// A transaction. Dropped without [`Tx::commit`], it is undone.
pub struct Tx(pub(super) Conn);

impl Tx {
    /// Runs a statement that changes data and says how many rows it changed.
    pub(crate) async fn execute(&mut self, stmt: &Stmt, args: Vec<Value>) -> Result<u64> {
        self.0.check(stmt, &args);
        match &mut self.0.wire {
            Wire::Sqlite(held) => {
                let done = held.connection().execute(query(stmt.sqlite, args)).await;
                done.map(|done| done.rows_affected())
            }
            Wire::Postgres(held) => {
                let done = held.connection().execute(query(stmt.postgres, args)).await;
                done.map(|done| done.rows_affected())
            }
        }
        .map_err(|error| StoreError::of(stmt.name, error))
    }

    /// Runs a statement that changes one row or none, and says whether it did.
    pub(crate) async fn changes(&mut self, stmt: &Stmt, args: Vec<Value>) -> Result<bool> {
        Ok(self.execute(stmt, args).await? > 0)
    }

    /// Makes everything done in this transaction last.
    pub async fn commit(self) -> Result<()> {
        let Conn { wire, observer } = self.0;
        let observe = |point| {
            if let Some(observer) = &observer {
                observer.observe(point);
            }
        };
        observe(WritePoint::BeforeCommit);
        match wire {
            Wire::Sqlite(held) => held.commit().await,
            Wire::Postgres(held) => held.commit().await,
        }
        .map_err(|error| StoreError::of("commit", error))?;
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
