//! API clients: their secrets, their tokens, and what they may do.

use http::{Method, Request};
use serde_json::json;
use valetkey_app::client::{CreateClient, NewSecret, SECRET_PREFIX};
use valetkey_core::Secret;
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use crate::database;

async fn new_client(app: &TestApp, permissions: &[&str]) -> Outcome<NewSecret> {
    let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
    let (environment, name) = (app.environment.id.clone(), "client".into());
    Ok(app.app.create_client(CreateClient { environment, name, permissions }).await?)
}

async fn sign_in(app: &TestApp, id: &str, secret: &Secret) -> Outcome<Answer> {
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret.expose())];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post("/oauth/token")
        .header("content-type", "application/x-www-form-urlencoded")
        // Published clients send an old token along.
        .header("authorization", "Bearer an-old-token")
        .body(body.into())?;
    app.send(request).await
}

async fn token(app: &TestApp, made: &NewSecret) -> Outcome<String> {
    let answer = sign_in(app, made.client.id.as_str(), &made.secret).await?;
    Ok(answer.json()["access_token"].as_str().ok_or(answer.text)?.to_owned())
}

async fn status_with(app: &TestApp, token: &str) -> Outcome<u16> {
    let list = app.call_as(Some(token), Method::GET, "/api/v1/connected_accounts", None).await?;
    Ok(list.status.as_u16())
}

#[tokio::test]
async fn t59_a_client_secret_is_stored_hashed_and_can_be_recognised() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = new_client(&app, &[]).await?;
    let secret = made.secret.expose();
    assert!(secret.starts_with(SECRET_PREFIX) && secret.len() >= 43 + SECRET_PREFIX.len() + 6, "{secret}");
    let dump = database::dump(&app)?;
    assert!(!String::from_utf8_lossy(&dump).contains(secret));
    let hashes = database::blobs(&app, "SELECT hash FROM client_secrets").await?;
    assert!(hashes.iter().all(|hash| hash.len() == 32));
    let another = new_client(&app, &[]).await?;
    let checksum = |secret: &str| secret[secret.len() - 6..].to_owned();
    assert_ne!(checksum(secret), checksum(another.secret.expose()));
    assert!(checksum(secret).bytes().all(|byte| byte.is_ascii_hexdigit()));
    Ok(())
}

#[tokio::test]
async fn t59_the_last_use_of_a_client_is_known() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = new_client(&app, &[]).await?;
    assert_eq!(app.app.client(&app.environment.id, &made.client.id).await?.0.last_used_at, None);
    app.clock.advance(60);
    token(&app, &made).await?;
    let used = app.app.client(&app.environment.id, &made.client.id).await?.0.last_used_at;
    assert_eq!(used, Some(app.app.now()));
    Ok(())
}

#[tokio::test]
async fn t59_a_revoked_client_is_out_within_a_second_on_every_server() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = new_client(&app, &["connected_accounts:read"]).await?;
    let token = token(&app, &made).await?;
    assert_eq!(status_with(&app, &token).await?, 200);
    let mut tx = app.pool.begin().await?;
    // As another server would do it, which cannot reach the memory of this one.
    valetkey_store::client::revoke(&mut tx, &app.environment.id, &made.client.id, app.app.now()).await?;
    tx.commit().await?;
    app.clock.advance(1);
    assert_eq!(status_with(&app, &token).await?, 401);
    assert_eq!(sign_in(&app, made.client.id.as_str(), &made.secret).await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn t59_revoking_works_at_once_on_the_same_server() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = new_client(&app, &["connected_accounts:read"]).await?;
    let token = token(&app, &made).await?;
    assert_eq!(status_with(&app, &token).await?, 200);
    app.app.revoke_client(&app.environment.id, &made.client.id).await?;
    assert_eq!(status_with(&app, &token).await?, 401);
    Ok(())
}

