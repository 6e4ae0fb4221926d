use valetkey_store::{PageRequest, StoreError, account, organization};

use crate::support::{World, later, row};

#[tokio::test]
async fn an_organization_is_read_as_it_was_written_and_changed() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let mut row = row::organization(&world.environment.id, Some("acme-1"));
    organization::insert(&mut tx, &row).await.unwrap();
    let environment = &world.environment.id;
    assert_eq!(organization::get(&mut tx, environment, &row.id).await.unwrap().as_ref(), Some(&row));
    assert_eq!(
        organization::by_external_id(&mut tx, environment, "acme-1").await.unwrap().as_ref(),
        Some(&row)
    );
    row.display_name = "Acme 2".into();
    row.external_id = None;
    row.logo_url = Some("https://acme.example/logo.png".into());
    row.region_code = 2;
    row.updated_at = later(9);
    assert!(organization::update(&mut tx, &row).await.unwrap());
    assert_eq!(organization::by_external_id(&mut tx, environment, "acme-1").await.unwrap(), None);
    assert_eq!(organization::get(&mut tx, environment, &row.id).await.unwrap(), Some(row));
}

#[tokio::test]
async fn an_external_id_is_unique_in_the_environment_and_its_absence_is_not() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    organization::insert(&mut tx, &row::organization(&world.environment.id, None)).await.unwrap();
    organization::insert(&mut tx, &row::organization(&world.environment.id, None)).await.unwrap();
    organization::insert(&mut tx, &row::organization(&world.environment.id, Some("x"))).await.unwrap();
    let refused = organization::insert(&mut tx, &row::organization(&world.environment.id, Some("x"))).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
}

#[tokio::test]
async fn organizations_are_listed_in_pages_both_ways() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let environment = &world.environment.id;
    let rows: Vec<_> = (0..5).map(|_| row::organization(environment, None)).collect();
    for row in &rows {
        organization::insert(&mut tx, row).await.unwrap();
    }
    let ask = |token: Option<String>| PageRequest { size: 2, token };
    let first = organization::list(&mut tx, environment, &ask(None)).await.unwrap();
    assert_eq!((first.items.as_slice(), first.previous.as_ref(), first.total), (&rows[..2], None, 5));
    let second = organization::list(&mut tx, environment, &ask(first.next.clone())).await.unwrap();
    assert_eq!(second.items, rows[2..4]);
    let third = organization::list(&mut tx, environment, &ask(second.next.clone())).await.unwrap();
    assert_eq!((third.items.as_slice(), third.next.as_ref()), (&rows[4..], None));
    let back = organization::list(&mut tx, environment, &ask(third.previous)).await.unwrap();
    assert_eq!(back, second);
    let start = organization::list(&mut tx, environment, &ask(back.previous)).await.unwrap();
    assert_eq!((start.items, start.next, start.previous), (first.items, first.next, None));
}

#[tokio::test]
async fn deleting_an_organization_deletes_its_accounts_and_no_others() {
    let world = World::new().await;
    let row = row::organization(&world.environment.id, None);
    let mut tx = world.tx().await;
    organization::insert(&mut tx, &row).await.unwrap();
    tx.commit().await.unwrap();
    let owned = world
        .add_accounts(&world.connection, &["a", "b"], |account| {
            account.organization_id = Some(row.id.to_string());
        })
        .await;
    let mut tx = world.tx().await;
    let mut deleted = organization::delete(&mut tx, &world.environment.id, &row.id).await.unwrap();
    deleted.sort();
    assert_eq!(deleted, owned.iter().map(|account| account.id.clone()).collect::<Vec<_>>());
    assert_eq!(organization::get(&mut tx, &world.environment.id, &row.id).await.unwrap(), None);
    assert!(account::get(&mut tx, &world.environment.id, &world.account.id).await.unwrap().is_some());
    assert_eq!(account::get(&mut tx, &world.environment.id, &owned[0].id).await.unwrap(), None);
}
