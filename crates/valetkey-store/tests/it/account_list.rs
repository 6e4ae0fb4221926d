//! Listing accounts.

use valetkey_core::account::State;
use valetkey_store::{
    PageRequest, StoreError,
    account::{self, Account, Filter},
};

use crate::support::{World, row};

async fn identifiers(world: &World, filter: &Filter) -> Vec<String> {
    let (mut reader, first) = (world.reader().await, PageRequest::default());
    let page = account::list(&mut reader, &world.environment.id, filter, &first).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap(), "{filter:?}");
    page.items.into_iter().map(|account| account.identifier).collect()
}

/// Whether a filter should let an account through.
type Keeps = fn(&Account) -> bool;

#[tokio::test]
async fn each_filter_and_each_two_of_them_let_through_what_fits_both() {
    let world = World::new().await;
    let slack = world.add_connection("slack", "SLACK").await;
    world
        .add_accounts(&slack, &["user_1", "b"], |account| account.organization_id = Some("org_a".into()))
        .await;
    let active = |account: &mut Account| {
        account.state = State::Active;
        account.identifier_type = "email".into();
        account.application_metadata = r#"{"team":"b","seats":7}"#.into();
        account.updated_at = row::later(60);
    };
    world.add_accounts(&slack, &["c"], active).await;
    let scoped = |account: &mut Account| {
        (account.organization_id, account.user_id) = (Some("org_b".into()), Some("u".into()));
    };
    world.add_accounts(&world.connection, &["b"], scoped).await;
    let mut reader = world.reader().await;
    let everything = PageRequest { size: 100, token: None };
    let all = account::list(&mut reader, &world.environment.id, &Filter::default(), &everything)
        .await
        .unwrap()
        .items;
    assert_eq!(all.len(), 5);

    let text = |value: &str| Some(value.to_owned());
    let filters: Vec<(Filter, Keeps)> = vec![
        (Filter::default(), |_| true),
        (Filter { connection_ids: vec![slack.id.clone()], ..Filter::default() }, |row| {
            row.connector == "SLACK"
        }),
        (Filter { identifier: text("b"), ..Filter::default() }, |row| row.identifier == "b"),
        (Filter { connector: text("GMAIL"), ..Filter::default() }, |row| row.connector == "GMAIL"),
        (Filter { organization_id: text("org_a"), ..Filter::default() }, |row| {
            row.organization_id.as_deref() == Some("org_a")
        }),
        (Filter { user_id: text("u"), ..Filter::default() }, |row| row.user_id.as_deref() == Some("u")),
        (Filter { shown: Some(row::shown(State::Active)), ..Filter::default() }, |row| {
            row.state == State::Active
        }),
        (Filter { query: text("B"), ..Filter::default() }, |row| row.identifier.starts_with('b')),
        (Filter { metadata: vec!["team=a".into()], ..Filter::default() }, |row| {
            row.application_metadata.contains(r#""a""#)
        }),
        (Filter { metadata: vec!["seats=7".into(), "team=b".into()], ..Filter::default() }, |row| {
            row.application_metadata.contains('7')
        }),
        (Filter { identifier_type: text("email"), ..Filter::default() }, |row| {
            row.identifier_type == "email"
        }),
        (Filter { updated_since: Some(row::later(60)), ..Filter::default() }, |row| {
            row.updated_at >= row::later(60)
        }),
        (Filter { test_mode: Some(false), ..Filter::default() }, |row| !row.test_mode),
        (Filter { identifier: text(""), connector: text(""), query: text(""), ..Filter::default() }, |_| {
            true
        }),
    ];
    for (left, keeps_left) in &filters {
        for (right, keeps_right) in &filters {
            let (left, right) = (left.clone(), right.clone());
            let both = Filter {
                connection_ids: [left.connection_ids, right.connection_ids].concat(),
                identifier: left.identifier.filter(|text| !text.is_empty()).or(right.identifier),
                connector: left.connector.filter(|text| !text.is_empty()).or(right.connector),
                organization_id: left.organization_id.or(right.organization_id),
                user_id: left.user_id.or(right.user_id),
                shown: left.shown.or(right.shown),
                query: left.query.filter(|text| !text.is_empty()).or(right.query),
                metadata: [left.metadata, right.metadata].concat(),
                identifier_type: left.identifier_type.or(right.identifier_type),
                updated_since: left.updated_since.or(right.updated_since),
                test_mode: left.test_mode.or(right.test_mode),
            };
            let fitting = all.iter().filter(|row| keeps_left(row) && keeps_right(row));
            let expected: Vec<_> = fitting.map(|row| row.identifier.clone()).collect();
            assert_eq!(identifiers(&world, &both).await, expected, "{both:?}");
        }
    }
}

#[tokio::test]
async fn pages_of_several_connections_are_merged_in_order_both_ways() {
    let world = World::new().await;
    let slack = world.add_connection("slack", "SLACK").await;
    for number in 0..4 {
        let connection = if number % 2 == 0 { &slack } else { &world.connection };
        world.add_accounts(connection, &[&format!("n{number}")], |_| {}).await;
    }
    let unrelated = world.add_connection("zoom", "ZOOM").await;
    world.add_accounts(&unrelated, &["zoomer"], |_| {}).await;
    let filter = Filter { connection_ids: vec![slack.id, world.connection.id.clone()], ..Filter::default() };
    let mut reader = world.reader().await;
    let mut ask = async |token: Option<String>| {
        let request = PageRequest { size: 2, token };
        account::list(&mut reader, &world.environment.id, &filter, &request).await.unwrap()
    };
    let (mut seen, mut pages, mut token) = (vec![], vec![], None);
    loop {
        let page = ask(token).await;
        assert_eq!(page.total, 5);
        seen.extend(page.items.iter().map(|account| account.identifier.clone()));
        token = page.next.clone();
        pages.push(page);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["user_1", "n0", "n1", "n2", "n3"]);
    let back = ask(pages[2].previous.clone()).await;
    assert_eq!(back, pages[1]);
    assert_eq!(ask(back.previous).await, pages[0]);
}

#[tokio::test]
async fn a_page_follows_its_place_even_where_the_account_there_was_deleted() {
    let world = World::new().await;
    let added = world.add_accounts(&world.connection, &["b", "c"], |_| {}).await;
    let environment = &world.environment.id;
    let request = PageRequest { size: 2, token: None };
    let first =
        account::list(&mut *world.reader().await, environment, &Filter::default(), &request).await.unwrap();
    let mut tx = world.tx().await;
    account::delete(&mut tx, environment, &added[0].id).await.unwrap();
    let request = PageRequest { size: 2, token: first.next };
    let second = account::list(&mut tx, environment, &Filter::default(), &request).await.unwrap();
    assert_eq!(second.items, added[1..]);
}

#[tokio::test]
async fn a_connector_without_connections_has_no_accounts() {
    let world = World::new().await;
    let filter = Filter { connector: Some("ZOOM".into()), ..Filter::default() };
    assert_eq!(identifiers(&world, &filter).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_strange_page_token_is_refused() {
    let world = World::new().await;
    let request = PageRequest { size: 2, token: Some("n' OR 1=1 --".into()) };
    let refused =
        account::list(&mut *world.reader().await, &world.environment.id, &Filter::default(), &request).await;
    assert!(matches!(refused, Err(StoreError::PageToken)), "{refused:?}");
}
