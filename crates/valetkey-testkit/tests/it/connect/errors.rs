//! Errors below `/v1/connect`: one flat object, whoever refuses.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::json;
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use super::steps::{account, begin, post};
use crate::fresh::world::World;

const MEMBERS: [&str; 6] = ["code", "details", "message", "next_action", "reason", "request_id"];

/// Checks the form of an error; its status, code, reason and next action.
#[track_caller]
fn flat(answer: &Answer) -> (u16, String, String, String) {
    let error = answer.json();
    let mut members: Vec<_> =
        error.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    members.sort_unstable();
    assert_eq!(members, MEMBERS, "{}", answer.text);
    let text = |name: &str| error[name].as_str().unwrap_or_else(|| panic!("{name}: {error}")).to_owned();
    assert!(!text("message").is_empty() && text("request_id").starts_with("req_"), "{error}");
    assert_eq!(answer.headers["x-request-id"], text("request_id").as_str());
    assert_eq!(answer.headers["content-type"], "application/json");
    (answer.status.as_u16(), text("code"), text("reason"), text("next_action"))
}

fn says(status: u16, code: &str, reason: &str, next_action: &str) -> (u16, String, String, String) {
    (status, code.into(), reason.into(), next_action.into())
}

async fn get(app: &TestApp, path: &str) -> Outcome<Answer> {
    app.call(Method::GET, &format!("/v1/connect/{path}"), None).await
}

/// A token that permits only this.
async fn token_with(app: &TestApp, permission: &str) -> Outcome<String> {
    let made = post(app, "tokens", json!({ "name": "narrow", "permissions": [permission] })).await?;
    Ok(made.json()["token"].as_str().ok_or("no token")?.to_owned())
}

#[tokio::test]
async fn s138_an_unknown_account_is_not_found_by_whatever_call() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = "ca_00000000000000000000000001";
    for path in ["", "/status", "/token-status", "/metadata", "/settings"] {
        let answer = get(&app, &format!("accounts/{id}{path}")).await?;
        assert_eq!(flat(&answer), says(404, "ACCOUNT_NOT_FOUND", "", "fix_request"), "{path}");
    }
    for verb in ["refresh", "suspend", "resume", "disconnect"] {
        let answer = post(&app, &format!("accounts/{id}:{verb}"), json!({})).await?;
        assert_eq!(flat(&answer), says(404, "ACCOUNT_NOT_FOUND", "", "fix_request"), "{verb}");
    }
    let strange = get(&app, "accounts/%27%20OR%201").await?;
    assert_eq!(flat(&strange), says(404, "ACCOUNT_NOT_FOUND", "", "fix_request"));
    Ok(())
}

#[tokio::test]
async fn s139_s140_an_account_that_does_not_work_says_why_and_what_to_do() -> Outcome<()> {
    let world = World::new().await?;
    let app = &world.app;
    world.connect("alice").await?;
    let id = app.account("test", "alice").await?["id"].as_str().ok_or("no id")?.to_owned();
    let refresh = async || post(app, &format!("accounts/{id}:refresh"), json!({})).await;
    world.refuse("invalid_grant");
    for _ in 0..2 {
        let expired = says(400, "ACCOUNT_EXPIRED", "refresh_failed", "reauthorize");
        assert_eq!(flat(&refresh().await?), expired);
    }
    post(app, &format!("accounts/{id}:disconnect"), json!({})).await?;
    let revoked = says(400, "ACCOUNT_REVOKED", "disconnected_on_request", "reauthorize");
    assert_eq!(flat(&refresh().await?), revoked);
    Ok(())
}

#[tokio::test]
async fn s141_a_token_that_does_not_permit_a_call_is_told_what_it_lacks() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let token = token_with(&app, "connected_accounts:read").await?;
    let path = format!("/v1/connect/accounts/{id}");
    assert_eq!(app.call_as(Some(&token), Method::GET, &path, None).await?.status, 200);
    let refused = app.call_as(Some(&token), Method::DELETE, &path, None).await?;
    assert_eq!(flat(&refused), says(403, "INVALID_PERMISSIONS", "", "ask_permission"));
    assert_eq!(refused.json()["details"][0]["description"], "connected_accounts:write");
    assert_eq!(get(&app, &format!("accounts/{id}")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn s142_every_refusal_has_the_same_form_and_a_code_by_which_the_unknown_can_be_told() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let anonymous = app.call_as(None, Method::GET, "/v1/connect/accounts", None).await?;
    assert_eq!(flat(&anonymous), says(401, "UNAUTHENTICATED", "", "authenticate"));
    assert_eq!(anonymous.headers["www-authenticate"], "Bearer");
    for path in ["nothing", "accounts/a/b/c", ""] {
        assert_eq!(
            flat(&get(&app, path).await?),
            says(404, "RESOURCE_NOT_FOUND", "", "fix_request"),
            "{path}"
        );
    }
    let method = app.call(Method::PATCH, "/v1/connect/accounts", None).await?;
    assert_eq!(flat(&method), says(405, "NOT_IMPLEMENTED", "", "fix_request"));
    let allowed = method.headers["allow"].to_str()?;
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    let query = get(&app, "accounts?colour=red&page_size=1001").await?;
    assert_eq!(flat(&query), says(400, "INVALID_ARGUMENT", "", "fix_request"));
    assert_eq!(query.json()["details"][0]["field"], "colour");
    let rule = get(&app, "accounts?page_size=1001").await?;
    assert_eq!(flat(&rule), says(400, "INVALID_ARGUMENT", "", "fix_request"));
    assert_eq!(rule.json()["details"][0]["field"], "page_size");
    let request = Request::post("/v1/connect/accounts")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token.expose()))
        .body(Body::from("{ not json"))?;
    assert_eq!(flat(&app.send(request).await?), says(400, "INVALID_ARGUMENT", "", "fix_request"));
    for (path, field) in
        [("accounts?identifier=a%00b", "identifier"), ("accounts?metadata=a%3D%00", "metadata[0]")]
    {
        let zero = get(&app, path).await?;
        assert_eq!(flat(&zero), says(400, "INVALID_ARGUMENT", "", "fix_request"));
        assert_eq!(zero.json()["details"][0]["field"], field);
    }
    let zero = post(&app, "accounts", json!({ "connection_id": "test", "identifier": "a\u{0}b" })).await?;
    assert_eq!(flat(&zero), says(400, "INVALID_ARGUMENT", "", "fix_request"));
    for depth in [29, 31, 100] {
        let deep = (0..depth).fold(json!(1), |inner, _| json!({ "k": inner }));
        let body = json!({ "metadata": deep });
        let deep =
            app.call(Method::PATCH, &format!("/v1/connect/accounts/{id}/metadata"), Some(body)).await?;
        assert_eq!(flat(&deep), says(400, "INVALID_ARGUMENT", "", "fix_request"), "{depth}");
    }
    let long = json!({ "metadata": { "text": "x".repeat(5 * 1024 * 1024) } });
    let long = app.call(Method::PATCH, &format!("/v1/connect/accounts/{id}/metadata"), Some(long)).await?;
    assert_eq!(flat(&long), says(400, "INVALID_ARGUMENT", "", "fix_request"));
    Ok(())
}

