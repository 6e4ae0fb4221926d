//! Operations on many accounts.

use valetkey_core::{
    bulk::{BulkItemState, BulkKind},
    id::{BulkOperationId, EnvironmentId, RequestId},
};
use valetkey_store::{
    account,
    bulk::{self, Item, Operation},
    environment,
};

use crate::support::{
    World, later,
    row::{self, T0},
};

fn operation(environment: &EnvironmentId, total: i64) -> Operation {
    Operation {
        id: row::id(BulkOperationId::new),
        environment_id: environment.clone(),
        kind: BulkKind::Delete,
        actor: "somebody".into(),
        request_id: Some(row::id(RequestId::new)),
        input: "null".into(),
        total,
        succeeded: 0,
        failed: 0,
        fencing: 1,
        due_at: Some(later(15)),
        created_at: T0,
        finished_at: None,
    }
}

fn item(place: i64) -> Item {
    Item {
        place,
        input: format!("\"{place}\""),
        state: BulkItemState::Pending,
        account_id: None,
        created: false,
        error: None,
    }
}

/// An operation with items, stored.
async fn stored(world: &World, total: i64) -> Operation {
    let operation = operation(&world.environment.id, total);
    let items: Vec<Item> = (0..total).map(item).collect();
    let mut tx = world.tx().await;
    assert!(bulk::insert_if_absent(&mut tx, &operation).await.unwrap());
    bulk::insert_items(&mut tx, &operation.environment_id, &operation.id, &items).await.unwrap();
    tx.commit().await.unwrap();
    operation
}

#[tokio::test]
async fn a_request_begins_one_operation_and_finds_it_again() {
    let world = World::new().await;
    let first = stored(&world, 1).await;
    let (environment, request) = (&first.environment_id, first.request_id.clone());
    let mut tx = world.tx().await;
    let second = Operation { request_id: request.clone(), ..operation(environment, 1) };
    assert!(!bulk::insert_if_absent(&mut tx, &second).await.unwrap());
    let found = bulk::by_request(&mut tx, environment, &request.unwrap()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first));
    assert_eq!(bulk::get(&mut tx, environment, &first.id).await.unwrap(), found);
    for _ in 0..2 {
        let unnamed = Operation { request_id: None, ..operation(environment, 1) };
        assert!(bulk::insert_if_absent(&mut tx, &unnamed).await.unwrap());
    }
}

#[tokio::test]
async fn one_process_at_a_time_has_an_operation_and_one_that_was_overtaken_writes_nothing() {
    let world = World::new().await;
    let seen = stored(&world, 4).await;
    let mut tx = world.tx().await;
    assert_eq!(bulk::due(&mut tx, later(14), 9).await.unwrap(), []);
    assert!(!bulk::claim(&mut tx, &seen, later(14), later(29)).await.unwrap());
    assert_eq!(bulk::due(&mut tx, later(15), 9).await.unwrap(), std::slice::from_ref(&seen));
    assert!(bulk::claim(&mut tx, &seen, later(15), later(30)).await.unwrap());
    assert!(!bulk::claim(&mut tx, &seen, later(99), later(120)).await.unwrap());
    let late = Operation { succeeded: 1, ..seen.clone() };
    assert!(!bulk::advance(&mut tx, &late).await.unwrap());
    let ours =
        Operation { fencing: 2, succeeded: 3, failed: 1, due_at: None, finished_at: Some(later(16)), ..seen };
    assert!(bulk::advance(&mut tx, &ours).await.unwrap());
    assert_eq!(bulk::get(&mut tx, &ours.environment_id, &ours.id).await.unwrap().as_ref(), Some(&ours));
    assert!(!bulk::advance(&mut tx, &ours).await.unwrap(), "what has ended is not taken back");
    assert_eq!(bulk::due(&mut tx, later(999), 9).await.unwrap(), []);
}

#[tokio::test]
async fn items_keep_their_order_and_forget_their_input_with_their_result() {
    let world = World::new().await;
    let operation = stored(&world, 5).await;
    let (environment, id) = (&operation.environment_id, &operation.id);
    let done = [
        Item {
            state: BulkItemState::Succeeded,
            account_id: Some(world.account.id.clone()),
            created: true,
            input: String::new(),
            ..item(0)
        },
        Item {
            state: BulkItemState::Failed,
            error: Some("{\"quote\":\"'\"}".into()),
            input: String::new(),
            ..item(1)
        },
    ];
    let mut tx = world.tx().await;
    bulk::finish_items(&mut tx, environment, id, &done).await.unwrap();
    let all = bulk::items(&mut tx, environment, id, false, (0, 4)).await.unwrap();
    assert_eq!(all, [done[0].clone(), done[1].clone(), item(2), item(3)]);
    assert_eq!(bulk::items(&mut tx, environment, id, false, (3, 4)).await.unwrap(), [item(3), item(4)]);
    assert_eq!(bulk::items(&mut tx, environment, id, true, (0, 4)).await.unwrap(), [done[1].clone()]);
    assert_eq!(bulk::items(&mut tx, environment, id, true, (2, 4)).await.unwrap(), []);
}

