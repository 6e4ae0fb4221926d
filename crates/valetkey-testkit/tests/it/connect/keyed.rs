//! Requests with an Idempotency-Key.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::{Value, json};
use valetkey_testkit::app::{Answer, Outcome, TestApp};

/// A request below `/v1/connect` with a key, as anybody.
pub(super) async fn keyed_as(
    app: &TestApp,
    token: &str,
    key: &str,
    (method, path): (Method, &str),
    body: &Value,
) -> Outcome<Answer> {
    let request = Request::builder()
        .method(method)
        .uri(format!("/v1/connect/{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key);
    app.send(request.body(Body::from(body.to_string()))?).await
}

/// A POST below `/v1/connect` with a key.
pub(super) async fn keyed(app: &TestApp, key: &str, path: &str, body: &Value) -> Outcome<Answer> {
    keyed_as(app, app.token.expose(), key, (Method::POST, path), body).await
}

/// Makes an account with a key.
pub(super) async fn create(app: &TestApp, key: &str, identifier: &str) -> Outcome<Answer> {
    keyed(app, key, "accounts", &json!({ "connection_id": "test", "identifier": identifier })).await
}

/// Status and code of an error.
pub(super) fn code(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
}
