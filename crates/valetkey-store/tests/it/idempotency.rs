//! Keys of requests.

use valetkey_core::id::RequestId;
use valetkey_store::{
    environment,
    idempotency::{self, IdempotencyKey},
};

use crate::support::{World, later, row};

fn key(world: &World, actor: &str) -> IdempotencyKey {
    IdempotencyKey {
        environment_id: world.environment.id.clone(),
        actor: actor.into(),
        name: "key 1".into(),
        request_id: row::id(RequestId::new),
        request_hash: row::hash(),
        fencing: 1,
        held_until: later(30),
        answer: None,
        expires_at: later(100),
    }
}

#[tokio::test]
async fn a_key_is_taken_once_by_each_caller_until_its_time_is_over() {
    let world = World::new().await;
    let (first, again, other) = (key(&world, "a"), key(&world, "a"), key(&world, "b"));
    let mut tx = world.tx().await;
    assert!(idempotency::insert_if_free(&mut tx, &first, later(0)).await.unwrap());
    assert!(!idempotency::insert_if_free(&mut tx, &again, later(99)).await.unwrap());
    assert!(idempotency::insert_if_free(&mut tx, &other, later(0)).await.unwrap());
    let environment = &world.environment.id;
    assert_eq!(idempotency::get(&mut tx, environment, "a", "key 1").await.unwrap(), Some(first));
    assert!(idempotency::insert_if_free(&mut tx, &again, later(100)).await.unwrap());
    assert_eq!(idempotency::get(&mut tx, environment, "a", "key 1").await.unwrap(), Some(again));
}

#[tokio::test]
async fn whoever_was_overtaken_writes_no_answer_and_an_answer_stays() {
    let world = World::new().await;
    let first = key(&world, "a");
    let mut tx = world.tx().await;
    assert!(idempotency::insert_if_free(&mut tx, &first, later(0)).await.unwrap());
    assert!(idempotency::claim(&mut tx, &first, later(60)).await.unwrap());
    assert!(!idempotency::claim(&mut tx, &first, later(60)).await.unwrap());
    let late = IdempotencyKey { answer: Some(row::sealed("late")), ..first.clone() };
    assert!(!idempotency::settle(&mut tx, &late).await.unwrap());
    let second = IdempotencyKey { fencing: 2, answer: Some(row::sealed("good")), ..first };
    assert!(idempotency::settle(&mut tx, &second).await.unwrap());
    assert!(!idempotency::claim(&mut tx, &second, later(90)).await.unwrap());
    assert!(!idempotency::settle(&mut tx, &second).await.unwrap());
    let found = idempotency::get(&mut tx, &second.environment_id, "a", "key 1").await.unwrap();
    assert_eq!(found, Some(second));
}

#[tokio::test]
async fn keys_are_deleted_when_their_time_is_over() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    for actor in ["a", "b", "c"] {
        assert!(idempotency::insert_if_free(&mut tx, &key(&world, actor), later(0)).await.unwrap());
    }
    assert_eq!(idempotency::delete_expired(&mut tx, later(99), 9).await.unwrap(), 0);
    assert_eq!(idempotency::delete_expired(&mut tx, later(100), 2).await.unwrap(), 2);
    assert_eq!(idempotency::delete_expired(&mut tx, later(100), 2).await.unwrap(), 1);
}

#[tokio::test]
async fn t52_a_key_of_another_environment_is_neither_seen_nor_changed() {
    let world = World::new().await;
    let mine = key(&world, "a");
    let other = row::environment("stranger");
    let mut tx = world.tx().await;
    environment::insert(&mut tx, &other).await.unwrap();
    assert!(idempotency::insert_if_free(&mut tx, &mine, later(0)).await.unwrap());
    let forged = IdempotencyKey { environment_id: other.id.clone(), ..mine.clone() };
    assert_eq!(idempotency::get(&mut tx, &other.id, "a", "key 1").await.unwrap(), None);
    assert!(!idempotency::claim(&mut tx, &forged, later(60)).await.unwrap());
    assert!(!idempotency::settle(&mut tx, &forged).await.unwrap());
    assert!(idempotency::insert_if_free(&mut tx, &forged, later(0)).await.unwrap(), "each has its own");
}
