//! Accounts: created, read, found, and taken through their states.

use http::Method;
use serde_json::{Map, Value, json};
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use super::steps::{account, authorize, begin, good, post, read, refused, set_scopes};
use crate::fresh::world::World;

async fn get(app: &TestApp, path: &str) -> Outcome<Answer> {
    app.call(Method::GET, &format!("/v1/connect/{path}"), None).await
}

/// Does something to an account, and succeeds.
async fn done(app: &TestApp, id: &str, verb: &str) -> Outcome<Value> {
    Ok(good(&post(app, &format!("accounts/{id}:{verb}"), json!({})).await?))
}

/// The identifiers of the accounts that a query finds, in the order of the list.
async fn found(app: &TestApp, query: &str) -> Outcome<Vec<String>> {
    let answer = good(&get(app, &format!("accounts?{query}")).await?);
    let accounts = answer["accounts"].as_array().ok_or("no accounts")?;
    assert_eq!(answer["total_size"].as_u64(), Some(accounts.len() as u64), "{query}");
    Ok(accounts.iter().map(|one| one["identifier"].as_str().unwrap_or_default().to_owned()).collect())
}

#[tokio::test]
async fn s58_s59_an_account_is_created_as_the_request_says() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    let wanted = json!({
        "connection_id": connection.id.to_string(),
        "identifier": "user_123",
        "identifier_type": "user_id",
        "scopes": ["read"],
        "settings": { "auto_refresh": true, "expires_in": 3600 },
        "metadata": { "department": "engineering" },
    });
    let made = good(&post(&app, "accounts", wanted).await?);
    let id = made["id"].as_str().ok_or("no id")?;
    assert!(id.starts_with("ca_"), "{made}");
    let shown = [
        ("connection_id", json!(connection.id.to_string())),
        ("connection_name", json!("test")),
        ("identifier", json!("user_123")),
        ("identifier_type", json!("user_id")),
        ("provider", json!("testprovider")),
        ("status", json!("pending")),
        ("status_reason", json!("not_authorized")),
        ("next_action", json!("reauthorize")),
        ("connector_type", json!("CONNECTOR_TYPE_OAUTH2")),
        ("connector_status", json!("CONNECTOR_STATUS_ACTIVE")),
        ("scopes", json!([])),
        ("requested_scopes", json!(["read"])),
        ("settings", json!({ "auto_refresh": true, "expires_in": 3600 })),
        ("metadata", json!({ "department": "engineering" })),
        ("test_mode", json!(false)),
    ];
    for (member, value) in shown {
        assert_eq!(made[member], value, "{member}");
    }
    assert_eq!(made.get("expires_at").or(made.get("last_used_at")), None);
    assert_eq!(read(&app, id).await?, made, "what is read is what was answered");
    let by_name = json!({ "connection_name": "TEST", "identifier": "other" });
    assert_eq!(good(&post(&app, "accounts", by_name).await?)["identifier_type"], "custom");
    Ok(())
}

#[tokio::test]
async fn s59_an_identifier_has_one_account_on_a_connection_and_in_an_organization() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let body = json!({ "connection_id": "test", "identifier": "user_123" });
    let again = post(&app, "accounts", body.clone()).await?;
    assert_eq!(again.status, 409);
    refused(&again, "ACCOUNT_ALREADY_EXISTS", "user_123");
    let organization = json!({ "display_name": "Acme" });
    let organization = app.call(Method::POST, "/api/v1/organizations", Some(organization)).await?.json();
    let organization = organization["organization"]["id"].as_str().ok_or("no organization")?;
    let mut scoped = body;
    scoped["organization_id"] = json!(organization);
    let made = good(&post(&app, "accounts", scoped.clone()).await?);
    assert!(made["id"] != id.as_str() && made["organization_id"] == organization, "{made}");
    scoped["organization_id"] = json!("org_00000000000000000000000001");
    assert_eq!(post(&app, "accounts", scoped).await?.status, 404);
    assert_eq!(found(&app, &format!("organization_id={organization}")).await?, ["user_123"]);
    Ok(())
}

