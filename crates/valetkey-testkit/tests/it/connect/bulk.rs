//! The same operation on many accounts.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use valetkey_core::Timestamp;
use valetkey_testkit::app::{Answer, Outcome, TestApp, TestAppOptions};

use super::{
    idempotency::new_client,
    keyed::{code, keyed},
};
use crate::{database, fresh::world::World};

pub(super) async fn post(app: &TestApp, what: &str, body: Value) -> Outcome<Answer> {
    app.call(Method::POST, &format!("/v1/connect/accounts:bulk-{what}"), Some(body)).await
}

pub(super) async fn get(app: &TestApp, path: &str) -> Outcome<Value> {
    let answer = app.call(Method::GET, &format!("/v1/connect/{path}"), None).await?;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    Ok(answer.json())
}

/// Reads an operation until it is finished; `seen` is told of each answer.
pub(super) async fn until_finished(
    app: &TestApp,
    path: &str,
    mut seen: impl FnMut(&Value),
) -> Outcome<Value> {
    loop {
        let now = get(app, path).await?;
        seen(&now);
        if now["state"] == "finished" {
            return Ok(now);
        }
        tokio::task::yield_now().await;
    }
}

/// The answer of an operation that is finished.
#[track_caller]
pub(super) fn finished(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["state"], "finished", "{}", answer.text);
    answer.json()
}

pub(super) fn wanted(identifiers: impl IntoIterator<Item = String>) -> Value {
    let account = |identifier| json!({ "connection_id": "test", "identifier": identifier });
    identifiers.into_iter().map(account).collect()
}

pub(super) fn texts(results: &Value, pointer: &str) -> Vec<String> {
    let text =
        |result: &Value| result.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    results.as_array().into_iter().flatten().map(text).collect()
}

/// Ids of new accounts with these identifiers.
async fn created(app: &TestApp, identifiers: &[&str]) -> Outcome<Vec<String>> {
    let wanted = wanted(identifiers.iter().map(ToString::to_string));
    let made = finished(&post(app, "create", json!({ "accounts": wanted })).await?);
    Ok(texts(&made["results"], "/account_id"))
}

#[tokio::test]
async fn s74_s132_accounts_are_created_where_they_do_not_exist_and_each_fails_for_itself() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let there = created(&app, &["there"]).await?;
    let accounts = json!([
        { "connection_id": "test", "identifier": "user_1", "identifier_type": "user_id",
          "settings": { "auto_refresh": false }, "metadata": { "department": "sales" } },
        { "connection_id": "gmial", "identifier": "user_2" },
        { "connection_name": "test", "identifier": "there" },
        { "connection_id": "test", "identifier": "user_3", "scopes": ["nobody-has-it"] },
        { "connection_id": "test", "identifier": "user_4", "settings": { "timeout": 601 } },
        { "connection_id": "test", "identifier": "user_1" },
    ]);
    let done = finished(&post(&app, "create", json!({ "accounts": accounts })).await?);
    assert_eq!((&done["kind"], &done["total"]), (&json!("create"), &json!(6)));
    assert_eq!((&done["succeeded"], &done["failed"]), (&json!(3), &json!(3)), "{done:#}");
    let results = &done["results"];
    assert_eq!(
        texts(results, "/state"),
        ["succeeded", "failed", "succeeded", "failed", "failed", "succeeded"]
    );
    assert_eq!(
        texts(results, "/error/code"),
        ["", "CONNECTION_NOT_FOUND", "", "INVALID_SCOPE", "INVALID_ARGUMENT", ""]
    );
    assert!(texts(results, "/error/next_action")[1] == "fix_request");
    assert_eq!(results[4]["error"]["details"][0]["field"], "settings.timeout");
    let flags: Vec<bool> = (0..6).map(|at| results[at]["created"] == true).collect();
    assert_eq!(flags, [true, false, false, false, false, false]);
    assert_eq!(results[2]["account_id"], there[0].as_str());
    assert_eq!(results[5]["account_id"], results[0]["account_id"]);
    let account = &results[0]["account"];
    assert_eq!((&account["status"], &account["identifier_type"]), (&json!("pending"), &json!("user_id")));
    assert_eq!(account["metadata"]["department"], "sales");
    assert_eq!(account["settings"]["auto_refresh"], false);
    let single = get(&app, &format!("accounts/{}", texts(results, "/account_id")[0])).await?;
    assert_eq!(&single, account, "it is like one that was created alone");
    Ok(())
}

