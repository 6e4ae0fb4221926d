use valetkey_core::link::FlowOutcome;
use valetkey_store::flow::{self, Flow};

use crate::support::{World, hash, later, row};

#[tokio::test]
async fn a_flow_is_found_by_the_hash_of_its_state_and_listed_newest_first() {
    let world = World::new().await;
    let (one, two) = (world.add_link().await, world.add_link().await);
    let (first, second) = (row::flow(&one, &world.account), row::flow(&two, &world.account));
    let mut tx = world.tx().await;
    flow::insert(&mut tx, &first).await.unwrap();
    flow::insert(&mut tx, &second).await.unwrap();
    let found = flow::by_state_hash_any_environment(&mut tx, &first.state_hash).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first));
    assert_eq!(flow::by_state_hash_any_environment(&mut tx, &hash()).await.unwrap(), None);
    assert_eq!(flow::get(&mut tx, &first.environment_id, &first.id).await.unwrap().as_ref(), Some(&first));
    let listed = flow::list(&mut tx, &first.environment_id, &world.account.id).await.unwrap();
    assert_eq!(listed, [second, first]);
}

#[tokio::test]
async fn a_new_flow_supersedes_the_one_of_its_link_that_is_under_way() {
    let world = World::new().await;
    let link = world.add_link().await;
    let environment = &world.environment.id;
    let (old, new) = (row::flow(&link, &world.account), row::flow(&link, &world.account));
    let mut tx = world.tx().await;
    flow::insert(&mut tx, &old).await.unwrap();
    flow::insert(&mut tx, &new).await.unwrap();
    let read = flow::get(&mut tx, environment, &old.id).await.unwrap().unwrap();
    assert_eq!((read.outcome, read.ended_at), (FlowOutcome::Superseded, Some(new.created_at)));
    assert!(!flow::claim(&mut tx, environment, &old.id, later(1)).await.unwrap());
    assert!(flow::claim(&mut tx, environment, &new.id, later(1)).await.unwrap());
}

#[tokio::test]
async fn t01_a_callback_is_let_in_once_and_a_flow_ends_once() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let link = world.add_link().await;
    let flow = row::flow(&link, &world.account);
    let mut tx = world.tx().await;
    flow::insert(&mut tx, &flow).await.unwrap();
    assert!(flow::claim(&mut tx, environment, &flow.id, later(1)).await.unwrap());
    assert!(!flow::claim(&mut tx, environment, &flow.id, later(2)).await.unwrap());
    let end = (FlowOutcome::ProviderError, Some("server_error"));
    assert!(flow::end(&mut tx, environment, &flow.id, end.0, end.1, later(3)).await.unwrap());
    assert!(
        !flow::end(&mut tx, environment, &flow.id, FlowOutcome::Completed, None, later(4)).await.unwrap()
    );
    let read = flow::get(&mut tx, environment, &flow.id).await.unwrap().unwrap();
    assert_eq!((read.claimed_at, read.ended_at), (Some(later(1)), Some(later(3))));
    assert_eq!((read.outcome, read.outcome_detail.as_deref()), end);
}

#[tokio::test]
async fn an_expired_flow_is_not_let_in_and_is_listed_for_ending() {
    let world = World::new().await;
    let link = world.add_link().await;
    let flow = row::flow(&link, &world.account);
    let mut tx = world.tx().await;
    flow::insert(&mut tx, &flow).await.unwrap();
    let end = flow.expires_at;
    assert_eq!(flow::expired(&mut tx, end.plus_seconds(-1), 10).await.unwrap(), []);
    assert_eq!(flow::expired(&mut tx, end, 10).await.unwrap(), std::slice::from_ref(&flow));
    assert!(!flow::claim(&mut tx, &flow.environment_id, &flow.id, end).await.unwrap());
    flow::end(&mut tx, &flow.environment_id, &flow.id, FlowOutcome::Expired, None, end).await.unwrap();
    assert_eq!(flow::expired(&mut tx, end, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_flow_without_a_link_supersedes_the_one_of_its_account_and_none_of_a_link() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let of_link = row::flow(&world.add_link().await, &world.account);
    let link = world.add_link().await;
    let without = || Flow { hosted: None, ..row::flow(&link, &world.account) };
    let (old, new) = (without(), without());
    let mut tx = world.tx().await;
    for flow in [&of_link, &old, &new] {
        flow::insert(&mut tx, flow).await.unwrap();
    }
    let read = flow::get(&mut tx, environment, &old.id).await.unwrap().unwrap();
    assert_eq!((read.outcome, read.hosted), (FlowOutcome::Superseded, None));
    for flow in [&of_link, &new] {
        assert!(flow::claim(&mut tx, environment, &flow.id, later(1)).await.unwrap());
    }
}
