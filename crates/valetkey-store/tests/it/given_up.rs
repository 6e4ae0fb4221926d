//! Callers that go away while they wait, as a request does whose client hangs up.

use std::{future::Future, pin::pin, task::Poll, time::Duration};

use valetkey_store::{ConnectOptions, Pool, StoreError, account, environment};

use crate::support::{Database, T0, World, database::options, row};

/// Begins `work` and drops it where it waits first; returns its result where it never waits.
async fn give_up<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

fn single() -> ConnectOptions {
    ConnectOptions { connections: 1, ..options() }
}

#[tokio::test]
async fn a_list_that_is_given_up_gives_its_connection_back() {
    let world = World::on(Database::with(single()).await).await;
    let (filter, page) = (account::Filter::default(), valetkey_store::PageRequest::default());
    for _ in 0..20 {
        let mut reader = world.reader().await;
        give_up(account::list(&mut reader, &world.environment.id, &filter, &page)).await;
        drop(reader);
    }
    let mut reader = world.reader().await;
    let found = account::list(&mut reader, &world.environment.id, &filter, &page).await.unwrap();
    assert_eq!(found.items.len(), 1);
}

#[tokio::test]
async fn a_connection_whose_statement_was_given_up_is_not_used_further() {
    let world = World::new().await;
    if world.db.pool.engine() == "PostgreSQL" {
        return;
    }
    let (filter, page) = (account::Filter::default(), valetkey_store::PageRequest::default());
    let mut tx = world.tx().await;
    environment::insert(&mut tx, &row::environment("lost")).await.unwrap();
    // A thread that was quick may have the answer before anybody waits for it.
    while give_up(account::list(&mut tx, &world.environment.id, &filter, &page)).await.is_some() {}
    let refused = environment::list(&mut tx).await.unwrap_err();
    assert!(matches!(refused, StoreError::Lost { .. }), "{refused:?}");
    assert!(matches!(tx.commit().await, Err(StoreError::Lost { .. })));
    let mut tx = world.tx().await;
    assert_eq!(environment::list(&mut tx).await.unwrap().len(), 1, "the transaction was undone");
}

#[tokio::test]
async fn a_commit_that_is_given_up_happens_or_not_and_lets_the_next_one_write() {
    let db = Database::new().await;
    for round in 0..20 {
        let mut tx = db.pool.begin().await.unwrap();
        environment::insert(&mut tx, &row::environment(&format!("first {round}"))).await.unwrap();
        environment::insert(&mut tx, &row::environment(&format!("second {round}"))).await.unwrap();
        give_up(tx.commit()).await;
        let mut tx = db.pool.begin().await.unwrap();
        assert_eq!(environment::list(&mut tx).await.unwrap().len() % 2, 0, "both or none");
    }
}

#[tokio::test]
async fn a_writer_that_goes_away_while_it_waits_does_not_keep_its_place() {
    let db = Database::with(single()).await;
    let held = db.pool.begin().await.unwrap();
    for _ in 0..5 {
        assert!(give_up(db.pool.begin()).await.is_none());
    }
    drop(held);
    db.pool.begin().await.unwrap();
}

#[tokio::test]
async fn a_writer_waits_for_another_process_without_holding_up_its_thread() {
    let db = Database::blank().await;
    db.pool.migrate(T0).await.unwrap();
    let other = Pool::connect(&db.url, &options()).await.unwrap();
    let mut tx = other.begin().await.unwrap();
    environment::insert(&mut tx, &row::environment("other")).await.unwrap();
    let waiting = async {
        let mut tx = db.pool.begin().await.unwrap();
        environment::insert(&mut tx, &row::environment("waiting")).await.unwrap();
        tx.commit().await.unwrap();
    };
    // On one thread: the other could not go on if the one that waits did not yield.
    let ((), ()) = tokio::join!(waiting, async { tx.commit().await.unwrap() });
    assert_eq!(environment::list(&mut db.pool.read().await.unwrap()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_writer_loses_patience_with_another_process() {
    let impatient = ConnectOptions { patience: Duration::from_millis(50), ..options() };
    let db = Database::with(impatient).await;
    if db.pool.engine() == "PostgreSQL" {
        return;
    }
    let other = Pool::connect(&db.url, &options()).await.unwrap();
    let held = other.begin().await.unwrap();
    let refused = db.pool.begin().await.err().unwrap();
    assert!(matches!(refused, StoreError::Busy { .. }), "{refused:?}");
    drop(held);
    db.pool.begin().await.unwrap();
}

#[tokio::test]
async fn a_closed_pool_gives_nothing_out() {
    let db = Database::new().await;
    db.pool.close().await;
    assert!(matches!(db.pool.read().await, Err(StoreError::Lost { .. })));
    assert!(matches!(db.pool.begin().await, Err(StoreError::Lost { .. })));
    db.pool.close().await;
}
