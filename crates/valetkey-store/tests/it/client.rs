use valetkey_store::{StoreError, client};

use crate::support::{World, later, row};

#[tokio::test]
async fn a_client_is_read_as_it_was_written_within_and_without_its_environment() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let row = row::client(&world.environment.id);
    client::insert(&mut tx, &row).await.unwrap();
    assert_eq!(client::get(&mut tx, &row.environment_id, &row.id).await.unwrap().as_ref(), Some(&row));
    assert_eq!(client::get_any_environment(&mut tx, &row.id).await.unwrap().as_ref(), Some(&row));
    assert_eq!(client::list(&mut tx, &row.environment_id).await.unwrap(), [row]);
}

#[tokio::test]
async fn a_client_is_revoked_once_and_remembers_when_it_was_used() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let row = row::client(&world.environment.id);
    client::insert(&mut tx, &row).await.unwrap();
    assert!(client::touch(&mut tx, &row.environment_id, &row.id, later(1)).await.unwrap());
    assert!(client::revoke(&mut tx, &row.environment_id, &row.id, later(2)).await.unwrap());
    assert!(!client::revoke(&mut tx, &row.environment_id, &row.id, later(3)).await.unwrap());
    let read = client::get(&mut tx, &row.environment_id, &row.id).await.unwrap().unwrap();
    assert_eq!((read.last_used_at, read.revoked_at), (Some(later(1)), Some(later(2))));
}

#[tokio::test]
async fn rotation_ends_older_secrets_but_prolongs_none() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let client = row::client(&world.environment.id);
    client::insert(&mut tx, &client).await.unwrap();
    let (endless, kept) = (row::secret(&client.id), row::secret(&client.id));
    let mut short = row::secret(&client.id);
    short.expires_at = Some(later(5));
    for secret in [&endless, &kept, &short] {
        client::add_secret(&mut tx, &client.environment_id, secret).await.unwrap();
    }
    let changed =
        client::expire_secrets(&mut tx, &client.environment_id, &client.id, Some(&kept.id), later(60)).await;
    assert_eq!(changed.unwrap(), 1);
    let secrets = client::secrets(&mut tx, &client.id).await.unwrap();
    let ends: Vec<_> = secrets.iter().map(|secret| secret.expires_at).collect();
    assert_eq!(ends, [Some(later(60)), None, Some(later(5))]);
    assert_eq!(secrets[1], kept);
    let changed = client::expire_secrets(&mut tx, &client.environment_id, &client.id, None, later(3)).await;
    assert_eq!(changed.unwrap(), 3);
}

#[tokio::test]
async fn a_secret_for_a_client_of_another_environment_is_refused() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let client = row::client(&world.environment.id);
    client::insert(&mut tx, &client).await.unwrap();
    let stranger = row::environment("other");
    valetkey_store::environment::insert(&mut tx, &stranger).await.unwrap();
    let refused = client::add_secret(&mut tx, &stranger.id, &row::secret(&client.id)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Reference { .. }), "{refused:?}");
}