#[tokio::test]
async fn t59_after_a_rotation_both_secrets_work_until_the_overlap_ends() -> Outcome<()> {
    let app = TestApp::start().await?;
    let old = new_client(&app, &[]).await?;
    let new = app.app.rotate_client_secret(&app.environment.id, &old.client.id, Some(3600)).await?;
    let id = old.client.id.as_str();
    app.clock.advance(3599);
    assert_eq!(sign_in(&app, id, &old.secret).await?.status, 200);
    assert_eq!(sign_in(&app, id, &new.secret).await?.status, 200);
    app.clock.advance(1);
    assert_eq!(sign_in(&app, id, &old.secret).await?.status, 401);
    assert_eq!(sign_in(&app, id, &new.secret).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn t59_an_access_token_ends_with_its_time() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = new_client(&app, &["connected_accounts:read"]).await?;
    let token = token(&app, &made).await?;
    app.clock.advance(3599);
    assert_eq!(status_with(&app, &token).await?, 200);
    app.clock.advance(1);
    assert_eq!(status_with(&app, &token).await?, 401);
    Ok(())
}

#[tokio::test]
async fn the_token_endpoint_ignores_authorization_and_answers_401_as_json() -> Outcome<()> {
    let app = TestApp::start().await?;
    let made = new_client(&app, &[]).await?;
    let good = sign_in(&app, made.client.id.as_str(), &made.secret).await?;
    assert_eq!((good.status.as_u16(), good.json()["token_type"].as_str()), (200, Some("Bearer")));
    assert_eq!(good.headers["cache-control"], "no-store");
    let other = new_client(&app, &[]).await?;
    let unknown = "skc_00000000000000000000000000";
    for (id, secret) in [
        (made.client.id.as_str(), Secret::from("wrong")),
        (made.client.id.as_str(), other.secret.clone()),
        (unknown, made.secret.clone()),
        ("", made.secret.clone()),
    ] {
        let refused = sign_in(&app, id, &secret).await?;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["error"].as_str()),
            (401, Some("invalid_client"))
        );
        assert!(refused.headers["content-type"].to_str()?.starts_with("application/json"));
    }
    Ok(())
}

#[tokio::test]
async fn without_a_good_token_everything_is_unauthenticated_first() -> Outcome<()> {
    let app = TestApp::start().await?;
    let forged = "eyJhbGciOiJub25lIiwia2lkIjoiayJ9.eyJjbGllbnRfaWQiOiJ4In0.";
    let calls = [
        (Method::GET, "/api/v1/connected_accounts/auth"),
        (Method::POST, "/api/v1/connected_accounts"),
        (Method::POST, "/api/v1/connected_accounts/magic_link"),
        (Method::GET, "/api/v1/connections/not-an-id"),
        (Method::GET, "/api/v1/connected_accounts?page_size=100000"),
    ];
    for token in [None, Some(""), Some("wrong"), Some(forged)] {
        for (method, path) in &calls {
            let body = (*method == Method::POST).then(|| json!({ "connector": "!", "unknown": 1 }));
            let answer = app.call_as(token, method.clone(), path, body).await?;
            assert_eq!(answer.status, 401, "{token:?} {path}: {}", answer.text);
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
            assert!(answer.text.contains("UNAUTHENTICATED"), "{}", answer.text);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_client_does_what_its_permissions_say_and_no_more() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let token = token(&app, &new_client(&app, &["connected_accounts:read"]).await?).await?;
    assert_eq!(status_with(&app, &token).await?, 200);
    let body = json!({ "connector": "test", "identifier": "user", "connected_account": {} });
    let refused = app.call_as(Some(&token), Method::POST, "/api/v1/connected_accounts", Some(body)).await?;
    assert_eq!((refused.status.as_u16(), refused.text.contains("PERMISSION_DENIED")), (403, true));
    assert_eq!(app.account("test", "user").await?, json!(null));
    Ok(())
}

#[tokio::test]
async fn without_the_permission_accounts_come_without_tokens() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    app.connect("test", "user", "alice").await?;
    let with = app.account_with_credential("test", "user").await?;
    let secret = with["authorization_details"]["oauth_token"]["access_token"].as_str().ok_or("no token")?;
    let permissions = ["connected_accounts:read", "connected_accounts:write"];
    let token = token(&app, &new_client(&app, &permissions).await?).await?;
    let path = "/api/v1/connected_accounts/auth?connector=test&identifier=user";
    let read = app.call_as(Some(&token), Method::GET, path, None).await?;
    let body = json!({ "connector": "test", "identifier": "user", "connected_account": {} });
    let write = app.call_as(Some(&token), Method::PUT, "/api/v1/connected_accounts", Some(body)).await?;
    for answer in [read, write] {
        assert_eq!((answer.status.as_u16(), answer.text.contains(secret)), (200, false));
        let account = &answer.json()["connected_account"];
        assert_eq!((&account["status"], &account["id"]), (&json!("ACTIVE"), &with["id"]));
        let details = &account["authorization_details"]["oauth_token"];
        assert_eq!(details["scopes"], json!(["profile", "read"]), "the kind and the scopes are there");
    }
    let reads = |journal: &[(String, serde_json::Value)]| {
        journal.iter().filter(|(kind, _)| kind == "credential.read").count()
    };
    assert_eq!(reads(&app.journal(&with).await?), 1, "each reading of a credential is journalled");
    Ok(())
}
