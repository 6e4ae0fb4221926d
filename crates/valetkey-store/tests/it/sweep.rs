use valetkey_core::link::FlowOutcome;
use valetkey_store::{flow, link, operator_session, sweep, verification};

use crate::support::{World, later, row};

#[tokio::test]
async fn only_what_is_spent_and_old_enough_is_deleted() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let mut tx = world.tx().await;
    let (mut old, young) = (row::link(&world.account), row::link(&world.account));
    old.expires_at = later(10);
    let (flow, session) = (row::flow(&old, &world.account), row::operator_session("session"));
    let (mut closed, mut pending) = (row::verification(&young), row::verification(&young));
    (closed.expires_at, pending.expires_at) = (later(10), later(10));
    link::insert(&mut tx, &old).await.unwrap();
    link::insert(&mut tx, &young).await.unwrap();
    flow::insert(&mut tx, &flow).await.unwrap();
    let mut alone = row::flow(&young, &world.account);
    (alone.hosted, alone.expires_at, alone.outcome) = (None, later(10), FlowOutcome::Expired);
    flow::insert(&mut tx, &alone).await.unwrap();
    verification::insert(&mut tx, &closed).await.unwrap();
    verification::insert(&mut tx, &pending).await.unwrap();
    operator_session::insert(&mut tx, &session).await.unwrap();

    assert_eq!(sweep::delete_spent(&mut tx, later(9), 10).await.unwrap(), 0);
    assert_eq!(sweep::delete_spent(&mut tx, later(10), 10).await.unwrap(), 3);
    assert_eq!(flow::get(&mut tx, environment, &alone.id).await.unwrap(), None);
    assert_eq!(link::get(&mut tx, environment, &old.id).await.unwrap(), None);
    assert_eq!(flow::get(&mut tx, environment, &flow.id).await.unwrap(), None);
    assert_eq!(verification::get(&mut tx, environment, &closed.id).await.unwrap(), None);
    assert_eq!(verification::get(&mut tx, environment, &pending.id).await.unwrap(), Some(pending));
    assert_eq!(link::get(&mut tx, environment, &young.id).await.unwrap(), Some(young));
    assert_eq!(sweep::delete_spent(&mut tx, session.expires_at, 10).await.unwrap(), 1);
    assert_eq!(operator_session::by_hash(&mut tx, &session.token_hash).await.unwrap(), None);
}
