//! A connection that is lent to one caller, inside or outside a transaction, and what runs on it.

use std::time::Duration;

use tokio::time;

use super::{
    connections::{Lease, Open, blocking},
    run,
};
use crate::{
    Result, Stmt, StoreError,
    sql::{Row, Value},
};

/// How long the first and the longest pause is between two tries, while another process is in the way.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(25));

#[derive(Debug, thiserror::Error)]
enum Gone {
    #[error("the statement before was given up while it ran")]
    GivenUp,
    #[error("the transaction was undone by SQLite after an error")]
    Undone,
}

impl Gone {
    fn of(self, statement: &'static str) -> StoreError {
        StoreError::Lost { statement, source: self.into() }
    }
}

pub(in crate::sql) struct Session {
    /// Absent while another thread has it, and after a call that was dropped meanwhile: that thread gives it back.
    lease: Option<Lease>,
    patience: Duration,
    transaction: bool,
}

impl Session {
    pub(super) fn new(lease: Lease, patience: Duration) -> Self {
        Self { lease: Some(lease), patience, transaction: false }
    }

    pub(in crate::sql) fn in_transaction(&self) -> bool {
        self.transaction
    }

    /// Runs `work` here, or on a thread that may block where it is `long`. Where another process is in the way, it is
    /// tried again as long as the patience lasts. Within a transaction none is.
    async fn run<T: Send + 'static>(
        &mut self,
        name: &'static str,
        long: bool,
        mut work: impl FnMut(&mut Open) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (mut pause, mut waited) = (PAUSES.0, Duration::ZERO);
        loop {
            let lease = self.lease.as_mut().ok_or_else(|| Gone::GivenUp.of(name))?;
            if self.transaction && lease.open().connection.is_autocommit() {
                return Err(Gone::Undone.of(name));
            }
            let done = if long {
                let mut moved = self.lease.take().ok_or_else(|| Gone::GivenUp.of(name))?;
                let (back, done);
                (back, work, done) = blocking(move || {
                    let done = work(moved.open());
                    (moved, work, done)
                })
                .await
                .map_err(|source| StoreError::Lost { statement: name, source: source.into() })?;
                self.lease = Some(back);
                done
            } else {
                work(lease.open())
            };
            if self.transaction || waited >= self.patience || !matches!(done, Err(StoreError::Busy { .. })) {
                return done;
            }
            time::sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Begins a transaction that may write at once. Returns the [`foreign_version`](run::foreign_version) that it
    /// begins with.
    pub(super) async fn begin(&mut self, name: &'static str) -> Result<i64> {
        let begin = move |open: &mut Open| {
            run::command(open, name, "BEGIN IMMEDIATE")?;
            run::foreign_version(open, name)
        };
        let version = self.run(name, false, begin).await?;
        self.transaction = true;
        Ok(version)
    }

    /// Waits for the disk. The next writer may begin as soon as that is done, before the caller goes on.
    pub(in crate::sql) async fn commit(mut self) -> Result<()> {
        const NAME: &str = "commit";
        if !self.transaction {
            return Ok(());
        }
        let mut lease = self.lease.take().ok_or_else(|| Gone::GivenUp.of(NAME))?;
        if lease.open().connection.is_autocommit() {
            return Err(Gone::Undone.of(NAME));
        }
        let done = blocking(move || run::command(lease.open(), NAME, "COMMIT")).await;
        done.map_err(|source| StoreError::Lost { statement: NAME, source: source.into() })?
    }

    pub(in crate::sql) async fn list<T: Send + 'static>(
        &mut self,
        stmt: Stmt,
        args: Vec<Value>,
        make: impl Fn(&Row<'_>) -> Result<T> + Send + 'static,
    ) -> Result<Vec<T>> {
        self.run(stmt.name, stmt.long, move |open| run::rows(open, stmt, &args, usize::MAX, &make)).await
    }

    pub(in crate::sql) async fn optional<T: Send + 'static>(
        &mut self,
        stmt: Stmt,
        args: Vec<Value>,
        make: impl Fn(&Row<'_>) -> Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let first = move |open: &mut Open| Ok(run::rows(open, stmt, &args, 1, &make)?.pop());
        self.run(stmt.name, stmt.long, first).await
    }

    pub(in crate::sql) async fn execute(&mut self, stmt: Stmt, args: Vec<Value>) -> Result<u64> {
        self.run(stmt.name, stmt.long, move |open| run::execute(open, stmt, &args)).await
    }

    pub(in crate::sql) async fn execute_many(&mut self, stmt: Stmt, rows: Vec<Vec<Value>>) -> Result<()> {
        self.run(stmt.name, stmt.long, move |open| run::execute_many(open, stmt, &rows)).await
    }

    pub(in crate::sql) async fn script(&mut self, name: &'static str, sql: &'static str) -> Result<()> {
        let fault = move |error| StoreError::of_sqlite(name, error);
        self.run(name, true, move |open| open.connection.execute_batch(sql).map_err(fault)).await
    }

    pub(in crate::sql) async fn prepare(&mut self, stmt: Stmt) -> Result<()> {
        let fault = move |error| StoreError::of_sqlite(stmt.name, error);
        let prepare =
            move |open: &mut Open| open.connection.prepare_cached(stmt.sqlite).map(drop).map_err(fault);
        self.run(stmt.name, false, prepare).await
    }
}
