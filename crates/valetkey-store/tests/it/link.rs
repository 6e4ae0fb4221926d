use valetkey_core::link::LinkState;
use valetkey_store::link::{self, Link};

use crate::support::{World, hash, later, row};

#[tokio::test]
async fn a_link_is_found_by_the_hash_of_its_token_and_listed_newest_first() {
    let world = World::new().await;
    let (first, second) = (world.add_link().await, world.add_link().await);
    let mut reader = world.reader().await;
    let found = link::by_token_hash_any_environment(&mut reader, &first.token_hash).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first));
    assert_eq!(link::by_token_hash_any_environment(&mut reader, &hash()).await.unwrap(), None);
    assert_eq!(
        link::get(&mut reader, &first.environment_id, &first.id).await.unwrap().as_ref(),
        Some(&first)
    );
    let listed = link::list(&mut reader, &first.environment_id, &world.account.id).await.unwrap();
    assert_eq!(listed, [second, first]);
}

#[tokio::test]
async fn t05_a_link_is_used_once_and_neither_used_nor_revoked_afterwards() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let link = world.add_link().await;
    let mut tx = world.tx().await;
    assert!(link::mark_opened(&mut tx, environment, &link.id, later(1)).await.unwrap());
    assert!(!link::mark_opened(&mut tx, environment, &link.id, later(2)).await.unwrap());
    assert!(link::mark_used(&mut tx, environment, &link.id, later(3)).await.unwrap());
    assert!(!link::mark_used(&mut tx, environment, &link.id, later(4)).await.unwrap());
    assert!(!link::revoke(&mut tx, environment, &link.id, later(5)).await.unwrap());
    let read = link::get(&mut tx, environment, &link.id).await.unwrap().unwrap();
    assert_eq!((read.state, read.opened_at, read.used_at), (LinkState::Used, Some(later(1)), Some(later(3))));
    assert_eq!(read.revoked_at, None);
}

#[tokio::test]
async fn a_link_of_several_uses_is_used_up_by_the_last() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let link = Link { max_uses: 2, ..row::link(&world.account) };
    let mut tx = world.tx().await;
    link::insert(&mut tx, &link).await.unwrap();
    for (uses, state) in [(1, LinkState::Usable), (2, LinkState::Used)] {
        assert!(link::mark_used(&mut tx, environment, &link.id, later(uses)).await.unwrap());
        let read = link::get(&mut tx, environment, &link.id).await.unwrap().unwrap();
        assert_eq!((read.uses, read.state, read.used_at), (uses, state, Some(later(uses))));
    }
    assert!(!link::mark_used(&mut tx, environment, &link.id, later(3)).await.unwrap());
}

#[tokio::test]
async fn a_revoked_link_cannot_be_used_and_all_of_an_account_can_be_revoked() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let (first, second) = (world.add_link().await, world.add_link().await);
    let other = world.add_accounts(&world.connection, &["other"], |_| {}).await.remove(0);
    let mut tx = world.tx().await;
    let elsewhere = row::link(&other);
    link::insert(&mut tx, &elsewhere).await.unwrap();
    assert!(link::revoke(&mut tx, environment, &first.id, later(1)).await.unwrap());
    assert!(!link::mark_used(&mut tx, environment, &first.id, later(2)).await.unwrap());
    assert_eq!(link::revoke_all(&mut tx, environment, &world.account.id, later(3)).await.unwrap(), 1);
    let read = link::get(&mut tx, environment, &second.id).await.unwrap().unwrap();
    assert_eq!((read.state, read.revoked_at), (LinkState::Revoked, Some(later(3))));
    assert_eq!(link::get(&mut tx, environment, &elsewhere.id).await.unwrap(), Some(elsewhere));
}
