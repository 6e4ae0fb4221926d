use valetkey_store::credential;

use crate::support::{World, row};

#[tokio::test]
async fn a_credential_replaces_only_the_generation_that_was_read() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let mut tx = world.tx().await;
    assert_eq!(credential::get(&mut tx, environment, &world.account.id).await.unwrap(), None);
    let (first, second) = (row::credential(&world.account, 1), row::credential(&world.account, 2));
    assert!(
        !credential::put(&mut tx, environment, &second, Some(1)).await.unwrap(),
        "there is none to replace"
    );
    assert!(credential::put(&mut tx, environment, &first, None).await.unwrap());
    assert!(!credential::put(&mut tx, environment, &second, None).await.unwrap(), "there is one already");
    assert_eq!(credential::get(&mut tx, environment, &world.account.id).await.unwrap(), Some(first));
    assert!(credential::put(&mut tx, environment, &second, Some(1)).await.unwrap());
    assert!(!credential::put(&mut tx, environment, &second, Some(1)).await.unwrap(), "that one was replaced");
    assert_eq!(credential::get(&mut tx, environment, &world.account.id).await.unwrap(), Some(second));
    assert!(credential::delete(&mut tx, environment, &world.account.id).await.unwrap());
    assert!(!credential::delete(&mut tx, environment, &world.account.id).await.unwrap());
}
