//! Connected accounts over REST, as published clients use them.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::account::AccountAddress;
use valetkey_testkit::app::{Answer, Outcome, TestApp, approve};

const ACCOUNTS: &str = "/api/v1/connected_accounts";

async fn create(app: &TestApp, body: Value) -> Outcome<Answer> {
    app.call(Method::POST, ACCOUNTS, Some(body)).await
}

async fn update(app: &TestApp, body: Value) -> Outcome<Answer> {
    app.call(Method::PUT, ACCOUNTS, Some(body)).await
}

async fn get(app: &TestApp, query: &str) -> Outcome<Answer> {
    app.call(Method::GET, &format!("{ACCOUNTS}/details?{query}"), None).await
}

fn account(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["connected_account"].take()
}

fn code(answer: &Answer) -> (u16, String) {
    let code = answer.json()["details"][0]["error_code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code)
}

#[tokio::test]
async fn get_or_create_finds_nothing_creates_and_then_finds() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let missing = get(&app, "connector=test&identifier=user").await?;
    assert_eq!(code(&missing), (404, "RESOURCE_NOT_FOUND".into()));
    let empty = json!({ "oauth_token": { "access_token": "", "refresh_token": "", "scopes": [] } });
    for (identifier, details) in [
        ("absent", json!(null)),
        ("empty", empty),
        ("no case", json!({})),
        ("static", json!({ "static_auth": {} })),
    ] {
        let body = json!({ "connector": "test", "identifier": identifier,
            "connected_account": { "authorization_details": details } });
        let made = account(&create(&app, body.clone()).await?);
        assert_eq!(made["status"], "PENDING_AUTH", "{identifier}");
        assert!(made["authorization_details"].is_object(), "{identifier}");
        assert!(made["id"].as_str().is_some_and(|id| id.starts_with("ca_") && id.len() <= 32));
        assert!(made["updated_at"].is_string());
        let updated = account(&update(&app, body).await?);
        assert_eq!(
            (&updated["id"], &updated["status"]),
            (&made["id"], &json!("PENDING_AUTH")),
            "{identifier}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_account_that_comes_with_a_credential_is_active() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    app.connection_in(&app.operator(), "key", "TESTKEY").await?;
    let token = json!({ "oauth_token": { "access_token": "a1", "refresh_token": "r1", "scopes": ["read"] } });
    let key = json!({ "static_auth": { "details": { "api_key": "k1" } } });
    for (connector, details) in [("test", &token), ("key", &key)] {
        let body = json!({ "connector": connector, "identifier": "user",
            "connected_account": { "authorization_details": details } });
        let made = account(&create(&app, body).await?);
        assert_eq!(made["status"], "ACTIVE");
        assert_eq!(app.account(connector, "user").await?["id"], made["id"]);
    }
    let read = app.account_with_credential("test", "user").await?;
    assert_eq!(read["authorization_details"]["oauth_token"]["access_token"], "a1");
    assert_eq!(read["authorization_details"]["oauth_token"]["scopes"], json!(["read"]));
    for (connector, details) in [("test", &key), ("key", &token)] {
        let body = json!({ "connector": connector, "identifier": "wrong kind",
            "connected_account": { "authorization_details": details } });
        let refused = create(&app, body).await?;
        assert_eq!(code(&refused), (400, "INVALID_ARGUMENT".into()));
        assert!(refused.text.contains("authorization_details"), "{}", refused.text);
    }
    Ok(())
}

#[tokio::test]
async fn api_config_is_merged_key_by_key_and_credentials_stay() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection_in(&app.operator(), "gmail", "GMAIL").await?;
    let body = json!({ "connector": "gmail", "identifier": "user", "connected_account": {
        "authorization_details": { "oauth_token": { "access_token": "a1" } },
        "api_config": { "version": "v1", "custom_headers": { "x": "1" } } } });
    let made = account(&create(&app, body).await?);
    let shown = json!({ "version": "v1", "domain": null, "custom_headers": { "x": "1" },
        "custom_auth_header": null, "api_endpoint": null });
    assert_eq!(made["api_config"], shown, "all five keys");
    let change = json!({ "id": made["id"], "connected_account": {
        "api_config": { "version": null, "domain": "acme.example", "own": [1, null] } } });
    let changed = account(&update(&app, change).await?);
    let merged = json!({ "version": null, "domain": "acme.example", "custom_headers": { "x": "1" },
        "custom_auth_header": null, "api_endpoint": null, "own": [1, null] });
    let (left, right): (
        std::collections::BTreeMap<String, Value>,
        std::collections::BTreeMap<String, Value>,
    ) = (serde_json::from_value(changed["api_config"].clone())?, serde_json::from_value(merged)?);
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    assert_eq!((&left["domain"], &left["version"]), (&right["domain"], &Value::Null));
    assert_eq!(changed["status"], "ACTIVE");
    let read = app.account_with_credential("gmail", "user").await?;
    assert_eq!(read["authorization_details"]["oauth_token"]["access_token"], "a1");
    Ok(())
}

#[tokio::test]
async fn connection_names_are_matched_without_case_and_a_wrong_one_gets_a_suggestion() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection_in(&app.operator(), "gmail", "GMAIL").await?;
    let body = json!({ "connector": "GMAIL", "identifier": "user", "connected_account": {} });
    assert_eq!(account(&create(&app, body).await?)["connector"], "gmail", "shown as it was created");
    assert_eq!(get(&app, "connector=Gmail&identifier=user").await?.status, 200);
    let unknown = get(&app, "connector=gmial&identifier=user").await?;
    assert_eq!(code(&unknown), (404, "RESOURCE_NOT_FOUND".into()));
    assert!(unknown.text.contains("did you mean \\\"gmail\\\"?"), "{}", unknown.text);
    let body = json!({ "connector": "gmial", "identifier": "user" });
    let link = app.call(Method::POST, &format!("{ACCOUNTS}/magic_link"), Some(body)).await?;
    assert_eq!(code(&link), (404, "RESOURCE_NOT_FOUND".into()));
    Ok(())
}

