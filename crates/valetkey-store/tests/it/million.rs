//! Speed with 1,000,000 accounts. Takes a minute or more, so only on request:
//! `cargo test -p valetkey-store --test it -- --ignored --nocapture million`.

#![allow(clippy::print_stderr, reason = "the figures are the result")]

use std::time::Duration;

use valetkey_core::account::State;
use valetkey_store::{
    PageRequest,
    account::{self, Filter},
};

use crate::support::{World, row};

const CONNECTIONS: &str = "
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
    INSERT INTO connections (environment_id, id, name, name_folded, connector, auth_type, enabled, config, version,
        created_at, updated_at)
    SELECT e.id, 'conn_0000000' || CAST(1000000000000000000 + i AS TEXT), 'c' || i, 'c' || i,
        CASE WHEN i < 10 THEN 'ZOOM' ELSE 'SLACK' END, 'oauth2', TRUE, '{}', 1, 0, 0
    FROM n, environments e;";

const ACCOUNTS: &str = "
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
    INSERT INTO accounts (environment_id, id, connection_id, identifier, identifier_type, organization_id, user_id,
        state, reason, state_changed_at, metadata, application_metadata, settings, test_mode, requested_scopes,
        granted_scopes, version, created_at, updated_at)
    SELECT e.id, 'ca_0000000' || CAST(1000000000000000000 + i AS TEXT),
        'conn_0000000' || CAST(1000000000000000000 + i % 100 AS TEXT), 'user_' || i || '@example.com', 'custom',
        CASE WHEN i % 10 = 0 THEN 'org_' || (i % 1000) ELSE '' END, '',
        CASE WHEN i % 1000 = 0 THEN 'error' ELSE 'active' END, 'none', 0, '{}', '{}', '{}', FALSE, '[]', '[]', 1, 0, 0
    FROM n, environments e;";

const TERMS: &str = "
    INSERT INTO account_terms (environment_id, account_id, term, connection_id)
        SELECT environment_id, id, identifier, connection_id FROM accounts WHERE identifier LIKE '%@%';
    INSERT INTO account_terms (environment_id, account_id, term, connection_id)
        SELECT environment_id, id, substr(identifier, 6), connection_id FROM accounts WHERE identifier LIKE '%@%';
    INSERT INTO account_terms (environment_id, account_id, term, connection_id)
        SELECT environment_id, id, 'example.com', connection_id FROM accounts WHERE identifier LIKE '%@%';
    ANALYZE;";

/// Far above what is measured, and far below what a walk over all accounts takes.
const LIMIT: Duration = Duration::from_millis(200);

async fn timed<T>(what: &str, work: impl AsyncFnOnce() -> T) -> T {
    let start = tokio::time::Instant::now();
    let result = work().await;
    let elapsed = start.elapsed();
    eprintln!("{elapsed:>12.1?}  {what}");
    assert!(elapsed < LIMIT, "{what}: {elapsed:?}");
    result
}

#[tokio::test]
#[ignore = "takes a minute or more"]
async fn every_read_of_accounts_is_fast_among_a_million() {
    let world = World::new().await;
    for sql in [CONNECTIONS, ACCOUNTS, TERMS] {
        world.db.tamper(sql).await;
    }
    let environment = &world.environment.id;
    let mut reader = world.reader().await;
    let request = PageRequest { size: 30, token: None };
    account::get(&mut reader, environment, &world.account.id).await.unwrap();
    for round in 0..3 {
        let identifier = format!("user_{}@example.com", 777_700 + round);
        let name = format!("c{round}");
        let found = timed("find", async || {
            account::find(&mut reader, environment, &name, &identifier, None, None, 2).await.unwrap()
        });
        assert_eq!(found.await.len(), 1);
        let id = world.account.id.clone();
        timed("get", async || account::get(&mut reader, environment, &id).await.unwrap()).await.unwrap();
    }
    let text = |value: &str| Some(value.to_owned());
    let connection = "conn_00000001000000000000000042".parse().unwrap();
    let filters = [
        ("nothing", Filter::default()),
        ("identifier", Filter { identifier: text("user_999999@example.com"), ..Filter::default() }),
        ("connection", Filter { connection_ids: vec![connection], ..Filter::default() }),
        ("organization", Filter { organization_id: text("org_990"), ..Filter::default() }),
        ("rare state", Filter { shown: Some(row::shown(State::Error)), ..Filter::default() }),
        ("common state", Filter { shown: Some(row::shown(State::Active)), ..Filter::default() }),
        ("10 connections of a connector", Filter { connector: text("ZOOM"), ..Filter::default() }),
        ("unknown user", Filter { user_id: text("nobody"), ..Filter::default() }),
    ];
    for (what, filter) in &filters {
        let list = async |reader: &mut _, request: &PageRequest| {
            account::list(reader, environment, filter, request).await.unwrap()
        };
        let first = timed(&format!("list by {what}"), async || list(&mut reader, &request).await).await;
        let far = PageRequest { size: 30, token: text("n00000001000000000000900000") };
        timed(&format!("list by {what}, far"), async || list(&mut reader, &far).await).await;
        let back = PageRequest { size: 30, token: text("p00000001000000000000900000") };
        timed(&format!("list by {what}, back"), async || list(&mut reader, &back).await).await;
        assert_eq!(first.items.is_empty(), *what == "unknown user");
    }
    let connection = "conn_00000001000000000000000042".parse().unwrap();
    for (query, connection) in [
        ("use", None),
        ("user_99999", None),
        ("example", None),
        ("zzz", None),
        ("example", Some(&connection)),
    ] {
        let what =
            format!("search {query} {}", if connection.is_some() { "in a connection" } else { "everywhere" });
        let search = async |reader: &mut _, request: &PageRequest| {
            account::search(reader, environment, query, connection, request).await.unwrap()
        };
        let first = timed(&what, async || search(&mut reader, &request).await).await;
        if let Some(next) = first.next {
            let second = PageRequest { size: 30, token: Some(next) };
            timed(&format!("{what}, next"), async || search(&mut reader, &second).await).await;
        }
    }
    drop(reader);
    let mut tx = world.tx().await;
    let new = row::account(&world.connection, "jane.doe@example.com");
    timed("insert", async || account::insert_if_absent(&mut tx, &new).await.unwrap()).await;
    timed("commit", async || tx.commit().await.unwrap()).await;
}
