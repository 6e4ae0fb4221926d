//! A tour of everything that handles a secret, with every secret that was on the way.

use http::Method;
use serde_json::{Value, json};
use url::Url;
use valetkey_app::{client::CreateClient, environment::UpdateEnvironment};
use valetkey_core::environment::VerificationMode;
use valetkey_testkit::app::{Outcome, TestApp, approve};

/// What was a secret on the tour: a name for people, and the value.
pub(crate) type Secrets = Vec<(&'static str, String)>;

/// Walks through all flows. At the end a flow is under way and a credential is parked.
pub(crate) async fn walk(app: &TestApp) -> Outcome<Secrets> {
    let mut secrets = Secrets::new();
    app.provider.provider.register_client("test-client", Some("seeded-connection-secret-41c7"), &[]);
    let connection = app.connection("test").await?;
    app.connection_in(&app.operator(), "key", "TESTKEY").await?;
    let path = format!("/api/v1/connections/{}", connection.id);
    let body = json!({ "oauth_config": { "client_secret": "seeded-connection-secret-41c7" } });
    app.call(Method::PATCH, &path, Some(body)).await?;
    secrets.push(("secret of the connection", "seeded-connection-secret-41c7".into()));
    client(app, &mut secrets).await?;
    imports(app, &mut secrets).await?;
    consent(app, &mut secrets).await?;
    form(app, &mut secrets).await?;
    parked(app, &mut secrets).await?;
    let link = app.link_with(json!({
        "connector": "test", "identifier": "user-under-way", "user_verify_url": "https://app.example/verify",
    }));
    let arrived = app.arrive(&link.await?, "alice").await?;
    secrets.push(("state under way", arrived.parameter("state")));
    secrets.push(("code under way", arrived.parameter("code")));
    Ok(secrets)
}

async fn client(app: &TestApp, secrets: &mut Secrets) -> Outcome<()> {
    let request =
        CreateClient { environment: app.environment.id.clone(), name: "seeded".into(), permissions: vec![] };
    let made = app.app.create_client(request).await?;
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made.client.id,
        made.secret.expose()
    );
    let request = http::Request::post("/oauth/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())?;
    let token = app.send(request).await?.json()["access_token"].as_str().ok_or("no token")?.to_owned();
    secrets.push(("our client secret", made.secret.expose().to_owned()));
    secrets.push(("our access token", token));
    Ok(())
}

async fn imports(app: &TestApp, secrets: &mut Secrets) -> Outcome<()> {
    let accounts = "/api/v1/connected_accounts";
    let oauth = json!({ "connector": "test", "identifier": "user-imported", "connected_account": {
        "authorization_details": { "oauth_token": {
            "access_token": "seeded-imported-access-b60a", "refresh_token": "seeded-imported-refresh-07de" } },
        "api_config": { "custom_headers": { "x-seeded": "seeded-api-config-9c3e" } },
    } });
    let key = json!({ "connector": "key", "identifier": "user-key", "connected_account": {
        "authorization_details": { "static_auth": { "details": { "api_key": "seeded-imported-key-5d21" } } },
    } });
    for body in [oauth, key] {
        let answer = app.call(Method::POST, accounts, Some(body)).await?;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    secrets.extend([
        ("imported access token", "seeded-imported-access-b60a".into()),
        ("imported refresh token", "seeded-imported-refresh-07de".into()),
        ("api_config value", "seeded-api-config-9c3e".into()),
        ("imported key", "seeded-imported-key-5d21".into()),
    ]);
    Ok(())
}

async fn consent(app: &TestApp, secrets: &mut Secrets) -> Outcome<()> {
    let link = app.link_with(
        json!({ "connector": "test", "identifier": "user-oauth", "state": "seeded-app-state-f00b" }),
    );
    let link = link.await?;
    let mut arrived = app.arrive(&link, "alice").await?;
    assert_eq!(arrived.deliver().await?.status, 200);
    let request = app.provider.provider.token_requests().pop().ok_or("no token request")?;
    let cookie = arrived.browser.cookie(&Url::parse(&app.url)?, "vk_browser").ok_or("no cookie")?;
    secrets.extend([
        ("token of the link", token_of(&link)),
        ("state of the application", "seeded-app-state-f00b".into()),
        ("state", arrived.parameter("state")),
        ("code", arrived.parameter("code")),
        ("code verifier", request.parameter("code_verifier").ok_or("no verifier")?),
        ("token of the browser", cookie.to_owned()),
    ]);
    tokens(secrets, &app.account_with_credential("test", "user-oauth").await?);
    Ok(())
}

async fn form(app: &TestApp, secrets: &mut Secrets) -> Outcome<()> {
    let link = app.link("key", "user-form").await?;
    let mut browser = app.browser()?;
    browser.get(&link).await?;
    browser.submit("Connect", &[("api_key", "seeded-wrong-key-e8f1")]).await?;
    browser.submit("Connect", &[("api_key", "test-key-good")]).await?;
    secrets.extend([
        ("token of the key link", token_of(&link)),
        ("wrong key of the form", "seeded-wrong-key-e8f1".into()),
        ("key of the form", "test-key-good".into()),
    ]);
    Ok(())
}

/// Leaves a credential parked; its values are known after the user is confirmed.
async fn parked(app: &TestApp, secrets: &mut Secrets) -> Outcome<()> {
    let change = UpdateEnvironment {
        verification_mode: Some(VerificationMode::Custom),
        ..UpdateEnvironment::default()
    };
    app.app.update_environment(&app.environment.id, change).await?;
    let link = app.link_with(json!({
        "connector": "test", "identifier": "user-parked", "state": "seeded-parked-state-77aa",
        "user_verify_url": "https://app.example/verify",
    }));
    let mut browser = app.browser()?;
    browser.stop_before(Some("https://app.example/"));
    approve(&mut browser, &link.await?, "alice").await?;
    let end = browser.redirects().last().ok_or("no redirect")?;
    let id = end.query_pairs().find(|(name, _)| name == "auth_request_id").ok_or("no auth_request_id")?;
    secrets.push(("state of the parked request", "seeded-parked-state-77aa".into()));
    secrets.push((AUTH_REQUEST, id.1.into_owned()));
    Ok(())
}

const AUTH_REQUEST: &str = "auth_request_id";

/// Confirms the user whose credential is parked, and adds the tokens that were.
pub(crate) async fn confirm(app: &TestApp, secrets: &mut Secrets) -> Outcome<()> {
    let id = secrets.iter().find(|(name, _)| *name == AUTH_REQUEST).ok_or("no auth request")?;
    let body = json!({ "auth_request_id": id.1, "identifier": "user-parked" });
    let answer = app.call(Method::POST, "/api/v1/connected_accounts/user/verify", Some(body)).await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    tokens(secrets, &app.account_with_credential("test", "user-parked").await?);
    Ok(())
}

fn tokens(secrets: &mut Secrets, account: &Value) {
    let token = &account["authorization_details"]["oauth_token"];
    for name in ["access_token", "refresh_token"] {
        secrets.push((name, token[name].as_str().expect("the account has its tokens").to_owned()));
    }
}

fn token_of(link: &str) -> String {
    link.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The value as it may hide in another text: plain, as hexadecimal digits, in base64 wherever it begins there, and
/// percent-encoded in part or as a whole.
pub(crate) fn spellings(value: &str) -> Vec<String> {
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let hex = |before: &str| {
        let bytes: Vec<_> = value.bytes().map(|byte| format!("{before}{byte:02x}")).collect();
        bytes.concat()
    };
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let component = form.replace('+', "%20").replace("%7E", "~");
    let percent = [hex("%"), hex("%").to_uppercase(), form.clone(), form.to_lowercase(), component];
    let base64 = (0..3)
        .flat_map(|begin| [aligned(&STANDARD_NO_PAD, value, begin), aligned(&URL_SAFE_NO_PAD, value, begin)]);
    [value.to_owned(), hex(""), hex("").to_uppercase()].into_iter().chain(base64).chain(percent).collect()
}

/// What base64 makes of `value` after `begin` bytes of something else, without the characters that depend on what is
/// before and after it.
fn aligned(engine: &impl base64::Engine, value: &str, begin: usize) -> String {
    let text = engine.encode([&[0; 2][..begin], value.as_bytes()].concat());
    let (first, whole) = ((begin * 8).div_ceil(6), (begin + value.len()) * 8 / 6);
    text[first..whole].to_owned()
}

/// The secrets that can be found in `haystack`.
pub(crate) fn found(secrets: &Secrets, haystack: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(haystack);
    let hides = |value: &str| spellings(value).iter().any(|spelling| text.contains(spelling.as_str()));
    secrets.iter().filter(|(_, value)| value.len() >= 8 && hides(value)).map(|(name, _)| *name).collect()
}
