//! Steps that tests of authorizations have in common.

use http::Method;
use serde_json::{Value, json};
use url::Url;
use valetkey_app::connection::UpdateConnection;
use valetkey_testkit::app::{Answer, Outcome, TestApp};

/// A callback of the application.
pub(super) const CALLBACK: &str = "http://localhost:3000/callback";

pub(super) async fn post(app: &TestApp, path: &str, body: Value) -> Outcome<Answer> {
    app.call(Method::POST, &format!("/v1/connect/{path}"), Some(body)).await
}

/// The answer of a request that succeeds.
pub(super) fn good(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// A request is refused with this code, and its message says so.
#[track_caller]
pub(super) fn refused(answer: &Answer, code: &str, says: &str) {
    assert!(answer.status.is_client_error(), "{} {}", answer.status, answer.text);
    assert!(answer.text.contains(&format!("\"{code}\"")) && answer.text.contains(says), "{}", answer.text);
}

/// The connection `test`, which allows [`CALLBACK`], and an account of it.
pub(super) async fn begin(app: &TestApp) -> Outcome<String> {
    app.connection("test").await?;
    allow(app, "test", &[CALLBACK]).await?;
    account(app, "test", "user_123").await
}

/// Sets the callbacks of a connection.
pub(super) async fn allow(app: &TestApp, connection: &str, uris: &[&str]) -> Outcome<Answer> {
    let path = format!("/v1/connect/connections/{connection}/redirect-uris");
    app.call(Method::PUT, &path, Some(json!({ "redirect_uris": uris }))).await
}

/// A pending account; its id.
pub(super) async fn account(app: &TestApp, connection: &str, identifier: &str) -> Outcome<String> {
    let body = json!({ "connection_id": connection, "identifier": identifier });
    id(&good(&post(app, "accounts", body).await?))
}

fn id(account: &Value) -> Outcome<String> {
    Ok(account["id"].as_str().ok_or("the account has no id")?.to_owned())
}

/// An account as it is.
pub(super) async fn read(app: &TestApp, account: &str) -> Outcome<Value> {
    Ok(good(&app.call(Method::GET, &format!("/v1/connect/accounts/{account}"), None).await?))
}

/// Asks for the address of an account.
pub(super) async fn auth_url(app: &TestApp, account: &str, body: Value) -> Outcome<Answer> {
    post(app, &format!("accounts/{account}:auth-url"), body).await
}

/// The address at the provider, with [`CALLBACK`] and this state of the application.
pub(super) async fn address(app: &TestApp, account: &str, state: &str) -> Outcome<Url> {
    let answer = auth_url(app, account, json!({ "redirect_uri": CALLBACK, "state": state })).await?;
    Ok(good(&answer)["url"].as_str().ok_or("no url")?.parse()?)
}

/// What `user` does at the provider; returns the callback, which is not delivered.
pub(super) async fn consent(app: &TestApp, url: &Url, user: &str) -> Outcome<Url> {
    let mut browser = app.browser()?;
    browser.stop_before(Some("/callback?"));
    browser.get(url.as_str()).await?;
    browser.submit("Approve", &[("user", user)]).await?;
    Ok(browser.redirects().last().ok_or("the provider does not call back")?.clone())
}

/// A parameter of an address; empty where it has none.
pub(super) fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(given, _)| given == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The request that passes a callback on.
pub(super) fn brought(callback: &Url) -> Value {
    let value = |name| parameter(callback, name);
    json!({ "code": value("code"), "state": value("state"), "iss": value("iss") })
}

/// Passes a callback on.
pub(super) async fn exchange(app: &TestApp, account: &str, body: Value) -> Outcome<Answer> {
    post(app, &format!("accounts/{account}:exchange-code"), body).await
}

/// Consents as `user` and passes the callback on.
pub(super) async fn authorize(app: &TestApp, account: &str, user: &str) -> Outcome<Answer> {
    let callback = consent(app, &address(app, account, "").await?, user).await?;
    exchange(app, account, brought(&callback)).await
}

/// How often the token endpoint was called.
pub(super) fn token_requests(app: &TestApp) -> usize {
    app.provider.provider.token_requests().len()
}

/// Changes the scopes of the connection `test`.
pub(super) async fn set_scopes(app: &TestApp, scopes: &[&str]) -> Outcome<()> {
    let operator = app.operator();
    let connection = app.app.connection_named(&operator, "test").await?;
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let change = Box::new(move |config: &mut valetkey_app::connection::ConnectionConfig, _: &mut _| {
        config.scopes = Some(scopes);
        Ok(())
    });
    app.app
        .update_connection(&operator, connection.id.as_str(), UpdateConnection { name: None, change })
        .await?;
    Ok(())
}
