use valetkey_core::{
    Timestamp,
    account::Reason,
    refresh::{Attempt, Claim, OutcomeClass, Slot, claim},
};
use valetkey_store::{
    Tx,
    refresh::{self, Refresh, Settled},
};

use crate::support::{
    World,
    row::{T0, later},
};

/// A credential of generation 1 that was obtained in the given version of the account.
async fn obtained(world: &World, tx: &mut Tx, version: i64) -> Slot {
    let row = Refresh {
        environment_id: world.environment.id.clone(),
        account_id: world.account.id.clone(),
        connection_id: world.connection.id.clone(),
        host: "tokens.example:443".into(),
        refreshable: true,
        grant_ends_at: Some(later(900)),
        grant_end_moves: false,
        issued_at: T0,
        due_at: Some(T0),
        ended: None,
        slot: Slot::of_obtained(version),
        holder: None,
        attempt_at: None,
        failures: 0,
        last_outcome: None,
        last_detail: None,
        last_outcome_at: None,
    };
    refresh::put(tx, &row).await.unwrap();
    stored(world, tx).await.slot
}

async fn stored(world: &World, tx: &mut Tx) -> Refresh {
    refresh::get(tx, &world.environment.id, &world.account.id).await.unwrap().unwrap()
}

/// Takes the slot as it was `seen`, at `now`.
async fn take(world: &World, tx: &mut Tx, seen: &Slot, now: Timestamp) -> Option<Slot> {
    let Claim::Take(slot) = claim(seen, 1, true, now) else { panic!("it cannot be taken") };
    let (environment, account) = (&world.environment.id, &world.account.id);
    let taken = refresh::take(tx, environment, account, seen, &slot, "a process", now).await.unwrap();
    taken.then_some(slot)
}

async fn end(world: &World, tx: &mut Tx, seen: &Slot) -> bool {
    let (environment, account) = (&world.environment.id, &world.account.id);
    refresh::end(tx, environment, account, seen, Reason::RefreshOutcomeUnknown, None).await.unwrap()
}

async fn settle(world: &World, tx: &mut Tx, fencing: i64, open: Option<Attempt>) -> bool {
    let settled = Settled {
        outcome: OutcomeClass::Transient,
        detail: None,
        at: later(1),
        open,
        due_at: Some(later(10)),
        ended: None,
        failures: 1,
        issued_at: None,
        refreshable: true,
        grant_ends_at: Some(later(1000)),
        grant_end_moves: true,
    };
    refresh::settle(tx, &world.environment.id, &world.account.id, fencing, &settled).await.unwrap()
}

#[tokio::test]
async fn what_was_decided_upon_an_open_attempt_is_refused_once_its_outcome_is_recorded() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let free = obtained(&world, &mut tx, 1).await;
    let held = take(&world, &mut tx, &free, T0).await.unwrap();
    assert!(settle(&world, &mut tx, held.fencing, None).await);
    assert_eq!(take(&world, &mut tx, &held, later(60)).await, None, "it was not lost");
    assert!(!end(&world, &mut tx, &held).await);
    let now = stored(&world, &mut tx).await;
    assert_eq!((now.ended, now.slot.attempt, now.slot.fencing), (None, None, held.fencing));
    assert_eq!(take(&world, &mut tx, &free, later(60)).await, None, "it was taken before");
    assert!(take(&world, &mut tx, &now.slot, later(60)).await.is_some());
}

#[tokio::test]
async fn an_attempt_is_looked_after_when_its_time_is_over() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let free = obtained(&world, &mut tx, 1).await;
    let held = take(&world, &mut tx, &free, T0).await.unwrap();
    assert_eq!(stored(&world, &mut tx).await.due_at, held.held_until);
    assert_eq!(refresh::due(&mut tx, "tokens.example:443", later(59), 9).await.unwrap(), []);
    assert_eq!(refresh::due(&mut tx, "tokens.example:443", later(60), 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn that_an_attempt_was_given_up_is_taken_back_only_by_an_outcome_that_says_something() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let free = obtained(&world, &mut tx, 1).await;
    let held = take(&world, &mut tx, &free, T0).await.unwrap();
    assert!(end(&world, &mut tx, &held).await);
    assert!(settle(&world, &mut tx, held.fencing, held.attempt).await);
    assert_eq!(stored(&world, &mut tx).await.ended, Some(Reason::RefreshOutcomeUnknown));
    assert!(settle(&world, &mut tx, held.fencing, None).await);
    assert_eq!(stored(&world, &mut tx).await.ended, None);
}

#[tokio::test]
async fn a_late_outcome_finds_no_slot_of_a_later_authorization() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let (environment, account) = (&world.environment.id, &world.account.id);
    let first = obtained(&world, &mut tx, 1).await;
    let held = take(&world, &mut tx, &first, T0).await.unwrap();
    let second = obtained(&world, &mut tx, 2).await;
    assert!(!settle(&world, &mut tx, held.fencing, None).await, "it was replaced");
    let held = take(&world, &mut tx, &second, T0).await.unwrap();
    assert!(refresh::delete(&mut tx, environment, account).await.unwrap());
    let third = obtained(&world, &mut tx, 3).await;
    assert!(take(&world, &mut tx, &third, T0).await.is_some());
    assert!(!settle(&world, &mut tx, held.fencing, None).await, "it was destroyed, and another obtained");
}

#[tokio::test]
async fn the_schedule_is_changed_where_it_is_as_it_was_read() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let (environment, account) = (&world.environment.id, &world.account.id);
    obtained(&world, &mut tx, 1).await;
    assert!(!refresh::reschedule(&mut tx, environment, account, later(5), None).await.unwrap());
    assert!(refresh::reschedule(&mut tx, environment, account, T0, Some(later(7))).await.unwrap());
    assert_eq!(stored(&world, &mut tx).await.due_at, Some(later(7)));
}
