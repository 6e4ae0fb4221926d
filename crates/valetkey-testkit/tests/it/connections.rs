//! Connections and custom providers over REST.

use http::Method;
use serde_json::{Value, json};
use valetkey_testkit::{
    app::{Answer, Outcome, TestApp, approve},
    provider::{TEST_CLIENT_ID, TEST_CLIENT_SECRET},
};

const CONNECTIONS: &str = "/api/v1/connections";

fn code(answer: &Answer) -> (u16, String) {
    let code = answer.json()["details"][0]["error_code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code)
}

async fn create(app: &TestApp, provider_key: &str, name: Option<&str>) -> Outcome<Value> {
    let body = json!({ "provider_key": provider_key, "key_id": name });
    let answer = app.call(Method::POST, CONNECTIONS, Some(body)).await?;
    if answer.status == 200 { Ok(answer.json()["connection"].take()) } else { Err(answer.text.into()) }
}

fn path(connection: &Value) -> String {
    format!("{CONNECTIONS}/{}", connection["id"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_connection_made_over_rest_connects_an_account_when_it_is_complete() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = create(&app, "TESTPROVIDER", Some("mine")).await?;
    assert_eq!(
        (&made["key_id"], &made["enabled"], &made["status"]),
        (&json!("mine"), &json!(true), &json!("DRAFT"))
    );
    let body = json!({ "connector": "mine", "identifier": "user" });
    let link = app.call(Method::POST, "/api/v1/connected_accounts/magic_link", Some(body)).await?;
    assert_eq!(code(&link), (400, "CONNECTION_INCOMPLETE".into()));
    let settings =
        json!({ "oauth_config": { "client_id": TEST_CLIENT_ID, "client_secret": TEST_CLIENT_SECRET } });
    let changed = app.call(Method::PATCH, &path(&made), Some(settings)).await?;
    assert_eq!(
        (changed.status.as_u16(), changed.json()["connection"]["status"].as_str()),
        (200, Some("COMPLETED"))
    );
    app.connect("mine", "user", "alice").await?;
    Ok(())
}

#[tokio::test]
async fn a_client_secret_is_shown_masked_and_writing_the_mask_back_keeps_it() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    let path = format!("{CONNECTIONS}/{}", connection.id);
    let short = app.call(Method::GET, &path, None).await?;
    assert!(
        !short.text.contains(TEST_CLIENT_SECRET) && short.text.contains("\"********\""),
        "{}",
        short.text
    );
    let secret = "a-client-secret-of-usual-length-7f3a";
    app.provider.provider.register_client(TEST_CLIENT_ID, Some(secret), &[]);
    let long = json!({ "oauth_config": { "client_secret": secret } });
    let shown = app.call(Method::PATCH, &path, Some(long)).await?;
    assert!(!shown.text.contains(secret), "{}", shown.text);
    let config = shown.json()["connection"]["oauth_config"].take();
    let masked = config["client_secret"].as_str().ok_or("no mask")?;
    assert!(masked.starts_with("****") && masked.ends_with("7f3a"), "{masked}");
    let written = app.call(Method::PATCH, &path, Some(json!({ "oauth_config": config }))).await?;
    assert_eq!(written.status, 200, "{}", written.text);
    app.connect("test", "user", "alice").await?;
    Ok(())
}

#[tokio::test]
async fn a_name_is_made_up_or_kept_and_is_unique_without_regard_to_case() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = create(&app, "TESTPROVIDER", None).await?;
    let name = made["key_id"].as_str().unwrap_or_default().to_owned();
    assert!(name.starts_with("testprovider-"), "{name}");
    assert_eq!(create(&app, "GMAIL", Some("My Mail")).await?["key_id"], "My Mail");
    for (name, expected) in [("my mail", 409), ("a/b", 400), ("", 200)] {
        let body = json!({ "provider_key": "GMAIL", "key_id": name });
        let answer = app.call(Method::POST, CONNECTIONS, Some(body)).await?;
        assert_eq!(answer.status, expected, "{name}: {}", answer.text);
    }
    let renamed = app.call(Method::PATCH, &path(&made), Some(json!({ "key_id": "MY MAIL" }))).await?;
    assert_eq!(renamed.status, 409, "{}", renamed.text);
    let unknown = json!({ "provider_key": "GMIAL" });
    let answer = app.call(Method::POST, CONNECTIONS, Some(unknown)).await?;
    assert_eq!(answer.status, 404, "{}", answer.text);
    assert!(answer.text.to_uppercase().contains("GMAIL"), "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn fields_left_out_of_an_update_keep_their_values() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = create(&app, "TESTPROVIDER", Some("mine")).await?;
    let first = json!({ "oauth_config": { "client_id": "c1", "scopes": ["read"], "prompt": "consent" } });
    app.call(Method::PATCH, &path(&made), Some(first)).await?;
    let second = json!({ "oauth_config": { "client_id": "c2" } });
    let changed = app.call(Method::PATCH, &path(&made), Some(second)).await?.json();
    let config = &changed["connection"]["oauth_config"];
    assert_eq!((&config["client_id"], &config["prompt"]), (&json!("c2"), &json!("consent")));
    assert_eq!(config["scopes"], json!(["read"]));
    Ok(())
}

#[tokio::test]
async fn a_connection_with_accounts_is_not_deleted() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    app.connect("test", "user", "alice").await?;
    let path = format!("{CONNECTIONS}/{}", connection.id);
    assert_eq!(code(&app.call(Method::DELETE, &path, None).await?), (400, "RESOURCE_IN_USE".into()));
    let delete = json!({ "connector": "test", "identifier": "user" });
    app.call(Method::POST, "/api/v1/connected_accounts:delete", Some(delete)).await?;
    assert_eq!(app.call(Method::DELETE, &path, None).await?.status, 200);
    assert_eq!(code(&app.call(Method::GET, &path, None).await?), (404, "RESOURCE_NOT_FOUND".into()));
    Ok(())
}

#[tokio::test]
async fn connections_are_listed_by_provider_and_name_page_by_page() -> Outcome<()> {
    let app = TestApp::start().await?;
    for number in 0..5 {
        create(&app, "TESTPROVIDER", Some(&format!("listed {number}"))).await?;
    }
    create(&app, "GMAIL", Some("mail")).await?;
    let list = async |query: &str| -> Outcome<Value> {
        let answer = app.call(Method::GET, &format!("{CONNECTIONS}/app?{query}"), None).await?;
        if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text.into()) }
    };
    assert_eq!(list("").await?["total_size"], 6);
    assert_eq!(list("provider=GMAIL").await?["connections"][0]["key_id"], "mail");
    let first = list("query=listed&page_size=3").await?;
    let token = first["next_page_token"].as_str().unwrap_or_default();
    let second = list(&format!("query=listed&page_size=3&page_token={token}")).await?;
    let count = |page: &Value| page["connections"].as_array().map(Vec::len);
    assert_eq!((count(&first), count(&second)), (Some(3), Some(2)));
    assert_eq!(second["next_page_token"], "");
    Ok(())
}

