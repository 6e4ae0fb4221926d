use serde_json::json;
use valetkey_core::{
    id::{ConnectionId, EventId},
    journal::EventKind,
};
use valetkey_store::{
    PageRequest,
    event::{self, Ended, Event, Filter},
};

use crate::support::{World, later, row};

#[tokio::test]
async fn the_journal_of_an_account_is_read_newest_first_in_pages_both_ways() {
    let world = World::new().await;
    let kinds = [EventKind::AccountCreated, EventKind::LinkCreated, EventKind::FlowStarted];
    let mut events: Vec<_> = kinds.into_iter().map(|kind| row::event(&world.account, kind)).collect();
    let mut tx = world.tx().await;
    for event in &events {
        event::append(&mut tx, event).await.unwrap();
    }
    let mut unrelated = row::event(&world.account, EventKind::ConnectionCreated);
    unrelated.account_id = None;
    unrelated.connection_id = Some(world.connection.id.clone());
    event::append(&mut tx, &unrelated).await.unwrap();
    events.reverse();
    let mut ask = async |token| {
        let request = PageRequest { size: 2, token };
        event::list(&mut tx, &world.environment.id, &world.account.id, &request).await.unwrap()
    };
    let first = ask(None).await;
    assert_eq!((first.items.as_slice(), first.total, first.previous.as_ref()), (&events[..2], 3, None));
    let second = ask(first.next.clone()).await;
    assert_eq!((second.items.as_slice(), second.next.as_ref()), (&events[2..], None));
    assert_eq!(ask(second.previous).await, first);
}

/// Events one second apart, of these kinds in turn.
async fn journal(world: &World, kinds: &[EventKind], count: i64) -> Vec<Event> {
    let made: Vec<Event> = (0..count)
        .zip(kinds.iter().cycle())
        .map(|(number, kind)| Event {
            details: json!({ "outcome": OUTCOMES[usize::try_from(number).unwrap() % 3] }).to_string(),
            ..row::event_at(&world.account, *kind, later(number))
        })
        .collect();
    let mut tx = world.tx().await;
    event::append_all(&mut tx, &made.iter().collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
    made
}

const OUTCOMES: [&str; 3] = ["completed", "denied", "transient"];

#[tokio::test]
async fn the_journal_is_followed_oldest_first_and_goes_on_where_it_ended() {
    let world = World::new().await;
    let made = journal(&world, &[EventKind::CredentialUsed, EventKind::TokenRefreshed], 9).await;
    let mut reader = world.reader().await;
    let mut follow = async |filter: &Filter, after: Option<&EventId>, until: i64| {
        let before = EventId::first_at(later(until));
        event::journal(&mut reader, &world.environment.id, filter, after, &before, 3).await.unwrap()
    };
    let all = Filter::default();
    let first = follow(&all, None, 8).await;
    assert_eq!((first.items.as_slice(), first.more), (&made[..3], true));
    let second = follow(&all, Some(&first.end), 8).await;
    let third = follow(&all, Some(&second.end), 8).await;
    assert_eq!((second.items.as_slice(), third.items.as_slice()), (&made[3..6], &made[6..8]));
    assert!(second.more && !third.more);
    let nothing = follow(&all, Some(&third.end), 8).await;
    assert_eq!((nothing.items.len(), &nothing.end, nothing.more), (0, &third.end, false));
    assert_eq!(follow(&all, Some(&nothing.end), 100).await.items, made[8..]);
    let refreshed = Filter { kinds: vec![EventKind::TokenRefreshed], ..Filter::default() };
    let some = follow(&refreshed, None, 100).await;
    assert_eq!(
        some.items.iter().map(|event| &event.id).collect::<Vec<_>>(),
        [&made[1].id, &made[3].id, &made[5].id]
    );
    assert!(some.more);
    let since = Filter { since: Some(later(6)), ..refreshed };
    assert_eq!(follow(&since, None, 100).await.items, made[7..8]);
}

#[tokio::test]
async fn the_journal_is_narrowed_to_an_account_and_a_connection() {
    let world = World::new().await;
    let made = journal(&world, &[EventKind::AccountUpdated], 2).await;
    let mut reader = world.reader().await;
    let before = EventId::first_at(later(100));
    let other = row::account(&world.connection, "other");
    for (filter, count) in [
        (Filter { account: Some(world.account.id.clone()), ..Filter::default() }, 2),
        (Filter { account: Some(other.id.clone()), ..Filter::default() }, 0),
        (Filter { connection: made[0].connection_id.clone(), ..Filter::default() }, 2),
        (Filter { connection: Some(row::id(ConnectionId::new)), ..Filter::default() }, 0),
    ] {
        let page =
            event::journal(&mut reader, &world.environment.id, &filter, None, &before, 9).await.unwrap();
        assert_eq!(page.items.len(), count, "{filter:?}");
    }
}

#[tokio::test]
async fn authentications_are_counted_by_kind_and_outcome_and_the_last_is_found() {
    let world = World::new().await;
    let made = journal(&world, &[EventKind::FlowEnded, EventKind::CredentialUsed], 12).await;
    let mut reader = world.reader().await;
    let (environment, account) = (&world.environment.id, &world.account.id);
    let mut counted = event::counts(&mut reader, environment, account, later(2)).await.unwrap();
    counted.sort_by(|left, right| left.1.cmp(&right.1));
    let count = |outcome: &str, count| (EventKind::FlowEnded, Some(outcome.to_owned()), count);
    assert_eq!(counted, [count("completed", 1), count("denied", 2), count("transient", 2)]);
    let last = event::last_ended(&mut reader, environment, account, EventKind::FlowEnded).await.unwrap();
    let id = made[10].id.clone();
    assert_eq!(last, Some(Ended { id, outcome: Some("denied".into()), at: later(10) }));
    let none = event::last_ended(&mut reader, environment, account, EventKind::TokenRefreshed).await;
    assert_eq!(none.unwrap(), None);
}
