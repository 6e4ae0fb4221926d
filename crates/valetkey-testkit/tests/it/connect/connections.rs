//! Connections as applications see them.

use http::Method;
use serde_json::{Value, json};
use valetkey_testkit::app::{Outcome, TestApp};

use super::steps::{account, good, post, read, refused};
use crate::fresh::world::World;

async fn connection(app: &TestApp, name: &str) -> Outcome<Value> {
    Ok(good(&app.call(Method::GET, &format!("/v1/connect/connections/{name}"), None).await?))
}

async fn create(app: &TestApp, provider: &str, name: &str) -> Outcome<String> {
    let body = json!({ "provider_key": provider, "key_id": name });
    let made = app.call(Method::POST, "/api/v1/connections", Some(body)).await?.json();
    Ok(made["connection"]["id"].as_str().ok_or("no id")?.to_owned())
}

#[tokio::test]
async fn s117_s118_s119_s120_the_status_of_a_connection_says_whether_it_works() -> Outcome<()> {
    let world = World::new().await?;
    let app = &world.app;
    let status = async |name: &str| {
        let shown = connection(app, name).await?;
        let text = |member: &str| shown[member].as_str().unwrap_or_default().to_owned();
        Outcome::Ok((text("status"), text("status_reason")))
    };
    assert_eq!(status("test").await?, ("CONNECTOR_STATUS_ACTIVE".into(), String::new()));
    create(app, "TESTPROVIDER", "draft").await?;
    let (pending, reason) = status("draft").await?;
    assert!(pending == "CONNECTOR_STATUS_PENDING" && reason.contains("client id"), "{reason}");
    let other = app.connection("other").await?;
    let path = format!("/api/v1/connections/{}:disable", other.id);
    assert_eq!(app.call(Method::PATCH, &path, Some(json!({}))).await?.status, 200);
    assert_eq!(status("other").await?, ("CONNECTOR_STATUS_INACTIVE".into(), "it is disabled".into()));
    world.connect("alice").await?;
    let id = app.account("test", "alice").await?["id"].as_str().ok_or("no id")?.to_owned();
    world.set_secret("wrong").await?;
    assert_eq!(post(app, &format!("accounts/{id}:refresh"), json!({})).await?.status, 400);
    let (error, reason) = status("test").await?;
    assert!(error == "CONNECTOR_STATUS_ERROR" && reason.contains("invalid_client"), "{reason}");
    assert_eq!(read(app, &id).await?["connector_status"], "CONNECTOR_STATUS_ERROR");
    Ok(())
}

#[tokio::test]
async fn s121_s122_s123_s124_the_type_of_a_connection_is_shown_with_it_and_with_its_accounts() -> Outcome<()>
{
    let app = TestApp::start().await?;
    for (provider, slug, kind) in [
        ("GMAIL", "gmail", "OAUTH2"),
        ("SLACK", "slack", "OAUTH2"),
        ("GITHUB", "github", "OAUTH2"),
        ("SENDGRID", "sendgrid", "API_KEY"),
        ("DATADOG", "datadog", "API_KEY"),
        ("ZENDESK", "zendesk", "BASIC_AUTH"),
    ] {
        let id = create(&app, provider, slug).await?;
        let shown = connection(&app, &id).await?;
        let kind = format!("CONNECTOR_TYPE_{kind}");
        assert_eq!(
            (&shown["type"], &shown["provider"], &shown["name"]),
            (&json!(kind), &json!(slug), &json!(slug))
        );
        let made = account(&app, slug, "user").await?;
        assert_eq!(read(&app, &made).await?["connector_type"], kind);
    }
    Ok(())
}

#[tokio::test]
async fn s124_connections_are_listed_by_provider_and_page_without_their_secrets() -> Outcome<()> {
    let app = TestApp::start().await?;
    let first = app.connection("test").await?;
    app.clock.advance(1);
    create(&app, "GMAIL", "Mail one").await?;
    app.clock.advance(1);
    create(&app, "GMAIL", "Mail two").await?;
    let list = async |query: &str| {
        Outcome::Ok(good(&app.call(Method::GET, &format!("/v1/connect/connections?{query}"), None).await?))
    };
    let names = |page: &Value| -> Vec<String> {
        let all = page["connections"].as_array().into_iter().flatten();
        all.map(|one| one["name"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names(&list("").await?), ["test", "Mail one", "Mail two"]);
    assert_eq!(names(&list("provider=gmail").await?), ["Mail one", "Mail two"]);
    assert_eq!(names(&list("provider=slack").await?), Vec::<String>::new());
    let page = list("provider=gmail&page_size=1").await?;
    let token = page["next_page_token"].as_str().ok_or("no token")?;
    assert_eq!(names(&list(&format!("provider=gmail&page_size=1&page_token={token}")).await?), ["Mail two"]);
    let by_name = connection(&app, "mail%20ONE").await?;
    assert_eq!(by_name["name"], "Mail one");
    let shown = connection(&app, first.id.as_str()).await?;
    assert_eq!(shown, connection(&app, "test").await?);
    assert_eq!(shown["redirect_uri"], first.redirect_uri.as_str());
    assert!(!list("").await?.to_string().contains("secret"), "{shown}");
    let unknown = app.call(Method::GET, "/v1/connect/connections/tset", None).await?;
    assert_eq!(unknown.status, 404);
    refused(&unknown, "CONNECTION_NOT_FOUND", "did you mean");
    Ok(())
}