#[tokio::test]
async fn s75_s133_tokens_are_refreshed_with_a_result_for_each_account() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.connect("bob").await?;
    let id = async |user| Outcome::Ok(world.app.account("test", user).await?["id"].take());
    let pending = created(&world.app, &["pending"]).await?;
    let ids = json!([id("alice").await?, pending[0], id("bob").await?, "ca_none"]);
    let before = (world.tokens("alice").await?, world.tokens("bob").await?);
    let done = finished(&post(&world.app, "refresh", json!({ "account_ids": ids })).await?);
    assert_eq!(texts(&done["results"], "/state"), ["succeeded", "failed", "succeeded", "failed"]);
    let codes = texts(&done["results"], "/error/code");
    assert_eq!(codes[3], "ACCOUNT_NOT_FOUND");
    assert!(codes[1].starts_with("ACCOUNT_"), "{codes:?}");
    assert_eq!(done["results"][1]["error"]["reason"], "not_authorized");
    assert_eq!(done["results"][0]["account"]["status"], "active");
    let after = (world.tokens("alice").await?, world.tokens("bob").await?);
    assert!(before.0 != after.0 && before.1 != after.1);
    Ok(())
}

#[tokio::test]
async fn s76_s134_settings_that_are_named_are_changed_on_all_accounts() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut ids = created(&app, &["a", "b"]).await?;
    let first = json!({ "account_ids": ids, "settings": { "timeout": 20, "rate_limit": 100 } });
    finished(&post(&app, "update-settings", first).await?);
    ids.push("ca_none".into());
    let second = json!({ "account_ids": ids, "settings": { "rate_limit": 150, "auto_refresh": true } });
    let done = finished(&post(&app, "update-settings", second).await?);
    assert_eq!((&done["succeeded"], &done["failed"]), (&json!(2), &json!(1)));
    for account in [0, 1].map(|at| &done["results"][at]["account"]) {
        assert_eq!(
            account["settings"],
            json!({ "auto_refresh": true, "rate_limit": 150, "timeout": 20 }),
            "{account}"
        );
    }
    let wrong = json!({ "account_ids": ids, "settings": { "timeout": 601 } });
    assert_eq!(code(&post(&app, "update-settings", wrong).await?), (400, "INVALID_ARGUMENT".into()));
    Ok(())
}

#[tokio::test]
async fn accounts_are_deleted_with_their_credentials_and_one_that_is_not_there_fails() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let alice = world.app.account("test", "alice").await?["id"].take();
    let kept = created(&world.app, &["kept", "gone"]).await?;
    let ids = json!([alice, kept[1], alice, "ca_none"]);
    let done = finished(&post(&world.app, "delete", json!({ "account_ids": ids })).await?);
    assert_eq!(texts(&done["results"], "/state"), ["succeeded", "succeeded", "failed", "failed"]);
    assert_eq!(done["results"][0]["account_id"], alice);
    assert!(done["results"][0].get("account").is_none_or(Value::is_null), "{done:#}");
    let left = get(&world.app, "accounts").await?;
    assert_eq!(texts(&left["accounts"], "/id"), [kept[0].as_str()]);
    assert_eq!(database::blobs(&world.app, "SELECT sealed FROM credentials").await?.len(), 0);
    world.app.app.revoke_due().await?;
    let live = world.provider.grants_of("alice").iter().filter(|grant| grant.alive).count();
    assert_eq!(live, 0, "the provider was told");
    Ok(())
}

