//! Applying migrations, by one process at a time.

use valetkey_core::Timestamp;

use super::{APPLIED, CREATE_LIST, LOCK, MIGRATIONS, Migration, POSTGRES_TYPES, RECORD};
use crate::{
    Pool, Result, StoreError, Tx,
    sql::{Stmt, args},
};

/// PostgreSQL only, so not among the statements that both engines prepare.
const TAKE_LOCK: Stmt = Stmt::read("schema::TAKE_LOCK", "SELECT pg_advisory_xact_lock($1)");
const TYPE_EXISTS: Stmt =
    Stmt::read("schema::TYPE_EXISTS", "SELECT (to_regtype('keytext') IS NOT NULL) AS found");

/// A migration that the database has.
struct Applied {
    version: i64,
    checksum: Vec<u8>,
}

impl Pool {
    /// Brings the schema up to the last version that this program knows and returns that version; `now` is recorded.
    /// Safe to call from several processes at once: one applies, the others wait. All of it holds or nothing.
    ///
    /// Refuses a database of a newer schema, and one whose migrations are not those of this program.
    pub async fn migrate(&self, now: Timestamp) -> Result<i64> {
        let mut tx = self.begin().await?;
        if self.is_postgres() {
            self.prepare_postgres(&mut tx).await?;
        }
        tx.script("schema::CREATE_LIST", CREATE_LIST).await?;
        let applied = tx.list(&APPLIED, args![], |row| {
            Ok(Applied { version: row.int("version")?, checksum: row.blob("checksum")? })
        });
        let applied = applied.await?;
        check(&applied)?;
        for migration in MIGRATIONS.iter().skip(applied.len()) {
            apply(&mut tx, migration, now).await?;
        }
        tx.commit().await?;
        Ok(known())
    }

    async fn prepare_postgres(&self, tx: &mut Tx) -> Result<()> {
        tx.list(&TAKE_LOCK, args![LOCK], |_| Ok(())).await?;
        if let Some(schema) = self.schema() {
            tx.create_schema(schema).await?;
        }
        let found = tx.optional(&TYPE_EXISTS, args![], |row| row.flag("found")).await?;
        if found != Some(true) {
            tx.script("schema::POSTGRES_TYPES", POSTGRES_TYPES).await?;
        }
        Ok(())
    }
}

/// The last version that this program knows.
fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |last| last.version)
}

fn check(applied: &[Applied]) -> Result<()> {
    let known = known();
    let found = applied.last().map_or(0, |last| last.version);
    if found > known {
        return Err(StoreError::SchemaTooNew { found, known });
    }
    for (migration, applied) in MIGRATIONS.iter().zip(applied) {
        if applied.version != migration.version || applied.checksum != migration.checksum() {
            return Err(StoreError::SchemaChanged { version: migration.version });
        }
    }
    Ok(())
}

async fn apply(tx: &mut Tx, migration: &Migration, now: Timestamp) -> Result<()> {
    let failed =
        |source: StoreError| StoreError::Migration { version: migration.version, source: source.into() };
    tx.script(migration.name, migration.sql).await.map_err(failed)?;
    let record = args![migration.version, migration.name, &migration.checksum(), now];
    tx.execute(&RECORD, record).await.map(drop)
}