#[tokio::test]
async fn only_operations_that_ended_long_enough_ago_are_deleted_and_their_items_with_them() {
    let world = World::new().await;
    let (old, young, running) = (stored(&world, 2).await, stored(&world, 2).await, stored(&world, 2).await);
    let mut tx = world.tx().await;
    for (operation, end) in [(&old, 10), (&young, 20)] {
        let ended = Operation { due_at: None, finished_at: Some(later(end)), ..operation.clone() };
        assert!(bulk::advance(&mut tx, &ended).await.unwrap());
    }
    assert_eq!(bulk::delete_finished(&mut tx, later(10), 9).await.unwrap(), 1);
    let environment = &world.environment.id;
    for (operation, left) in [(&old, 0), (&young, 2), (&running, 2)] {
        let items = bulk::items(&mut tx, environment, &operation.id, false, (0, 9)).await.unwrap();
        assert_eq!(items.len(), left);
    }
}

#[tokio::test]
async fn t52_an_operation_of_another_environment_is_neither_seen_nor_changed() {
    let world = World::new().await;
    let operation = stored(&world, 1).await;
    let other = row::environment("stranger");
    let mut tx = world.tx().await;
    environment::insert(&mut tx, &other).await.unwrap();
    let forged = Operation { environment_id: other.id.clone(), succeeded: 1, ..operation.clone() };
    assert_eq!(bulk::get(&mut tx, &other.id, &operation.id).await.unwrap(), None);
    let request = operation.request_id.clone().unwrap();
    assert_eq!(bulk::by_request(&mut tx, &other.id, &request).await.unwrap(), None);
    assert_eq!(bulk::items(&mut tx, &other.id, &operation.id, false, (0, 9)).await.unwrap(), []);
    assert!(!bulk::claim(&mut tx, &forged, later(99), later(120)).await.unwrap());
    assert!(!bulk::advance(&mut tx, &forged).await.unwrap());
    let item = Item { state: BulkItemState::Failed, ..item(0) };
    bulk::finish_items(&mut tx, &other.id, &operation.id, &[item]).await.unwrap();
    let mine = &operation.environment_id;
    assert_eq!(bulk::items(&mut tx, mine, &operation.id, true, (0, 9)).await.unwrap(), []);
    assert_eq!(bulk::get(&mut tx, mine, &operation.id).await.unwrap(), Some(operation));
}

#[tokio::test]
async fn many_accounts_are_added_where_they_are_not_there_and_found_by_their_ids() {
    let world = World::new().await;
    let again = row::account(&world.connection, &world.account.identifier);
    let (first, second) =
        (row::account(&world.connection, "first one"), row::account(&world.connection, "second"));
    let twice = row::account(&world.connection, "second");
    let mut tx = world.tx().await;
    let rows = [first.clone(), again.clone(), second.clone(), twice.clone()];
    assert_eq!(account::insert_all(&mut tx, &rows).await.unwrap(), [true, false, true, false]);
    assert_eq!(account::id_of(&mut tx, &again).await.unwrap().as_ref(), Some(&world.account.id));
    assert_eq!(account::id_of(&mut tx, &twice).await.unwrap().as_ref(), Some(&second.id));
    assert_eq!(account::id_of(&mut tx, &row::account(&world.connection, "none")).await.unwrap(), None);
    let ids = [first.id.clone(), second.id.clone(), twice.id.clone()];
    let mut found = account::get_all(&mut tx, &world.environment.id, &ids).await.unwrap();
    found.sort_by(|left, right| left.id.cmp(&right.id));
    assert_eq!(found, [first.clone(), second]);
    let page = valetkey_store::PageRequest { size: 9, token: None };
    let searched = account::search(&mut tx, &world.environment.id, "one", None, &page).await.unwrap();
    assert_eq!(searched.items, [first], "what an account is found by was added too");
    let stranger = row::environment("stranger");
    assert_eq!(account::get_all(&mut tx, &stranger.id, &ids).await.unwrap(), []);
}