#[tokio::test]
async fn an_account_that_the_database_refuses_fails_and_spoils_no_other() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let refusal = if app.database.sqlite_file().is_some() {
        "CREATE TRIGGER refusal BEFORE INSERT ON accounts WHEN NEW.identifier = 'refused'
         BEGIN SELECT RAISE(ABORT, 'refused'); END"
    } else {
        "ALTER TABLE accounts ADD CONSTRAINT refusal CHECK (identifier <> 'refused')"
    };
    database::run(&app, refusal).await?;
    let accounts = wanted(["before".into(), "refused".into(), "after".into()]);
    let done = finished(&post(&app, "create", json!({ "accounts": accounts })).await?);
    assert_eq!(texts(&done["results"], "/state"), ["succeeded", "failed", "succeeded"]);
    assert_eq!(done["results"][1]["error"]["code"], "INTERNAL");
    assert!(!done["results"][1].to_string().contains("trigger"), "what the database says stays here");
    Ok(())
}

#[tokio::test]
async fn ten_thousand_items_fit_and_their_results_are_read_page_by_page() -> Outcome<()> {
    const ITEMS: usize = 10_000;
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut accounts = wanted((0..ITEMS).map(|number| format!("user-{number:05}@company.example")));
    accounts[7]["connection_id"] = json!("none");
    let body = json!({ "accounts": accounts, "wait_seconds": 0 });
    let begun = post(&app, "create", body).await?.json();
    assert_eq!((&begun["state"], &begun["total"]), (&json!("running"), &json!(ITEMS)));
    assert_eq!(begun["results"], json!([]));
    let path = format!("bulk-operations/{}", begun["id"].as_str().unwrap_or_default());
    let mut last = 0;
    let done = until_finished(&app, &path, |now| {
        let worked_off = now["succeeded"].as_u64().unwrap() + now["failed"].as_u64().unwrap();
        assert!(worked_off >= last, "it goes forward");
        last = worked_off;
    })
    .await?;
    assert_eq!((&done["succeeded"], &done["failed"]), (&json!(ITEMS - 1), &json!(1)));
    assert_eq!(done["results"], json!([]), "there are too many for one answer");
    let (mut seen, mut token) = (BTreeSet::new(), String::new());
    loop {
        let page = get(&app, &format!("{path}/results?page_size=999&page_token={token}")).await?;
        for result in page["results"].as_array().unwrap() {
            assert_eq!(result["index"], seen.len());
            seen.insert(result["account_id"].as_str().unwrap().to_owned());
        }
        page["next_page_token"].as_str().unwrap_or_default().clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), ITEMS, "each has an id of its own, and one has none");
    let failed = get(&app, &format!("{path}/results?failed_only=true")).await?;
    assert_eq!(failed["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(failed["results"][0]["index"], 7);
    let too_many = wanted((0..=ITEMS).map(|number| number.to_string()));
    let refused = post(&app, "create", json!({ "accounts": too_many })).await?;
    assert_eq!(code(&refused), (400, "INVALID_ARGUMENT".into()));
    Ok(())
}

#[tokio::test]
async fn a_repeat_with_the_same_key_joins_the_operation() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let accounts = wanted((0..600).map(|number| number.to_string()));
    let body = json!({ "accounts": accounts, "wait_seconds": 0 });
    let first = keyed(&app, "key-1", "accounts:bulk-create", &body).await?.json();
    assert_eq!(first["state"], "running");
    let done = loop {
        let again = keyed(&app, "key-1", "accounts:bulk-create", &body).await?.json();
        assert_eq!(again["id"], first["id"]);
        if again["state"] == "finished" {
            break again;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&done["succeeded"], done["results"].as_array().map(Vec::len)), (&json!(600), Some(600)));
    assert!(done["results"].as_array().unwrap().iter().all(|result| result["created"] == true));
    let other = json!({ "accounts": wanted(["x".into()]), "wait_seconds": 0 });
    let conflict = keyed(&app, "key-1", "accounts:bulk-create", &other).await?;
    assert_eq!(code(&conflict), (409, "IDEMPOTENCY_KEY_REUSED".into()));
    Ok(())
}

