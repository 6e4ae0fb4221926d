//! Writing and finding accounts.

use valetkey_core::account::{Reason, State};
use valetkey_store::{account, credential, event, flow, link, verification};

use crate::support::{World, later, row, sealed};

#[tokio::test]
async fn an_account_is_read_as_it_was_written_with_what_it_shows_of_its_connection() {
    let world = World::new().await;
    let mut reader = world.reader().await;
    let environment = &world.environment.id;
    assert_eq!(
        account::get(&mut reader, environment, &world.account.id).await.unwrap(),
        Some(world.account.clone())
    );
    let found = account::find(&mut reader, environment, "gmail", "user_1", None, None, 2).await.unwrap();
    assert_eq!(found, [world.account]);
    assert_eq!(account::find(&mut reader, environment, "gmail", "user_2", None, None, 2).await.unwrap(), []);
    assert_eq!(account::find(&mut reader, environment, "slack", "user_1", None, None, 2).await.unwrap(), []);
}

#[tokio::test]
async fn t54_an_account_is_one_per_connection_identifier_organization_and_user() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let mut twin = row::account(&world.connection, "user_1");
    assert!(!account::insert_if_absent(&mut tx, &twin).await.unwrap());
    assert_eq!(account::get(&mut tx, &world.environment.id, &twin.id).await.unwrap(), None);
    twin.organization_id = Some("org_a".into());
    assert!(account::insert_if_absent(&mut tx, &twin).await.unwrap());
    let mut scoped = row::account(&world.connection, "user_1");
    (scoped.organization_id, scoped.user_id) = (Some("org_a".into()), Some("u1".into()));
    assert!(account::insert_if_absent(&mut tx, &scoped).await.unwrap());

    let environment = &world.environment.id;
    let mut found = async |organization, user, limit| {
        account::find(&mut tx, environment, "gmail", "user_1", organization, user, limit).await.unwrap()
    };
    assert_eq!(found(None, None, 10).await, [world.account.clone(), twin.clone(), scoped.clone()]);
    assert_eq!(found(None, None, 2).await.len(), 2);
    assert_eq!(found(Some("org_a"), None, 10).await, [twin, scoped.clone()]);
    assert_eq!(found(None, Some("u1"), 10).await, [scoped.clone()]);
    assert_eq!(found(Some("org_a"), Some("u1"), 10).await, [scoped]);
    assert_eq!(found(Some("org_b"), None, 10).await, []);
}

#[tokio::test]
async fn a_state_is_written_only_over_the_version_that_was_read() {
    let world = World::new().await;
    let mut row = world.account.clone();
    (row.state, row.reason, row.state_changed_at) = (State::Active, Reason::None, later(1));
    (row.granted_scopes, row.requested_scopes) = (row::scopes("read"), row::scopes("read admin"));
    (row.token_expires_at, row.last_authorized_at, row.updated_at) =
        (Some(later(60)), Some(later(1)), later(1));
    (row.api_config, row.metadata) = (None, r#"{"user_email":"jane@x.example"}"#.into());
    let mut tx = world.tx().await;
    assert!(account::update_state(&mut tx, &row).await.unwrap());
    assert!(!account::update_state(&mut tx, &row).await.unwrap(), "the version has moved on");
    row.version = 2;
    assert_eq!(account::get(&mut tx, &row.environment_id, &row.id).await.unwrap(), Some(row));
}

#[tokio::test]
async fn t39_changing_settings_touches_neither_state_nor_credential() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    credential::put(&mut tx, &world.environment.id, &row::credential(&world.account, 1), None).await.unwrap();
    let mut row = world.account.clone();
    (row.api_config, row.metadata, row.updated_at) = (Some(sealed("new")), r#"{"a":1}"#.into(), later(1));
    (row.state, row.token_expires_at) = (State::Revoked, Some(later(1)));
    assert!(account::update_settings(&mut tx, &row).await.unwrap());
    assert!(!account::update_settings(&mut tx, &row).await.unwrap(), "the version has moved on");
    let read = account::get(&mut tx, &row.environment_id, &row.id).await.unwrap().unwrap();
    assert_eq!((read.state, read.token_expires_at), (world.account.state, None));
    assert_eq!((read.api_config, read.metadata, read.version), (row.api_config, row.metadata, 2));
    let live = credential::get(&mut tx, &row.environment_id, &row.id).await.unwrap().unwrap();
    assert_eq!(live, row::credential(&world.account, 1));
}

#[tokio::test]
async fn noting_use_does_not_disturb_a_change_under_way() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    assert!(account::touch(&mut tx, &world.environment.id, &world.account.id, later(7)).await.unwrap());
    let mut row = account::get(&mut tx, &world.environment.id, &world.account.id).await.unwrap().unwrap();
    assert_eq!((row.last_used_at, row.version), (Some(later(7)), world.account.version));
    row.version = world.account.version;
    assert!(account::update_state(&mut tx, &row).await.unwrap());
}

#[tokio::test]
async fn deleting_an_account_takes_along_all_but_the_journal() {
    let world = World::new().await;
    let environment = &world.environment.id;
    let link = world.add_link().await;
    let (flow, verification) = (row::flow(&link, &world.account), row::verification(&link));
    let mut tx = world.tx().await;
    flow::insert(&mut tx, &flow).await.unwrap();
    verification::insert(&mut tx, &verification).await.unwrap();
    credential::put(&mut tx, environment, &row::credential(&world.account, 1), None).await.unwrap();
    let kind = valetkey_core::journal::EventKind::AccountDeleted;
    event::append(&mut tx, &row::event(&world.account, kind)).await.unwrap();
    assert!(account::delete(&mut tx, environment, &world.account.id).await.unwrap());
    assert!(!account::delete(&mut tx, environment, &world.account.id).await.unwrap());

    assert_eq!(credential::get(&mut tx, environment, &world.account.id).await.unwrap(), None);
    assert_eq!(link::get(&mut tx, environment, &link.id).await.unwrap(), None);
    assert_eq!(flow::get(&mut tx, environment, &flow.id).await.unwrap(), None);
    assert_eq!(verification::get(&mut tx, environment, &verification.id).await.unwrap(), None);
    let page = valetkey_store::PageRequest::default();
    assert_eq!(account::search(&mut tx, environment, "user", None, &page).await.unwrap().items, []);
    assert_eq!(event::list(&mut tx, environment, &world.account.id, &page).await.unwrap().items.len(), 1);
}