#[tokio::test]
async fn s59_what_breaks_a_rule_is_named_and_nothing_is_created() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let good = json!({ "connection_id": "test", "identifier": "user" });
    for (member, value, field) in [
        ("identifier", json!("  "), "identifier"),
        ("identifier", json!("x".repeat(101)), "identifier"),
        ("identifier_type", json!("phone"), "identifier_type"),
        ("connection_name", json!("test"), "connection_name"),
        ("settings", json!({ "expires_in": 59 }), "settings.expires_in"),
        ("metadata", json!({ "text": "x".repeat(16 * 1024) }), "metadata"),
        ("colour", json!("red"), "colour"),
    ] {
        let mut body = good.clone();
        body[member] = value;
        let answer = post(&app, "accounts", body).await?;
        assert_eq!(answer.status, 400, "{member}: {}", answer.text);
        refused(&answer, "INVALID_ARGUMENT", field);
        assert_eq!(answer.json()["details"][0]["field"], field, "{}", answer.text);
    }
    refused(
        &post(&app, "accounts", json!({ "identifier": "user" })).await?,
        "INVALID_ARGUMENT",
        "connection_id",
    );
    let unknown = json!({ "connection_id": "tset", "identifier": "user" });
    refused(&post(&app, "accounts", unknown).await?, "CONNECTION_NOT_FOUND", "did you mean \\\"test\\\"?");
    assert_eq!(found(&app, "").await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn x8_an_account_is_narrowed_to_scopes_of_its_connection_and_never_widened() -> Outcome<()> {
    let app = TestApp::start().await?;
    begin(&app).await?;
    set_scopes(&app, &["profile", "read"]).await?;
    let body = |scopes: Value| json!({ "connection_id": "test", "identifier": "narrow", "scopes": scopes });
    let wider = post(&app, "accounts", body(json!(["read", "additional_scope"]))).await?;
    assert_eq!(wider.status, 400);
    refused(&wider, "INVALID_SCOPE", "additional_scope");
    let made = good(&post(&app, "accounts", body(json!(["read"]))).await?);
    let id = made["id"].as_str().ok_or("no id")?;
    let active = good(&authorize(&app, id, "alice").await?)["account"].take();
    assert_eq!((&active["status"], &active["scopes"]), (&json!("active"), &json!(["read"])));
    assert_eq!(active["requested_scopes"], json!(["read"]));
    Ok(())
}

/// An account in each of the six states, with the state as its identifier.
async fn one_in_each_state() -> Outcome<World> {
    let world = World::new().await?;
    let app = &world.app;
    for name in ["expired", "revoked", "suspended", "error"] {
        app.clock.advance(1);
        world.connect(name).await?;
        let id = app.account("test", name).await?["id"].as_str().ok_or("no id")?.to_owned();
        match name {
            "expired" => {
                world.refuse("invalid_grant");
                assert_eq!(post(app, &format!("accounts/{id}:refresh"), json!({})).await?.status, 400);
                world.provider.behave();
            }
            "revoked" => drop(done(app, &id, "disconnect").await?),
            "suspended" => drop(done(app, &id, "suspend").await?),
            _ => {
                // Its token runs out, and the provider does not know the client any more.
                world.set_secret("wrong").await?;
                assert_eq!(post(app, &format!("accounts/{id}:refresh"), json!({})).await?.status, 400);
                app.clock.advance(3600);
            }
        }
    }
    app.connection("sound").await?;
    app.connect("sound", "active", "alice").await?;
    app.clock.advance(1);
    account(app, "test", "pending").await?;
    Ok(world)
}

#[tokio::test]
async fn s65_s66_s67_s70_accounts_are_found_by_state_and_connection_as_each_is_shown() -> Outcome<()> {
    let world = one_in_each_state().await?;
    let app = &world.app;
    let all = ["expired", "revoked", "suspended", "error", "active", "pending"];
    assert_eq!(found(app, "").await?, all);
    for state in all {
        assert_eq!(found(app, &format!("status={state}")).await?, [state]);
        let connection = if state == "active" { "sound" } else { "test" };
        assert_eq!(found(app, &format!("status={state}&connection_id={connection}")).await?, [state]);
    }
    assert_eq!(found(app, "status=pending&status=expired").await?, ["expired", "pending"]);
    assert_eq!(found(app, "connection_id=sound").await?, ["active"]);
    assert_eq!(found(app, "connection_id=sound&status=revoked").await?, Vec::<String>::new());
    let answer = good(&get(app, "accounts").await?);
    for account in answer["accounts"].as_array().ok_or("no accounts")? {
        assert_eq!(account["status"], account["identifier"]);
        let id = account["id"].as_str().unwrap_or_default();
        assert_eq!(&read(app, id).await?, account);
        let status = good(&get(app, &format!("accounts/{id}/status")).await?);
        let members = ["status", "status_reason", "next_action", "status_changed_at"];
        let of_account: Map<String, Value> =
            members.iter().map(|name| ((*name).to_owned(), account[*name].clone())).collect();
        assert_eq!(status, Value::Object(of_account));
    }
    refused(&get(app, "accounts?status=ACTIVE").await?, "INVALID_ARGUMENT", "status");
    refused(&get(app, "accounts?connection_id=nowhere").await?, "CONNECTION_NOT_FOUND", "nowhere");
    Ok(())
}

#[tokio::test]
async fn s66_accounts_are_found_by_what_they_are_called_and_by_the_time_of_their_change() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    app.connection_in(&app.operator(), "mail", "GMAIL").await?;
    for (connection, identifier, kind) in
        [("test", "a", "user_id"), ("test", "b", "email"), ("mail", "a", "email")]
    {
        let body = json!({ "connection_id": connection, "identifier": identifier, "identifier_type": kind });
        good(&post(&app, "accounts", body).await?);
        app.clock.advance(60);
    }
    let later = account(&app, "mail", "c").await?;
    assert_eq!(found(&app, "identifier=a").await?, ["a", "a"]);
    assert_eq!(found(&app, "identifier_type=email").await?, ["b", "a"]);
    assert_eq!(found(&app, "provider=gmail").await?, ["a", "c"]);
    assert_eq!(found(&app, "provider=gmail&identifier=a&identifier_type=email").await?, ["a"]);
    assert_eq!(found(&app, "provider=slack").await?, Vec::<String>::new());
    assert_eq!(found(&app, "test_mode=true").await?, Vec::<String>::new());
    assert_eq!(found(&app, "test_mode=false&identifier=c").await?, ["c"]);
    let since = read(&app, &later).await?["updated_at"].as_str().ok_or("no time")?.to_owned();
    assert_eq!(found(&app, &format!("updated_since={since}")).await?, ["c"]);
    Ok(())
}