#[tokio::test]
async fn an_account_made_with_organization_and_user_is_found_without_unless_that_is_ambiguous() -> Outcome<()>
{
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let body = |organization: &str, user: &str| {
        json!({ "connector": "test", "identifier": "user", "organization_id": organization, "user_id": user,
            "connected_account": {} })
    };
    let first = account(&create(&app, body("acme", "u1")).await?);
    let found = account(&get(&app, "connector=test&identifier=user").await?);
    assert_eq!(found["id"], first["id"]);
    assert_eq!(code(&create(&app, body("acme", "u1")).await?), (409, "RESOURCE_ALREADY_EXISTS".into()));
    let second = account(&create(&app, body("other", "u1")).await?);
    assert_ne!(second["id"], first["id"]);
    let ambiguous = get(&app, "connector=test&identifier=user").await?;
    assert_eq!(code(&ambiguous), (400, "AMBIGUOUS_ACCOUNT".into()));
    let narrowed = account(&get(&app, "connector=test&identifier=user&organization_id=other").await?);
    assert_eq!(narrowed["id"], second["id"]);
    let plain = account(&create(&app, body("", "")).await?);
    let found = account(&get(&app, "connector=test&identifier=user").await?);
    assert_eq!(found["id"], plain["id"], "the one without either");
    Ok(())
}

#[tokio::test]
async fn delete_works_by_id_and_a_new_account_has_a_new_id() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let old = app.connect("test", "user", "alice").await?;
    let delete = json!({ "id": old["id"] });
    let path = format!("{ACCOUNTS}:delete");
    assert_eq!(app.call(Method::POST, &path, Some(delete.clone())).await?.status, 200);
    assert_eq!(code(&app.call(Method::POST, &path, Some(delete)).await?), (404, "RESOURCE_NOT_FOUND".into()));
    assert_eq!(crate::database::blobs(&app, "SELECT sealed FROM credentials").await?.len(), 0);
    let new = app.connect("test", "user", "alice").await?;
    assert_ne!(new["id"], old["id"]);
    Ok(())
}

#[tokio::test]
async fn rules_of_fields_are_named_in_the_answer() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let long = "x".repeat(101);
    for (body, field) in [
        (json!({ "connector": "test", "identifier": long, "connected_account": {} }), "identifier"),
        (json!({ "connector": "a/b", "identifier": "user", "connected_account": {} }), "connector"),
        (json!({ "connector": "test", "identifier": "user" }), "connected_account"),
        (json!({ "identifier": "user", "connected_account": {} }), "connector"),
        (json!({ "connector": "test", "connected_account": {} }), "identifier"),
    ] {
        let refused = create(&app, body).await?;
        assert_eq!(code(&refused), (400, "INVALID_ARGUMENT".into()), "{}", refused.text);
        let violations = &refused.json()["details"][0]["validation_error_info"]["field_violations"];
        assert_eq!(violations[0]["field"], field, "{}", refused.text);
        assert!(refused.json()["details"][0]["request_info"]["request_id"].is_string());
    }
    Ok(())
}

