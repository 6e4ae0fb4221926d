//! Several writers at once: of those that want the same thing, one gets it.

use std::sync::Arc;

use valetkey_store::{StoreError, account, credential, flow, link, verification};

use crate::support::{World, later, row};

const RACERS: usize = 4;

/// Runs `attempt` in several transactions at once and says how many of them returned `true`.
async fn winners<F>(world: &Arc<World>, attempt: impl Fn(Arc<World>, usize) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let mut all = tokio::task::JoinSet::new();
    for racer in 0..RACERS {
        all.spawn(attempt(world.clone(), racer));
    }
    all.join_all().await.into_iter().filter(|won| *won).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_of_several_that_use_a_link_at_once_one_does() {
    let world = Arc::new(World::new().await);
    let link = world.add_link().await.id;
    let won = winners(&world, move |world, _| {
        let link = link.clone();
        async move {
            let mut tx = world.tx().await;
            let won = link::mark_used(&mut tx, &world.environment.id, &link, later(1)).await.unwrap();
            tx.commit().await.unwrap();
            won
        }
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_of_several_callbacks_with_the_same_state_one_is_let_in() {
    let world = Arc::new(World::new().await);
    let flow = row::flow(&world.add_link().await, &world.account);
    let mut tx = world.tx().await;
    flow::insert(&mut tx, &flow).await.unwrap();
    tx.commit().await.unwrap();
    let won = winners(&world, move |world, _| {
        let flow = flow.id.clone();
        async move {
            let mut tx = world.tx().await;
            let won = flow::claim(&mut tx, &world.environment.id, &flow, later(1)).await.unwrap();
            tx.commit().await.unwrap();
            won
        }
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_first_credentials_one_is_stored() {
    let world = Arc::new(World::new().await);
    let won = winners(&world, |world, _| async move {
        let mut tx = world.tx().await;
        let row = row::credential(&world.account, 1);
        let won = credential::put(&mut tx, &world.environment.id, &row, None).await.unwrap();
        tx.commit().await.unwrap();
        won
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_changes_to_one_version_of_an_account_one_is_written() {
    let world = Arc::new(World::new().await);
    let won = winners(&world, |world, racer| async move {
        let mut row = world.account.clone();
        row.metadata = format!(r#"{{"user_email":"racer{racer}@x.example"}}"#);
        let mut tx = world.tx().await;
        let won = account::update_state(&mut tx, &row).await.unwrap();
        if won {
            account::update_terms(&mut tx, &row).await.unwrap();
        }
        tx.commit().await.unwrap();
        won
    });
    assert_eq!(won.await, 1);
    let page = valetkey_store::PageRequest::default();
    let mut reader = world.reader().await;
    let found = account::search(&mut reader, &world.environment.id, "racer", None, &page).await.unwrap();
    assert_eq!(found.items.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_accounts_with_the_same_identity_one_is_created() {
    let world = Arc::new(World::new().await);
    let won = winners(&world, |world, _| async move {
        let mut tx = world.tx().await;
        let row = row::account(&world.connection, "same");
        let won = account::insert_if_absent(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        won
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_and_verifications_that_begin_at_once_leave_one_under_way() {
    let world = Arc::new(World::new().await);
    let link = world.add_link().await;
    let won = winners(&world, move |world, _| {
        let link = link.clone();
        async move {
            let mut tx = world.tx().await;
            let begun = async {
                flow::insert(&mut tx, &row::flow(&link, &world.account)).await?;
                verification::insert(&mut tx, &row::verification(&link)).await
            };
            match begun.await {
                Ok(()) => tx.commit().await.is_ok(),
                Err(StoreError::Conflict { .. } | StoreError::Busy { .. }) => false,
                Err(error) => panic!("{error:?}"),
            }
        }
    });
    assert!(won.await >= 1);
    let mut reader = world.reader().await;
    assert_eq!(flow::expired(&mut reader, later(99_999), 10).await.unwrap().len(), 1);
    assert_eq!(verification::expired(&mut reader, later(99_999), 10).await.unwrap().len(), 1);
}
