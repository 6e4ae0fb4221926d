use valetkey_store::{
    PageRequest, StoreError,
    connection::{self, Filter},
};

use crate::support::{World, later, row, sealed};

#[tokio::test]
async fn a_connection_is_found_by_its_name_without_regard_to_case() {
    let world = World::new().await;
    let mut reader = world.reader().await;
    for name in ["Gmail", "gmail", " GMAIL "] {
        let found = connection::by_name(&mut reader, &world.environment.id, name).await.unwrap();
        assert_eq!(found.as_ref(), Some(&world.connection), "{name}");
    }
    assert_eq!(connection::by_name(&mut reader, &world.environment.id, "gmial").await.unwrap(), None);
    let any = connection::get_any_environment(&mut reader, &world.connection.id).await.unwrap();
    assert_eq!(any.as_ref(), Some(&world.connection));
}

#[tokio::test]
async fn names_that_differ_in_case_only_are_a_conflict() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    let twin = row::connection(&world.environment.id, "GMAIL", "GMAIL");
    let refused = connection::insert(&mut tx, &twin).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_connection_changes_only_from_the_version_that_was_read() {
    let world = World::new().await;
    let mut row = world.connection.clone();
    (row.name, row.enabled, row.fault) = ("Mail".into(), false, Some("client_id is wrong".into()));
    (row.secrets, row.config, row.updated_at) = (None, "{}".into(), later(1));
    row.allowed_redirect_uris = vec!["https://app.example/other".into()];
    let mut tx = world.tx().await;
    assert!(connection::update(&mut tx, &row).await.unwrap());
    assert!(!connection::update(&mut tx, &row).await.unwrap(), "the version has moved on");
    row.version = 2;
    assert_eq!(connection::get(&mut tx, &row.environment_id, &row.id).await.unwrap().as_ref(), Some(&row));
    assert_eq!(connection::names(&mut tx, &row.environment_id).await.unwrap(), ["Mail"]);
    row.secrets = Some(sealed("new"));
    assert!(connection::update(&mut tx, &row).await.unwrap());
}

#[tokio::test]
async fn a_connection_with_accounts_cannot_be_deleted() {
    let world = World::new().await;
    let empty = world.add_connection("slack", "SLACK").await;
    let environment = &world.environment.id;
    let mut tx = world.tx().await;
    assert_eq!(connection::accounts_of(&mut tx, environment, &world.connection.id).await.unwrap(), 1);
    assert_eq!(connection::accounts_of(&mut tx, environment, &empty.id).await.unwrap(), 0);
    assert!(connection::delete(&mut tx, environment, &empty.id).await.unwrap());
    let refused = connection::delete(&mut tx, environment, &world.connection.id).await;
    assert!(matches!(refused, Err(StoreError::Reference { .. })), "{refused:?}");
}

#[tokio::test]
async fn connections_are_listed_by_connector_and_by_a_part_of_name_or_connector() {
    let world = World::new().await;
    for (name, connector) in [("Team_Chat", "SLACK"), ("100% mail", "OUTLOOK"), ("teamXchat", "SLACK")] {
        world.add_connection(name, connector).await;
    }
    let mut reader = world.reader().await;
    let mut names = async |connector: Option<&str>, query: Option<&str>| {
        let filter = Filter { connector: connector.map(Into::into), query: query.map(Into::into) };
        let first = PageRequest::default();
        let page = connection::list(&mut reader, &world.environment.id, &filter, &first).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
        page.items.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(names(None, None).await, ["Gmail", "Team_Chat", "100% mail", "teamXchat"]);
    assert_eq!(names(Some("SLACK"), None).await, ["Team_Chat", "teamXchat"]);
    assert_eq!(names(None, Some("slAck")).await, ["Team_Chat", "teamXchat"]);
    assert_eq!(names(None, Some("MAIL")).await, ["Gmail", "100% mail"]);
    assert_eq!(names(None, Some("m_c")).await, ["Team_Chat"], "an underscore is no wildcard");
    assert_eq!(names(None, Some("0%")).await, ["100% mail"], "a percent sign is no wildcard");
    assert_eq!(names(Some("SLACK"), Some("!")).await, Vec::<String>::new());
}

#[tokio::test]
async fn connections_are_listed_in_pages_both_ways() {
    let world = World::new().await;
    for name in ["b", "c"] {
        world.add_connection(name, "SLACK").await;
    }
    let mut reader = world.reader().await;
    let mut page = async |token| {
        let request = PageRequest { size: 2, token };
        connection::list(&mut reader, &world.environment.id, &Filter::default(), &request).await.unwrap()
    };
    let first = page(None).await;
    let second = page(first.next.clone()).await;
    assert_eq!((second.items.len(), second.next.as_ref()), (1, None));
    assert_eq!(page(second.previous).await, first);
}
