use valetkey_store::{StoreError, custom_connector};

use crate::support::{World, later, row};

#[tokio::test]
async fn a_custom_connector_is_written_changed_counted_and_deleted() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let mut row = row::custom_connector(environment, "TICKETS:7");
    let mut tx = world.tx().await;
    custom_connector::insert(&mut tx, &row).await.unwrap();
    assert_eq!(custom_connector::get(&mut tx, environment, "TICKETS:7").await.unwrap().as_ref(), Some(&row));
    row.display_name = "Issues".into();
    row.source = r#"{"a":1}"#.into();
    row.updated_at = later(1);
    assert!(custom_connector::update(&mut tx, &row).await.unwrap());
    assert_eq!(custom_connector::list(&mut tx, environment).await.unwrap(), [row]);
    tx.commit().await.unwrap();

    world.add_connection("tickets", "TICKETS:7").await;
    let mut tx = world.tx().await;
    assert_eq!(custom_connector::connections_using(&mut tx, environment, "TICKETS:7").await.unwrap(), 1);
    assert_eq!(custom_connector::connections_using(&mut tx, environment, "OTHER").await.unwrap(), 0);
    assert!(custom_connector::delete(&mut tx, environment, "TICKETS:7").await.unwrap());
    assert!(!custom_connector::delete(&mut tx, environment, "TICKETS:7").await.unwrap());
}

#[tokio::test]
async fn a_second_custom_connector_with_the_same_identifier_is_a_conflict() {
    let world = World::new().await;
    let row = row::custom_connector(&world.environment.id, "X");
    let mut tx = world.tx().await;
    custom_connector::insert(&mut tx, &row).await.unwrap();
    let refused = custom_connector::insert(&mut tx, &row).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
}
