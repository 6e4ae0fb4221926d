//! A server is killed (`kill -9`) in the middle of an operation on many accounts.

use std::{collections::BTreeSet, thread};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    killed::{Client, Server, credentials},
    night::Night,
    valetkey::Place,
};

/// How many accounts are wanted.
const ACCOUNTS: usize = 10_000;

/// How many accounts there are when a server is killed: the second one goes on with what the first one left.
const KILLED_AT: [u64; 2] = [1, 5_000];

fn identifier(number: usize) -> String {
    format!("user-{number:05}")
}

/// Asks for all accounts, always with the same key; `None` where the server dies meanwhile.
fn ask(client: &Client) -> Option<(u16, Value)> {
    let accounts: Value = (0..ACCOUNTS)
        .map(|number| json!({ "connection_id": "test", "identifier": identifier(number) }))
        .collect();
    let body = json!({ "accounts": accounts, "wait_seconds": 300 }).to_string();
    let headers = "content-type: application/json\r\nidempotency-key: the-import-of-today";
    client.send("POST", "/v1/connect/accounts:bulk-create", headers, &body)
}

fn accounts_there(client: &Client) -> u64 {
    client.get("/v1/connect/accounts?page_size=1")["total_size"].as_u64().unwrap_or_default()
}

/// All pages of a list.
fn pages(client: &Client, path: &str, list: &str) -> Vec<Value> {
    let (mut all, mut token) = (vec![], String::new());
    loop {
        let mut page = client.get(&format!("{path}?page_size=1000&page_token={token}"));
        page["next_page_token"].as_str().unwrap_or_default().clone_into(&mut token);
        if let Value::Array(rows) = page[list].take() {
            all.extend(rows);
        }
        if token.is_empty() {
            return all;
        }
    }
}

#[test]
fn killed_in_the_middle_a_repeat_with_the_same_key_gives_exactly_the_wanted_set() {
    let night = Night::over(Place::without_disk());
    let application = night.json(&["client", "create"]);
    let credentials = credentials(&application);
    for killed_at in KILLED_AT {
        let server = Server::start(&night, credentials);
        let client = server.client.clone();
        let asking = thread::spawn(move || ask(&client));
        while accounts_there(&server.client) < killed_at {
            assert!(!asking.is_finished(), "it was answered too early: {:?}", asking.join());
            thread::yield_now();
        }
        server.end(Signal::KILL);
        assert_eq!(asking.join().unwrap(), None, "the server died before it had an answer");
    }
    let server = Server::start(&night, credentials);
    let left = accounts_there(&server.client);
    assert!((1..ACCOUNTS as u64).contains(&left), "{left}: it was killed in the middle");
    let (status, done) = ask(&server.client).unwrap();
    assert_eq!((status, &done["state"]), (200, &json!("finished")), "{done}");
    assert_eq!((&done["total"], &done["succeeded"]), (&json!(ACCOUNTS), &json!(ACCOUNTS)), "{done}");
    assert_is_the_wanted_set(&server.client, &done);
    let (_, again) = ask(&server.client).unwrap();
    assert_eq!(again, done, "nothing is done twice");
    server.end(Signal::KILL);
}

/// Each account is there once, and each item has the result of its own account.
fn assert_is_the_wanted_set(client: &Client, done: &Value) {
    let accounts = pages(client, "/v1/connect/accounts", "accounts");
    let there: BTreeSet<&str> =
        accounts.iter().map(|account| account["identifier"].as_str().unwrap()).collect();
    let wanted: Vec<String> = (0..ACCOUNTS).map(identifier).collect();
    assert_eq!(accounts.len(), ACCOUNTS);
    assert!(there.iter().eq(wanted.iter()), "none is missing, and none is there twice");
    let operation = done["id"].as_str().unwrap();
    let results = pages(client, &format!("/v1/connect/bulk-operations/{operation}/results"), "results");
    assert_eq!(results.len(), ACCOUNTS);
    for (number, result) in results.iter().enumerate() {
        assert_eq!((&result["index"], &result["state"]), (&json!(number), &json!("succeeded")));
        assert_eq!(
            (&result["created"], &result["account"]["identifier"]),
            (&json!(true), &json!(identifier(number)))
        );
        assert_eq!(result["account_id"], result["account"]["id"]);
    }
}