#[tokio::test]
async fn s66_pages_follow_one_another_without_gap_or_repetition() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        app.clock.advance(1);
        account(&app, "test", name).await?;
    }
    let (mut seen, mut token) = (vec![], String::new());
    loop {
        let page = good(&get(&app, &format!("accounts?page_size=2&page_token={token}")).await?);
        let accounts = page["accounts"].as_array().ok_or("no accounts")?;
        assert!(accounts.len() <= 2 && page["total_size"] == 5, "{page}");
        seen.extend(accounts.iter().map(|one| one["identifier"].as_str().unwrap_or_default().to_owned()));
        token = page["next_page_token"].as_str().unwrap_or_default().to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, names);
    refused(&get(&app, "accounts?page_token=somewhere").await?, "INVALID_ARGUMENT", "page_token");
    Ok(())
}

#[tokio::test]
async fn s68_s69_a_refresh_by_hand_gives_a_new_token_and_the_status_of_tokens_tells_of_it() -> Outcome<()> {
    let world = World::new().await?;
    let app = &world.app;
    let pending = account(app, "test", "pending").await?;
    let status = async |id: &str| Outcome::Ok(good(&get(app, &format!("accounts/{id}/token-status")).await?));
    let none = status(&pending).await?;
    assert_eq!(
        (&none["state"], &none["generation"], &none["refreshable"]),
        (&json!("none"), &json!(0), &json!(false))
    );
    world.connect("alice").await?;
    let id = app.account("test", "alice").await?["id"].as_str().ok_or("no id")?.to_owned();
    let first = status(&id).await?;
    assert_eq!((&first["state"], &first["generation"]), (&json!("valid"), &json!(1)));
    assert_eq!((&first["refreshable"], &first["auto_refresh"]), (&json!(true), &json!(true)));
    assert!(first["next_refresh_at"].is_string() && first["expires_at"].is_string(), "{first}");
    app.clock.advance(60);
    let refreshed = done(app, &id, "refresh").await?;
    assert_eq!(world.refreshes_sent(), 1);
    assert_eq!(refreshed["status"], "active");
    let second = status(&id).await?;
    assert_eq!((&second["generation"], &second["last_outcome"]), (&json!(2), &json!("success")));
    assert!(second["expires_at"].as_str() > first["expires_at"].as_str(), "{second}");
    assert_eq!(refreshed["expires_at"], second["expires_at"]);
    app.clock.advance(3500);
    assert_eq!(status(&id).await?["state"], "expiring");
    app.clock.advance(100);
    assert_eq!(status(&id).await?["state"], "expired");
    let shown = status(&id).await?.to_string() + &refreshed.to_string();
    let (access, refresh) = world.tokens("alice").await?;
    assert!(!access.is_empty() && !shown.contains(&access) && !shown.contains(&refresh));
    Ok(())
}