#[tokio::test]
async fn a_disconnected_account_has_no_credential_and_can_be_connected_again() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let old = app.connect("test", "user", "alice").await?;
    let link = app.link("test", "user").await?;
    let path = format!("{ACCOUNTS}/{}:disconnect", old["id"].as_str().unwrap_or_default());
    let gone = account(&app.call(Method::POST, &path, Some(json!({}))).await?);
    assert_eq!((&gone["status"], &gone["id"]), (&json!("DISCONNECTED"), &old["id"]));
    let read = app.account_with_credential("test", "user").await?;
    assert_eq!(read["authorization_details"]["oauth_token"]["access_token"], "");
    assert_eq!(app.browser()?.get(&link).await?.status, 410, "links that are out are withdrawn");
    assert_eq!(app.connect("test", "user", "alice").await?["id"], old["id"]);
    Ok(())
}

#[tokio::test]
async fn a_suspended_account_stays_so_until_it_is_resumed() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let made = app.connect("test", "user", "alice").await?;
    let by_id =
        AccountAddress { id: made["id"].as_str().map(ToOwned::to_owned), ..AccountAddress::default() };
    app.app.suspend_account(&app.operator(), &by_id).await?;
    assert_eq!(app.account("test", "user").await?["status"], "DISCONNECTED");
    approve(&mut app.browser()?, &app.link("test", "user").await?, "alice").await?;
    assert_eq!(app.account("test", "user").await?["status"], "DISCONNECTED", "consent does not end it");
    app.app.resume_account(&app.operator(), &by_id).await?;
    assert_eq!(app.account("test", "user").await?["status"], "ACTIVE");
    Ok(())
}

#[tokio::test]
async fn an_organization_takes_its_accounts_along() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let body = json!({ "display_name": "Acme" });
    let made = app.call(Method::POST, "/api/v1/organizations", Some(body)).await?.json();
    let id = made["organization"]["id"].as_str().ok_or("no organization")?;
    let body = |organization: &str| {
        json!({ "connector": "test", "identifier": "user", "organization_id": organization,
            "connected_account": {} })
    };
    account(&create(&app, body(id)).await?);
    let unknown = create(&app, body("org_00000000000000000000000001")).await?;
    assert_eq!(code(&unknown), (404, "RESOURCE_NOT_FOUND".into()));
    let path = format!("/api/v1/organizations/{id}");
    assert_eq!(app.call(Method::DELETE, &path, None).await?.status, 200);
    assert_eq!(get(&app, "connector=test&identifier=user").await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_link_makes_its_account_and_says_when_it_ends() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let body = json!({ "connector": "test", "identifier": "new user" });
    let answer = app.call(Method::POST, &format!("{ACCOUNTS}/magic_link"), Some(body)).await?.json();
    assert_eq!(answer["expiry"], "2026-11-22T00:00:00Z");
    assert_eq!(app.account("test", "new user").await?["status"], "PENDING_AUTH");
    let token = answer["link"].as_str().unwrap_or_default().to_owned();
    assert!(token.starts_with(&format!("{}/connect/", app.url)), "{token}");
    Ok(())
}

#[tokio::test]
async fn every_answer_that_has_a_credential_is_journalled_as_a_reading() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let account = app.connect("test", "user", "alice").await?;
    let readings = async || -> Outcome<usize> {
        Ok(app.journal(&account).await?.iter().filter(|(kind, _)| kind == "credential.read").count())
    };
    let before = readings().await?;
    let nothing = json!({ "connector": "test", "identifier": "user", "connected_account": {} });
    let answer = update(&app, nothing).await?;
    assert_ne!(
        answer.json()["connected_account"]["authorization_details"]["oauth_token"]["access_token"],
        ""
    );
    assert_eq!(readings().await?, before + 1);
    app.account("test", "user").await?;
    assert_eq!(readings().await?, before + 1);
    Ok(())
}