#[tokio::test]
async fn an_operation_whose_process_is_gone_is_continued_by_another_one() -> Outcome<()> {
    let world = World::new().await?;
    let app = &world.app;
    let accounts = wanted((0..300).map(|number| number.to_string()));
    let done = finished(&post(app, "create", json!({ "accounts": accounts })).await?);
    let path = format!("bulk-operations/{}", done["id"].as_str().unwrap_or_default());
    // What a process leaves that dies after its first chunk: the second one is not begun, and the lease runs on.
    let lease = app.app.now().plus_seconds(15);
    undo_last_chunk(app, 250, lease).await?;
    let other = world.another_process(TestAppOptions::default()).await?;
    assert_eq!(other.app.continue_bulk().await?, 0, "the lease has not run out");
    app.clock.advance(15);
    assert_eq!(other.app.continue_bulk().await?, 1);
    assert_eq!(app.app.continue_bulk().await?, 0, "the other one has it");
    let continued = until_finished(app, &path, |_| ()).await?;
    assert_eq!((&continued["succeeded"], &continued["failed"]), (&json!(300), &json!(0)));
    assert_eq!(texts(&continued["results"], "/account_id"), texts(&done["results"], "/account_id"));
    let created = continued["results"].as_array().unwrap().iter().filter(|result| result["created"] == true);
    assert_eq!(created.count(), 250, "those of the second chunk were there");
    Ok(())
}

/// Takes back that the items from `place` on were worked off. Their accounts stay, as if they had been created by
/// somebody else meanwhile.
pub(super) async fn undo_last_chunk(app: &TestApp, place: usize, lease: Timestamp) -> Outcome<()> {
    let lease = lease.millis();
    database::run(
        app,
        &format!(
            "UPDATE bulk_operations SET succeeded = {place}, finished_at = NULL, due_at = {lease}
             WHERE total = 300"
        ),
    )
    .await?;
    let input = r#"'{"connection":"test","identifier":"' || place || '","scopes":[],"settings":{},"metadata":{},"test_mode":false}'"#;
    let sql = format!(
        "UPDATE bulk_items SET state = 'pending', account_id = NULL, created = FALSE, input = {input}
         WHERE place >= {place}"
    );
    database::run(app, &sql).await
}

#[tokio::test]
async fn operations_are_removed_a_week_after_their_end() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let done = finished(&post(&app, "create", json!({ "accounts": wanted(["a".into()]) })).await?);
    let path = format!("/v1/connect/bulk-operations/{}", done["id"].as_str().unwrap_or_default());
    app.clock.advance(7 * 86_400 - 1);
    app.app.sweep().await?;
    let token = app.app.issue_token(&new_client(&app).await?).await?.access_token;
    let read = app.call_as(Some(token.expose()), Method::GET, &path, None).await?;
    assert_eq!(read.status, 200, "{}", read.text);
    app.clock.advance(1);
    app.app.sweep().await?;
    for path in [path.clone(), format!("{path}/results")] {
        let read = app.call_as(Some(token.expose()), Method::GET, &path, None).await?;
        assert_eq!(code(&read), (404, "OPERATION_NOT_FOUND".into()));
    }
    Ok(())
}

#[tokio::test]
async fn t60_an_operation_of_another_environment_is_not_found() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let done = finished(&post(&app, "create", json!({ "accounts": wanted(["a".into()]) })).await?);
    let account = texts(&done["results"], "/account_id");
    let (_, token) = app.another_environment("stranger").await?;
    let path = format!("/v1/connect/bulk-operations/{}", done["id"].as_str().unwrap_or_default());
    for path in [path.clone(), format!("{path}/results")] {
        let read = app.call_as(Some(token.expose()), Method::GET, &path, None).await?;
        assert_eq!(code(&read), (404, "OPERATION_NOT_FOUND".into()));
    }
    let body = Some(json!({ "account_ids": account }));
    let path = "/v1/connect/accounts:bulk-delete";
    let deleted = app.call_as(Some(token.expose()), Method::POST, path, body).await?;
    assert_eq!(texts(&finished(&deleted)["results"], "/error/code"), ["ACCOUNT_NOT_FOUND"]);
    assert_eq!(get(&app, &format!("accounts/{}", account[0])).await?["identifier"], "a");
    Ok(())
}