#[tokio::test]
async fn published_clients_see_the_codes_that_they_know() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let id = account(&app, "test", "user").await?;
    let code = |answer: &Answer| answer.json()["details"][0]["error_code"].clone();
    let older = async |path: &str| app.call(Method::GET, &format!("/api/v1/{path}"), None).await;
    assert_eq!(
        code(&older("connected_accounts/auth?connector=test&identifier=nobody").await?),
        "RESOURCE_NOT_FOUND"
    );
    assert_eq!(code(&older("connections/conn_00000000000000000000000001").await?), "RESOURCE_NOT_FOUND");
    let twice = json!({ "connector": "test", "identifier": "user", "connected_account": {} });
    let twice = app.call(Method::POST, "/api/v1/connected_accounts", Some(twice)).await?;
    assert_eq!((twice.status.as_u16(), code(&twice)), (409, json!("RESOURCE_ALREADY_EXISTS")));
    let scopes = json!({ "tool_name": "testprovider_nothing", "connected_account_id": id });
    let tool = app.call(Method::POST, "/api/v1/execute_tool", Some(scopes)).await?;
    assert_eq!(code(&tool), "RESOURCE_NOT_FOUND");
    let token = token_with(&app, "connected_accounts:read").await?;
    let refused = app.call_as(Some(&token), Method::GET, "/api/v1/organizations", None).await?;
    assert_eq!(code(&refused), "PERMISSION_DENIED");
    assert_eq!(refused.json()["details"].as_array().map(Vec::len), Some(1), "{}", refused.text);
    Ok(())
}

/// Calls an RPC about an account over gRPC; returns the status and its details.
async fn over_grpc(app: &TestApp, rpc: &str, id: &str) -> Outcome<(String, Vec<u8>)> {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
    let message = [&[0x0a, u8::try_from(id.len())?], id.as_bytes()].concat();
    let frame = [&[0, 0, 0, 0, u8::try_from(message.len())?], &message[..]].concat();
    let request = Request::post(format!("/valetkey.v1.AccountService/{rpc}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token.expose()))
        .header(header::CONTENT_TYPE, "application/grpc");
    let answer = app.send(request.body(Body::from(frame))?).await?;
    let header =
        |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let details = STANDARD_NO_PAD.decode(header("grpc-status-details-bin").trim_end_matches('='))?;
    Ok((header("grpc-status").to_owned(), details))
}

#[tokio::test]
async fn s138_s140_over_grpc_the_details_of_the_status_say_the_same() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let contains =
        |details: &[u8], text: &str| details.windows(text.len()).any(|part| part == text.as_bytes());
    let (status, details) = over_grpc(&app, "GetAccount", "ca_00000000000000000000000001").await?;
    assert_eq!(status, "5");
    for text in
        ["scalekit.v1.errdetails.ErrorInfo", "valetkey.v1.ErrorAnswer", "ACCOUNT_NOT_FOUND", "fix_request"]
    {
        assert!(contains(&details, text), "{text}");
    }
    let (status, details) = over_grpc(&app, "RefreshTokens", &id).await?;
    assert_eq!(status, "9");
    for text in ["ACCOUNT_PENDING", "not_authorized", "reauthorize"] {
        assert!(contains(&details, text), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn no_error_repeats_a_secret_of_the_request() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let secret = "s3cret-value-of-a-user";
    let bodies = [
        ("accounts".to_owned(), json!({ "connection_id": "test", "identifier": { "text": secret } })),
        (format!("accounts/{id}:exchange-code"), json!({ "code": secret, "state": "unknown" })),
    ];
    for (path, body) in bodies {
        let answer = post(&app, &path, body).await?;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.text);
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
    Ok(())
}
