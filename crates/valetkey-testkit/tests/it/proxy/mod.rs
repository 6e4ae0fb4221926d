//! Calls that are passed on to an API.

mod client;
mod errors;
mod limits;
mod memory;
mod passing;
mod placement;
mod record;
mod redirects;
mod refused;
mod secrets;
mod shared;
mod signed;
mod smuggling;
mod streaming;
mod unauthorized;

use axum::body::Body;
use http::{HeaderName, Method, Request, header::AUTHORIZATION, request::Builder};
use serde_json::{Value, json};
use valetkey_core::settings::AccountSettings;
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use crate::fresh::world::{World, address};

/// A server with the account of alice, connected.
async fn with_alice() -> Outcome<World> {
    let world = World::new().await?;
    world.connect("alice").await?;
    Ok(world)
}

/// A request of the first environment's client for the account of alice. `path` is that of the provider.
fn to(app: &TestApp, method: Method, path: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(format!("/proxy{path}"))
        .header(AUTHORIZATION, format!("Bearer {}", app.token.expose()))
        .header("Connection_name", "test")
        .header("identifier", "alice")
}

/// The answer to a request without a body.
async fn get(app: &TestApp, path: &str) -> Outcome<Answer> {
    app.send(to(app, Method::GET, path).body(Body::empty())?).await
}

/// What the provider received, from `/api/request`.
async fn shown(app: &TestApp, request: Request<Body>) -> Outcome<Value> {
    let answer = app.send(request).await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    Ok(answer.json())
}

/// The values of a header that the provider received.
fn values<'a>(shown: &'a Value, name: &str) -> Vec<&'a str> {
    let lines = shown["headers"].as_array().expect("headers are shown");
    lines.iter().filter(|line| line[0] == name).filter_map(|line| line[1].as_str()).collect()
}

/// The code of an error of this server.
fn code(answer: &Answer) -> (u16, String) {
    let code = answer.json()["details"][0]["error_code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code)
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(HeaderName::from_bytes(name.as_bytes()).unwrap()).and_then(|value| value.to_str().ok())
}

async fn set(world: &World, settings: AccountSettings) -> Outcome<()> {
    world.app.app.set_account_settings(&world.app.operator(), &address("alice"), settings).await?;
    Ok(())
}

/// A server with a connector whose credential stands at `place`, and alice's account with these details.
async fn with_static(place: &str, details: Value) -> Outcome<TestApp> {
    let names = details.as_object().expect("details are an object").keys();
    let fields: Vec<String> = names
        .map(|name| {
            format!(
                "{{name: {name}, label: {name}, input: {}}}",
                if name == "email" { "text" } else { "password" }
            )
        })
        .collect();
    let auth = place.replace("FIELDS", &format!("[{}]", fields.join(", ")));
    let text = format!(
        "slug: placed\nprovider_key: PLACED\nname: Placed\ndescription: A service with keys.\n\
         auth: {auth}\napi: {{base_url: \"http://127.0.0.1:8444/api\", headers: {{x-version: \"7\"}}}}\n"
    );
    let options = valetkey_testkit::app::TestAppOptions {
        connectors: vec![("placed/connector.yaml".into(), text)],
        ..Default::default()
    };
    let app = TestApp::with(options).await?;
    app.connection_in(&app.operator(), "test", "PLACED").await?;
    let body = json!({ "connector": "test", "identifier": "alice",
        "connected_account": { "authorization_details": { "static_auth": { "details": details } } } });
    let made = app.call(Method::POST, "/api/v1/connected_accounts", Some(body)).await?;
    assert_eq!(made.json()["connected_account"]["status"], "ACTIVE", "{}", made.text);
    Ok(app)
}
