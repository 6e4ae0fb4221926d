use valetkey_core::journal::EventKind;
use valetkey_store::{PageRequest, event};

use crate::support::{World, row};

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
