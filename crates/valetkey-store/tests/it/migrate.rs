//! Migrations.

use valetkey_store::{ConnectOptions, Pool, StoreError, environment};

use crate::support::{Database, T0, database::options, database::server, row};

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let db = Database::blank().await;
    let version = db.pool.migrate(T0).await.unwrap();
    let mut tx = db.pool.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("kept")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.pool.migrate(T0).await.unwrap(), version);
    assert_eq!(environment::list(&mut db.pool.read().await.unwrap()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn several_processes_that_migrate_at_once_all_succeed() {
    let db = Database::blank().await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let pool = Pool::connect(&db.url, &options()).await.unwrap();
        all.spawn(async move { pool.migrate(T0).await });
    }
    for done in all.join_all().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_one_clear_sentence() {
    let db = Database::new().await;
    db.tamper("INSERT INTO schema_migrations SELECT 9999, 'future', checksum, 0 FROM schema_migrations")
        .await;
    let error = db.pool.migrate(T0).await.unwrap_err();
    assert!(matches!(error, StoreError::SchemaTooNew { found: 9999, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("9999") && text.contains("newer program") && !text.contains('\n'), "{text}");
}

#[tokio::test]
async fn a_migration_that_is_not_the_one_that_was_applied_is_refused() {
    let db = Database::new().await;
    db.tamper("UPDATE schema_migrations SET checksum = ''").await;
    let error = db.pool.migrate(T0).await.unwrap_err();
    assert!(matches!(error, StoreError::SchemaChanged { version: 1 }), "{error:?}");
}

#[tokio::test]
async fn postgres_schemas_keep_installations_apart_in_one_database() {
    if server().is_none() {
        return;
    }
    let db = Database::blank().await;
    let schema = |name: &str| ConnectOptions { schema: Some(name.into()), ..options() };
    let one = Pool::connect(&db.url, &schema("one")).await.unwrap();
    let two = Pool::connect(&db.url, &schema("two")).await.unwrap();
    one.migrate(T0).await.unwrap();
    two.migrate(T0).await.unwrap();
    let mut tx = one.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("dev")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(environment::list(&mut two.read().await.unwrap()).await.unwrap(), vec![]);
    let error = Pool::connect(&db.url, &schema("x; DROP TABLE y")).await.unwrap_err();
    assert!(matches!(error, StoreError::Url { .. }), "{error:?}");
}