#[tokio::test]
async fn s68_what_cannot_be_refreshed_says_why_and_what_to_do() -> Outcome<()> {
    let world = World::new().await?;
    let app = &world.app;
    let refresh = async |id: &str| post(app, &format!("accounts/{id}:refresh"), json!({})).await;
    let pending = account(app, "test", "pending").await?;
    let answer = refresh(&pending).await?;
    refused(&answer, "ACCOUNT_PENDING", "not_authorized");
    assert_eq!(answer.json()["next_action"], "reauthorize");
    world.connect("alice").await?;
    let id = app.account("test", "alice").await?["id"].as_str().ok_or("no id")?.to_owned();
    done(app, &id, "suspend").await?;
    let answer = refresh(&id).await?;
    refused(&answer, "ACCOUNT_SUSPENDED", "suspended_by_operator");
    assert_eq!(answer.json()["next_action"], "resume");
    app.connection_in(&app.operator(), "keys", "SENDGRID").await?;
    let key = json!({ "connector": "keys", "identifier": "user", "connected_account": {
        "authorization_details": { "static_auth": { "details": { "token": "a-key" } } } } });
    let made = app.call(Method::POST, "/api/v1/connected_accounts", Some(key)).await?;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json()["connected_account"]["id"].as_str().ok_or("no id")?.to_owned();
    refused(&refresh(&made).await?, "NOT_REFRESHABLE", "nothing to refresh");
    Ok(())
}

#[tokio::test]
async fn an_account_is_suspended_resumed_disconnected_and_deleted() -> Outcome<()> {
    let world = World::new().await?;
    let app = &world.app;
    world.connect("alice").await?;
    let id = app.account("test", "alice").await?["id"].as_str().ok_or("no id")?.to_owned();
    assert_eq!(done(app, &id, "suspend").await?["status"], "suspended");
    assert_eq!(done(app, &id, "suspend").await?["status"], "suspended");
    assert_eq!(done(app, &id, "resume").await?["status"], "active");
    let not_suspended = post(app, &format!("accounts/{id}:resume"), json!({})).await?;
    refused(&not_suspended, "ACCOUNT_NOT_SUSPENDED", "active");
    let disconnected = done(app, &id, "disconnect").await?;
    assert_eq!((&disconnected["status"], &disconnected["scopes"]), (&json!("revoked"), &json!([])));
    assert_eq!(disconnected["status_reason"], "disconnected_on_request");
    refused(
        &post(app, &format!("accounts/{id}:suspend"), json!({})).await?,
        "ACCOUNT_REVOKED",
        "disconnected",
    );
    let path = format!("/v1/connect/accounts/{id}");
    assert_eq!(good(&app.call(Method::DELETE, &path, None).await?), json!({}));
    for method in [Method::GET, Method::DELETE] {
        refused(&app.call(method, &path, None).await?, "ACCOUNT_NOT_FOUND", &id);
    }
    assert_ne!(account(app, "test", "alice").await?, id, "the same user gets a new id");
    Ok(())
}
