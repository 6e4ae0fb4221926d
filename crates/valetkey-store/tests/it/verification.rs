use valetkey_store::verification;

use crate::support::{World, hash, later, row};

#[tokio::test]
async fn a_verification_is_closed_once_and_its_parked_credential_destroyed() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let verification = row::verification(&world.add_link().await);
    let mut tx = world.tx().await;
    verification::insert(&mut tx, &verification).await.unwrap();
    let found = verification::by_token_hash(&mut tx, environment, &verification.token_hash).await.unwrap();
    assert_eq!(found.as_ref(), Some(&verification));
    assert_eq!(verification::by_token_hash(&mut tx, environment, &hash()).await.unwrap(), None);
    assert!(verification::close(&mut tx, environment, &verification.id, "passed", later(1)).await.unwrap());
    assert!(!verification::close(&mut tx, environment, &verification.id, "refused", later(2)).await.unwrap());
    let read = verification::get(&mut tx, environment, &verification.id).await.unwrap().unwrap();
    assert_eq!((read.state.as_str(), read.parked), ("passed", None));
}

#[tokio::test]
async fn an_account_has_one_credential_parked_at_most() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let link = world.add_link().await;
    let (old, new) = (row::verification(&link), row::verification(&link));
    let mut tx = world.tx().await;
    verification::insert(&mut tx, &old).await.unwrap();
    verification::insert(&mut tx, &new).await.unwrap();
    let read = verification::get(&mut tx, environment, &old.id).await.unwrap().unwrap();
    assert_eq!((read.state.as_str(), read.parked), ("superseded", None));
    assert_eq!(verification::close_all(&mut tx, environment, &world.account.id, later(1)).await.unwrap(), 1);
    let read = verification::get(&mut tx, environment, &new.id).await.unwrap().unwrap();
    assert_eq!((read.state.as_str(), read.parked), ("cancelled", None));
}

#[tokio::test]
async fn pending_verifications_that_ran_out_of_time_are_listed_for_closing() {
    let world = World::new().await;
    let verification = row::verification(&world.add_link().await);
    let mut tx = world.tx().await;
    verification::insert(&mut tx, &verification).await.unwrap();
    let end = verification.expires_at;
    assert_eq!(verification::expired(&mut tx, end.plus_seconds(-1), 10).await.unwrap(), []);
    assert_eq!(verification::expired(&mut tx, end, 10).await.unwrap(), std::slice::from_ref(&verification));
    let environment = &verification.environment_id;
    verification::close(&mut tx, environment, &verification.id, "expired", end).await.unwrap();
    assert_eq!(verification::expired(&mut tx, end, 10).await.unwrap(), []);
}