fn provider(display_name: &str, base: &str) -> Value {
    json!({ "display_name": display_name, "proxy_url": "https://api.example/v1", "metadata": { "team": "red" },
        "auth_patterns": [{ "type": "OAUTH", "display_name": "OAuth", "house_style": "plain", "fields": [],
            "oauth_config": { "authorize_uri": format!("{base}/authorize"), "token_uri": format!("{base}/token"),
                "available_scopes": [], "pkce_enabled": true } }] })
}

#[tokio::test]
async fn a_custom_provider_is_created_used_changed_and_deleted() -> Outcome<()> {
    const PROVIDERS: &str = "/api/v1/custom-providers";
    let app = TestApp::start().await?;
    let body = provider("My Service", &app.provider.base_url);
    let made = app.call(Method::POST, PROVIDERS, Some(body.clone())).await?;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json()["provider"].take();
    assert_eq!(
        (&made["is_custom"], &made["auth_patterns"]),
        (&json!(true), &body["auth_patterns"]),
        "kept as given"
    );
    let identifier = made["identifier"].as_str().ok_or("no identifier")?;
    let connection = create(&app, identifier, Some("custom")).await?;
    let settings =
        json!({ "oauth_config": { "client_id": TEST_CLIENT_ID, "client_secret": TEST_CLIENT_SECRET } });
    app.call(Method::PATCH, &path(&connection), Some(settings)).await?;
    let page = approve(&mut app.browser()?, &app.link("custom", "user").await?, "alice").await?;
    assert_eq!(page.title, "My Service is connected");

    let encoded: String = url::form_urlencoded::byte_serialize(identifier.as_bytes()).collect();
    let one = format!("{PROVIDERS}/{encoded}");
    let update = json!({ "display_name": "My Service", "proxy_url": "https://api.example/v2" });
    let changed = app.call(Method::PUT, &one, Some(update)).await?;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json()["provider"].take();
    assert_eq!((&changed["auth_patterns"], &changed["metadata"]), (&body["auth_patterns"], &json!({})));
    assert!(app.call(Method::DELETE, &one, None).await?.status != 200, "it is in use");
    app.call(
        Method::POST,
        "/api/v1/connected_accounts:delete",
        Some(json!({ "connector": "custom", "identifier": "user" })),
    )
    .await?;
    app.call(Method::DELETE, &path(&connection), None).await?;
    assert_eq!(app.call(Method::DELETE, &one, None).await?.status, 200);
    assert_eq!(app.call(Method::DELETE, &one, None).await?.status, 404);
    Ok(())
}
