//! A connection to PostgreSQL, inside or outside a transaction, and what runs on it.

use sqlx::{
    AssertSqlSafe, Executor, PgConnection, Postgres, SqlSafeStr, Transaction,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::Query,
};

use crate::{
    Result, Stmt, StoreError,
    sql::{Row, Value, row::RowData},
};

pub(in crate::sql) enum Session {
    Free(PoolConnection<Postgres>),
    Transaction(Transaction<'static, Postgres>),
}

fn query(sql: &'static str, args: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    args.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Int(number) => query.bind(number),
        Value::Bool(value) => query.bind(value),
        Value::Blob(bytes) => query.bind(bytes),
    })
}

fn read<T>(stmt: Stmt, row: &PgRow, make: impl Fn(&Row<'_>) -> Result<T>) -> Result<T> {
    make(&Row { statement: stmt.name, data: RowData::Postgres(row) })
}

impl Session {
    fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::Free(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }

    pub(in crate::sql) fn in_transaction(&self) -> bool {
        matches!(self, Self::Transaction(_))
    }

    pub(in crate::sql) async fn list<T>(
        &mut self,
        stmt: Stmt,
        args: Vec<Value>,
        make: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let rows = self.connection().fetch_all(query(stmt.postgres, args)).await;
        let rows = rows.map_err(|error| StoreError::of_postgres(stmt.name, error))?;
        rows.iter().map(|row| read(stmt, row, &make)).collect()
    }

    pub(in crate::sql) async fn optional<T>(
        &mut self,
        stmt: Stmt,
        args: Vec<Value>,
        make: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let row = self.connection().fetch_optional(query(stmt.postgres, args)).await;
        let row = row.map_err(|error| StoreError::of_postgres(stmt.name, error))?;
        row.map(|row| read(stmt, &row, make)).transpose()
    }

    pub(in crate::sql) async fn execute(&mut self, stmt: Stmt, args: Vec<Value>) -> Result<u64> {
        let done = self.connection().execute(query(stmt.postgres, args)).await;
        done.map(|done| done.rows_affected()).map_err(|error| StoreError::of_postgres(stmt.name, error))
    }

    pub(in crate::sql) async fn execute_many(&mut self, stmt: Stmt, rows: Vec<Vec<Value>>) -> Result<()> {
        let list = |row: &Vec<Value>| row.iter().map(Value::json).collect::<serde_json::Value>();
        let rows = rows.iter().map(list).collect::<serde_json::Value>();
        self.execute(stmt, vec![rows.to_string().into()]).await.map(drop)
    }

    pub(in crate::sql) async fn script(&mut self, name: &'static str, sql: &'static str) -> Result<()> {
        self.run_script(name, sqlx::raw_sql(sql)).await
    }

    pub(in crate::sql) async fn create_schema(&mut self, schema: &str) -> Result<()> {
        let sql = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
        self.run_script("create schema", sqlx::raw_sql(AssertSqlSafe(sql))).await
    }

    async fn run_script(&mut self, name: &'static str, script: sqlx::RawSql) -> Result<()> {
        let done = script.execute(self.connection()).await;
        done.map(drop).map_err(|error| StoreError::of_postgres(name, error))
    }

    pub(in crate::sql) async fn prepare(&mut self, stmt: Stmt) -> Result<()> {
        let prepared = self.connection().prepare(stmt.postgres.into_sql_str()).await;
        prepared.map(drop).map_err(|error| StoreError::of_postgres(stmt.name, error))
    }

    pub(in crate::sql) async fn commit(self) -> Result<()> {
        match self {
            Self::Free(_) => Ok(()),
            Self::Transaction(transaction) => {
                transaction.commit().await.map_err(|error| StoreError::of_postgres("commit", error))
            }
        }
    }
}
