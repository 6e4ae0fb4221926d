//! Connections, transactions, and what watches them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use valetkey_store::{
    ConnectOptions, Pool, StoreError, WriteObserver, WritePoint, environment, organization,
};

use crate::support::{Database, World, database::options, row};

#[tokio::test]
async fn what_a_dropped_transaction_did_is_undone() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("lost")).await.unwrap();
    assert_eq!(environment::list(&mut tx).await.unwrap().len(), 1);
    drop(tx);
    let mut tx = db.pool.begin().await.unwrap();
    assert_eq!(environment::list(&mut tx).await.unwrap(), vec![]);
    environment::insert(&mut tx, &row::environment("kept")).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = db.pool.read().await.unwrap();
    assert_eq!(environment::list(&mut reader).await.unwrap().len(), 1);
}

#[tokio::test]
async fn readers_do_not_see_or_wait_for_what_is_not_committed() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("new")).await.unwrap();
    let mut reader = db.pool.read().await.unwrap();
    assert_eq!(environment::list(&mut reader).await.unwrap(), vec![]);
    tx.commit().await.unwrap();
    assert_eq!(environment::list(&mut reader).await.unwrap().len(), 1);
}

#[tokio::test]
async fn sqlite_tells_whether_another_process_has_written() {
    let db = Database::new().await;
    let seen = || db.pool.foreign_version().unwrap();
    let Some(before) = seen() else {
        assert_eq!(db.pool.engine(), "PostgreSQL");
        return;
    };
    let mut tx = db.pool.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("ours")).await.unwrap();
    assert_eq!(seen(), Some(before), "while it writes itself");
    tx.commit().await.unwrap();
    assert_eq!(seen(), Some(before), "after it has written itself");
    let other = Pool::connect(&db.url, &options()).await.unwrap();
    let mut tx = other.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("theirs")).await.unwrap();
    assert_eq!(seen(), Some(before), "before the other commits");
    tx.commit().await.unwrap();
    let after = seen();
    assert_ne!(after, Some(before));
    // Whoever asks while the writer is in use hears what it began with.
    let held = db.pool.begin().await.unwrap();
    assert_eq!(seen(), after);
    drop(held);
    assert_eq!(seen(), after);
}

#[tokio::test]
async fn a_writer_that_waits_too_long_is_told_that_the_database_is_busy() {
    let impatient = ConnectOptions { connections: 1, patience: Duration::from_millis(50), ..options() };
    let db = Database::with(impatient).await;
    let held = db.pool.begin().await.unwrap();
    let refused = db.pool.begin().await.err().unwrap();
    assert!(matches!(refused, StoreError::Busy { .. }), "{refused:?}");
    drop(held);
    db.pool.begin().await.unwrap();
}

#[tokio::test]
async fn a_url_of_no_known_form_is_refused_without_repeating_it() {
    for url in
        ["mysql://root:hunter2@db/x", "hunter2", "sqlite:", "sqlite::memory:", "postgres://u:hunter2@h:x/y"]
    {
        let error = Pool::connect(url, &options()).await.unwrap_err();
        assert!(matches!(error, StoreError::Url { .. }), "{url}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_told_by_its_engine() {
    let nowhere = "sqlite:/proc/nowhere/valetkey.db";
    let error = Pool::connect(nowhere, &options()).await.unwrap_err();
    assert!(matches!(error, StoreError::Connect { engine: "SQLite", .. }), "{error:?}");
    let quick = ConnectOptions { patience: Duration::from_millis(500), ..options() };
    let error = Pool::connect("postgres://u@127.0.0.1:1/x", &quick).await.unwrap_err();
    assert!(matches!(error, StoreError::Connect { engine: "PostgreSQL", .. }), "{error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn t81_the_files_of_sqlite_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("private.db");
    let pool = Pool::connect(&format!("sqlite:{}", path.display()), &options()).await.unwrap();
    pool.migrate(row::T0).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2, "the write-ahead log is beside the file");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
    }
}

#[derive(Default)]
struct Notes(Mutex<Vec<WritePoint>>);

impl WriteObserver for Notes {
    fn observe(&self, point: WritePoint) {
        self.0.lock().unwrap().push(point);
    }
}

#[tokio::test]
async fn an_observer_is_told_of_each_write_and_commit_in_order() {
    let notes = Arc::new(Notes::default());
    let db = Database::with(ConnectOptions { observer: Some(notes.clone()), ..options() }).await;
    notes.0.lock().unwrap().clear();
    let mut tx = db.pool.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("one")).await.unwrap();
    environment::list(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let expected = [
        WritePoint::Write { statement: "environment::INSERT" },
        WritePoint::BeforeCommit,
        WritePoint::AfterCommit,
    ];
    assert_eq!(*notes.0.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_second_row_with_the_same_key_is_a_conflict_that_names_the_key() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("dev")).await.unwrap();
    let error = environment::insert(&mut tx, &row::environment("dev")).await.unwrap_err();
    let StoreError::Conflict { statement, constraint } = error else { panic!("{error:?}") };
    assert_eq!(statement, "environment::INSERT");
    assert!(constraint.contains("environments") && constraint.contains("name"), "{constraint}");
}

#[tokio::test]
async fn a_stored_value_that_is_not_understood_is_named_and_not_repeated() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("dev")).await.unwrap();
    tx.commit().await.unwrap();
    db.tamper("UPDATE environments SET verification_mode = 'hunter2'").await;
    let error = environment::list(&mut db.pool.read().await.unwrap()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("environment::LIST") && text.contains("verification_mode"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn columns_that_moved_under_an_open_connection_are_found_by_their_names() {
    let world = World::on(Database::with(ConnectOptions { connections: 1, ..options() }).await).await;
    if world.db.pool.engine() == "PostgreSQL" {
        return;
    }
    let (environment, stored) = (&world.environment.id, row::organization(&world.environment.id, None));
    let mut tx = world.tx().await;
    organization::insert(&mut tx, &stored).await.unwrap();
    tx.commit().await.unwrap();
    let read = async || {
        let mut reader = world.reader().await;
        organization::get(&mut reader, environment, &stored.id).await.unwrap()
    };
    assert_eq!(read().await.unwrap(), stored);
    world
        .db
        .tamper("ALTER TABLE organizations DROP COLUMN slug; ALTER TABLE organizations ADD COLUMN slug TEXT")
        .await;
    let without = organization::Organization { slug: None, ..stored.clone() };
    assert_eq!(read().await.unwrap(), without);
}
