//! Authorizations that come back to the application's own callback.

use http::Method;
use serde_json::{Value, json};
use valetkey_app::connection::CreateConnection;
use valetkey_core::connector::AuthScheme;
use valetkey_testkit::{
    app::{Outcome, TestApp, TestAppOptions, approve},
    provider::Misbehaviour,
};

use super::steps::{
    CALLBACK, account, address, allow, auth_url, authorize, begin, brought, consent, exchange, good,
    parameter, post, read, refused, set_scopes, token_requests,
};
use crate::database;

#[tokio::test]
async fn s61_s62_the_address_is_the_providers_and_carries_what_the_standard_says() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let body = json!({ "state": "custom_state_value", "redirect_uri": CALLBACK, "scopes": ["read"] });
    let answer = good(&auth_url(&app, &id, body).await?);
    let url = answer["url"].as_str().ok_or("no url")?.parse()?;
    assert!(answer["expires_at"].is_string());
    assert!(answer["url"].as_str().is_some_and(|url| url.starts_with(&app.provider.base_url)), "{answer}");
    assert_eq!(parameter(&url, "client_id"), "test-client");
    assert_eq!(parameter(&url, "redirect_uri"), CALLBACK);
    assert_eq!(parameter(&url, "scope"), "read");
    assert_eq!(parameter(&url, "response_type"), "code");
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    let state = parameter(&url, "state");
    let (random, own) = state.split_once('.').ok_or("the state has no dot")?;
    assert_eq!((random.len(), own), (43, "custom_state_value"), "256 random bits and the application's own");
    Ok(())
}

#[tokio::test]
async fn s63_s89_the_code_makes_the_account_active_and_the_own_state_comes_back() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let callback = consent(&app, &address(&app, &id, "custom_state_value").await?, "alice").await?;
    assert!(callback.as_str().starts_with(CALLBACK));
    let done = good(&exchange(&app, &id, brought(&callback)).await?);
    assert_eq!(done["state"], "custom_state_value");
    let account = &done["account"];
    assert_eq!((&account["id"], &account["status"]), (&json!(id), &json!("active")));
    assert_eq!(account["metadata"]["user_email"], "alice@example.test");
    assert_eq!(account["scopes"], json!(["profile", "read"]));
    let request = app.provider.provider.token_requests().pop().ok_or("no token request")?;
    let sent = |name: &str| request.parameter(name);
    assert_eq!(sent("redirect_uri").as_deref(), Some(CALLBACK));
    assert_eq!(sent("code_verifier").map(|verifier| verifier.len()), Some(43));
    assert!(!done.to_string().contains("access_token"));
    Ok(())
}

#[tokio::test]
async fn s63_a_state_works_once_also_for_requests_at_the_same_time() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    let body = brought(&callback);
    let one = || exchange(&app, &id, body.clone());
    let (first, second, third) = tokio::join!(one(), one(), one());
    let answers = [first?, second?, third?];
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let spent = answers.iter().find(|answer| answer.status != 200).ok_or("all went through")?;
    refused(spent, "INVALID_STATE", "used before");
    assert_eq!(token_requests(&app), 1);
    refused(&one().await?, "INVALID_STATE", "used before");
    assert_eq!(read(&app, &id).await?["status"], "active");
    Ok(())
}

#[tokio::test]
async fn a_state_that_was_changed_in_any_part_is_unknown() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let callback = consent(&app, &address(&app, &id, "mine").await?, "alice").await?;
    let state = parameter(&callback, "state");
    let random = state.trim_end_matches(".mine");
    for wrong in [format!("{random}.other"), random.to_owned(), "x".to_owned(), format!("{state}.mine")] {
        let mut body = brought(&callback);
        body["state"] = json!(wrong);
        refused(&exchange(&app, &id, body).await?, "INVALID_STATE", "whole");
    }
    assert_eq!(token_requests(&app), 0);
    assert_eq!(
        exchange(&app, &id, brought(&callback)).await?.status,
        200,
        "nothing was spent by the attempts"
    );
    Ok(())
}

#[tokio::test]
async fn a_state_of_another_account_does_nothing_and_is_journalled() -> Outcome<()> {
    let app = TestApp::start().await?;
    let mine = begin(&app).await?;
    let theirs = account(&app, "test", "other").await?;
    let callback = consent(&app, &address(&app, &theirs, "").await?, "bob").await?;
    refused(
        &exchange(&app, &mine, brought(&callback)).await?,
        "INVALID_STATE",
        "no authorization of this account",
    );
    assert_eq!(token_requests(&app), 0);
    let journal = app.journal(&json!({ "id": theirs })).await?;
    assert!(
        journal
            .iter()
            .any(|(kind, details)| kind == "callback.refused" && details["reason"] == "other_account")
    );
    assert_eq!(exchange(&app, &theirs, brought(&callback)).await?.status, 200);
    assert_eq!(read(&app, &mine).await?["status"], "pending");
    Ok(())
}

#[tokio::test]
async fn t05_a_state_of_another_environment_is_as_unknown_as_its_account() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    let (_, token) = app.another_environment("other").await?;
    for (verb, body) in [("exchange-code", brought(&callback)), ("auth-url", json!({}))] {
        let path = format!("/v1/connect/accounts/{id}:{verb}");
        let answer = app.call_as(Some(token.expose()), Method::POST, &path, Some(body)).await?;
        refused(&answer, "ACCOUNT_NOT_FOUND", "not found");
    }
    assert_eq!(token_requests(&app), 0);
    Ok(())
}

#[tokio::test]
async fn t15_a_state_works_at_the_callback_that_it_was_made_for_only() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let hosted = app.arrive(&app.link("test", "user_123").await?, "alice").await?;
    refused(&exchange(&app, &id, brought(&hosted.callback)).await?, "INVALID_STATE", "no authorization");
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    let mut ours = hosted.callback.clone();
    ours.set_query(callback.query());
    let mut browser = hosted.browser;
    browser.stop_before(None);
    assert_eq!(browser.get(ours.as_str()).await?.status, 400, "the hosted callback does not know it");
    assert_eq!(token_requests(&app), 0);
    assert_eq!(exchange(&app, &id, brought(&callback)).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn t13_a_late_code_is_refused_and_the_flow_is_swept() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    app.clock.advance(15 * 60);
    refused(&exchange(&app, &id, brought(&callback)).await?, "INVALID_STATE", "too late");
    address(&app, &id, "").await?;
    app.clock.advance(15 * 60);
    assert_eq!((app.app.sweep().await?, app.app.sweep().await?), (1, 0), "a flow nobody came back from");
    app.clock.advance(8 * 86_400);
    app.app.sweep().await?;
    assert!(database::blobs(&app, "SELECT state_hash FROM flows").await?.is_empty());
    assert_eq!(token_requests(&app), 0);
    Ok(())
}

#[tokio::test]
async fn the_newest_address_of_an_account_is_the_one_that_works() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let mut hosted = app.arrive(&app.link("test", "user_123").await?, "bob").await?;
    let first = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    let second = consent(&app, &address(&app, &id, "").await?, "bob").await?;
    refused(&exchange(&app, &id, brought(&first)).await?, "INVALID_STATE", "newer");
    let done = good(&exchange(&app, &id, brought(&second)).await?);
    assert_eq!(done["account"]["metadata"]["user_email"], "bob@example.test");
    assert_eq!(hosted.deliver().await?.status, 200, "a link is another way, which stays open");
    Ok(())
}

#[tokio::test]
async fn another_user_of_the_provider_does_not_take_an_account_over_with_a_code() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    good(&exchange(&app, &id, brought(&callback)).await?);
    let callback = consent(&app, &address(&app, &id, "").await?, "bob").await?;
    let answer = exchange(&app, &id, brought(&callback)).await?;
    refused(&answer, "USER_MISMATCH", "disconnect the account first");
    assert_eq!(answer.status, 403);
    let kept = read(&app, &id).await?;
    assert_eq!(
        (&kept["status"], &kept["metadata"]["user_email"]),
        (&json!("active"), &json!("alice@example.test"))
    );
    refused(&exchange(&app, &id, brought(&callback)).await?, "INVALID_STATE", "used before");
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    good(&exchange(&app, &id, brought(&callback)).await?);
    Ok(())
}

#[tokio::test]
async fn a_code_that_the_provider_refuses_leaves_the_account_as_it_was() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    let mut body = brought(&callback);
    body["code"] = json!("code_that_was_never_issued");
    let answer = exchange(&app, &id, body).await?;
    refused(&answer, "EXCHANGE_FAILED", "invalid_grant");
    assert!(!answer.text.contains("code_that_was_never_issued"), "{}", answer.text);
    assert_eq!(read(&app, &id).await?["status"], "pending");
    refused(&exchange(&app, &id, brought(&callback)).await?, "INVALID_STATE", "used before");
    for (wrong, code) in [
        (Misbehaviour::TokenServerError { status: 503 }, "EXCHANGE_FAILED"),
        (Misbehaviour::TokenHtml200, "EXCHANGE_FAILED"),
        (Misbehaviour::UnknownTokenType, "EXCHANGE_FAILED"),
        (Misbehaviour::InvalidClient, "CONNECTION_MISCONFIGURED"),
    ] {
        app.provider.provider.misbehave(wrong);
        refused(&authorize(&app, &id, "alice").await?, code, "GetAuthUrl");
        app.provider.provider.behave();
        assert_eq!(read(&app, &id).await?["status"], "pending");
    }
    assert_eq!(good(&authorize(&app, &id, "alice").await?)["account"]["status"], "active");
    Ok(())
}

#[tokio::test]
async fn t07_only_listed_callbacks_are_used_and_they_are_compared_character_by_character() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    for wrong in [
        "http://localhost:3000/callback/",
        "http://localhost:3001/callback",
        "http://LOCALHOST:3000/callback",
        "http://localhost:3000/callback?x=1",
        "http://127.0.0.1:3000/callback",
        "https://evil.example/",
    ] {
        let answer = auth_url(&app, &id, json!({ "redirect_uri": wrong })).await?;
        refused(&answer, "REDIRECT_URL_NOT_ALLOWED", "test");
        assert!(!answer.text.contains(wrong), "an address is not repeated: {}", answer.text);
    }
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    assert_eq!(allow(&app, "test", &[]).await?.status, 200);
    refused(
        &auth_url(&app, &id, json!({ "redirect_uri": CALLBACK })).await?,
        "REDIRECT_URL_NOT_ALLOWED",
        "test",
    );
    assert_eq!(exchange(&app, &id, brought(&callback)).await?.status, 200, "what is under way is completed");
    Ok(())
}

#[tokio::test]
async fn the_list_of_callbacks_is_shown_and_holds_only_what_codes_may_be_sent_to() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    let uris = ["https://your-app.com/callback", CALLBACK];
    let set = good(&allow(&app, "test", &uris).await?);
    assert_eq!(set["allowed_redirect_uris"], json!(uris));
    let path = format!("/v1/connect/connections/{}", connection.id);
    let shown = good(&app.call(Method::GET, &path, None).await?);
    assert_eq!(shown["allowed_redirect_uris"], json!(uris));
    for wrong in
        ["http://app.example/", "https://app.example/#x", "app://callback", "https://u:p@app.example/"]
    {
        refused(&allow(&app, "test", &[wrong]).await?, "INVALID_ARGUMENT", "https");
    }
    assert_eq!(good(&app.call(Method::GET, &path, None).await?)["allowed_redirect_uris"], json!(uris));
    assert_eq!(allow(&app, "conn_unknown", &uris).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_connection_that_is_off_or_incomplete_and_a_suspended_account_authorize_nobody() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let connection = app.app.connection_named(&app.operator(), "test").await?.id;
    let ask = || auth_url(&app, &id, json!({ "redirect_uri": CALLBACK }));
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    app.app.enable_connection(&app.operator(), connection.as_str(), false).await?;
    refused(&ask().await?, "CONNECTION_DISABLED", "enable");
    refused(&exchange(&app, &id, brought(&callback)).await?, "CONNECTION_DISABLED", "enable");
    app.app.enable_connection(&app.operator(), connection.as_str(), true).await?;

    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    good(&post(&app, &format!("accounts/{id}:suspend"), json!({})).await?);
    refused(&ask().await?, "ACCOUNT_SUSPENDED", "resume");
    refused(&exchange(&app, &id, brought(&callback)).await?, "ACCOUNT_SUSPENDED", "resume");
    assert_eq!(token_requests(&app), 0);
    good(&post(&app, &format!("accounts/{id}:resume"), json!({})).await?);
    assert_eq!(exchange(&app, &id, brought(&callback)).await?.status, 200, "the state was not spent");

    let draft = CreateConnection {
        provider_key: "TESTPROVIDER".into(),
        name: Some("draft".into()),
        ..CreateConnection::default()
    };
    app.app.create_connection(&app.operator(), draft).await?;
    allow(&app, "draft", &[CALLBACK]).await?;
    let draft = account(&app, "draft", "user").await?;
    let answer = auth_url(&app, &draft, json!({ "redirect_uri": CALLBACK })).await?;
    refused(&answer, "CONNECTION_INCOMPLETE", "client_id");
    Ok(())
}

#[tokio::test]
async fn t06_a_code_without_the_announced_issuer_or_with_another_goes_nowhere() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    for issuer in [None, Some("https://other-issuer.example"), Some("")] {
        let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
        let mut body = brought(&callback);
        body["iss"] = json!(issuer);
        refused(&exchange(&app, &id, body).await?, "ISSUER_MISMATCH", &app.provider.base_url);
    }
    assert_eq!(token_requests(&app), 0);
    assert_eq!(read(&app, &id).await?["status"], "pending");
    Ok(())
}

#[tokio::test]
async fn an_active_account_keeps_its_credential_until_the_new_one_is_there() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    good(&authorize(&app, &id, "alice").await?);
    let before = app.account_with_credential("test", "user_123").await?;
    let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
    assert_eq!(read(&app, &id).await?["status"], "active", "while the user is away");
    let mut wrong = brought(&callback);
    wrong["code"] = json!("wrong");
    refused(&exchange(&app, &id, wrong).await?, "EXCHANGE_FAILED", "invalid_grant");
    let token = |account: &Value| account["authorization_details"]["oauth_token"]["access_token"].clone();
    let still = app.account_with_credential("test", "user_123").await?;
    assert_eq!((&still["status"], token(&still)), (&json!("ACTIVE"), token(&before)));
    good(&authorize(&app, &id, "alice").await?);
    let after = app.account_with_credential("test", "user_123").await?;
    assert_ne!(token(&after), token(&before));
    Ok(())
}

#[tokio::test]
async fn x7_without_a_callback_of_its_own_the_application_gets_the_hosted_page() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let answer = good(&auth_url(&app, &id, json!({ "state": "mine" })).await?);
    let url = answer["url"].as_str().ok_or("no url")?;
    assert!(url.starts_with(&format!("{}/connect/", app.url)), "{url}");
    assert!(approve(&mut app.browser()?, url, "alice").await?.title.contains("connected"));
    assert_eq!(read(&app, &id).await?["status"], "active");
    let both = json!({ "redirect_uri": CALLBACK, "user_verify_url": "https://app.example/verify" });
    refused(&auth_url(&app, &id, both).await?, "INVALID_ARGUMENT", "user_verify_url");
    Ok(())
}

#[tokio::test]
async fn x8_an_account_narrows_the_scopes_of_its_connection_and_never_widens_them() -> Outcome<()> {
    let app = TestApp::start().await?;
    begin(&app).await?;
    set_scopes(&app, &["profile", "email", "read"]).await?;
    let body = json!({ "connection_id": "test", "identifier": "narrow", "scopes": ["read"] });
    let id = good(&post(&app, "accounts", body).await?)["id"].as_str().ok_or("no id")?.to_owned();
    let asked = async |scopes: Value| -> Outcome<String> {
        let answer = auth_url(&app, &id, json!({ "redirect_uri": CALLBACK, "scopes": scopes })).await?;
        Ok(parameter(&good(&answer)["url"].as_str().ok_or("no url")?.parse()?, "scope"))
    };
    assert_eq!(asked(json!([])).await?, "read", "those of the account");
    assert_eq!(asked(json!(["email"])).await?, "email read", "an additional one");
    let more = auth_url(&app, &id, json!({ "redirect_uri": CALLBACK, "scopes": ["write"] })).await?;
    refused(&more, "INVALID_SCOPE", "write");
    good(&authorize(&app, &id, "alice").await?);
    assert_eq!(read(&app, &id).await?["scopes"], json!(["read"]), "as the provider has granted");
    set_scopes(&app, &["profile", "email"]).await?;
    assert_eq!(asked(json!([])).await?, "", "what the connection does not have any more is not asked for");
    Ok(())
}

#[tokio::test]
async fn a_connection_whose_users_fill_in_a_form_has_the_hosted_page_only() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection_in(&app.operator(), "key", "TESTKEY").await?;
    allow(&app, "key", &[CALLBACK]).await?;
    let id = account(&app, "key", "user").await?;
    refused(&auth_url(&app, &id, json!({ "redirect_uri": CALLBACK })).await?, "INVALID_ARGUMENT", "form");
    assert_eq!(auth_url(&app, &id, json!({})).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_value_that_the_address_needs_is_the_accounts_or_is_asked_for_on_the_hosted_page() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection_in(&app.operator(), "zendesk", "ZENDESKOAUTH").await?;
    allow(&app, "zendesk", &[CALLBACK]).await?;
    let id = account(&app, "zendesk", "user").await?;
    refused(
        &auth_url(&app, &id, json!({ "redirect_uri": CALLBACK })).await?,
        "INVALID_ARGUMENT",
        "api_config.domain",
    );
    let body = json!({ "id": id, "connected_account": { "api_config": { "domain": "acme.zendesk.com" } } });
    let set = app.call(Method::PUT, "/api/v1/connected_accounts", Some(body)).await?;
    assert_eq!(set.status, 200, "{}", set.text);
    assert_eq!(address(&app, &id, "").await?.host_str(), Some("acme.zendesk.com"));
    Ok(())
}

#[tokio::test]
async fn t01_every_oauth_connector_has_an_address_for_the_callback_of_an_application() -> Outcome<()> {
    let app = TestApp::start().await?;
    let mut seen = 0;
    for connector in app.app.registry().iter() {
        let AuthScheme::Oauth2(oauth2) = &connector.auth else { continue };
        let fields = connector.account_fields.iter().chain(&connector.connection_fields);
        if fields.into_iter().any(|field| field.required && field.default.is_none()) {
            continue;
        }
        app.connection_in(&app.operator(), &connector.slug, &connector.provider_key).await?;
        allow(&app, &connector.slug, &[CALLBACK]).await?;
        let id = account(&app, &connector.slug, "user").await?;
        let url = address(&app, &id, "mine").await?;
        let pushed = oauth2.authorization.pushed.is_some();
        let name =
            oauth2.authorization.parameter_names.get("redirect_uri").map_or("redirect_uri", String::as_str);
        assert!(pushed || parameter(&url, name) == CALLBACK, "{}: {url}", connector.slug);
        seen += 1;
    }
    assert!(seen >= 18, "only {seen} OAuth connectors");
    Ok(())
}

#[tokio::test]
async fn what_else_a_callback_tells_is_passed_on_and_read_as_on_the_hosted_pages() -> Outcome<()> {
    let definition = "extends: testprovider\nslug: own\nprovider_key: OWN\n\
        discovered_fields: [{name: realm, label: Realm, format: path_segment}]\n\
        auth: {oauth2: {callback: {capture: {realm: realmId}}}}\n";
    let connectors = vec![("own/connector.yaml".to_owned(), definition.to_owned())];
    let app = TestApp::with(TestAppOptions { connectors, ..TestAppOptions::default() }).await?;
    app.connection_in(&app.operator(), "own", "OWN").await?;
    allow(&app, "own", &[CALLBACK]).await?;
    let id = account(&app, "own", "user").await?;
    let with = async |parameters: Value| -> Outcome<_> {
        let callback = consent(&app, &address(&app, &id, "").await?, "alice").await?;
        let mut body = brought(&callback);
        body["parameters"] = parameters;
        exchange(&app, &id, body).await
    };
    refused(&with(json!({})).await?, "EXCHANGE_FAILED", "realm");
    let twice = with(json!({ "realmId": "42", "code": "another" })).await?;
    refused(&twice, "PROVIDER_ERROR", "twice");
    good(&with(json!({ "realmId": "42" })).await?);
    assert_eq!(app.account("own", "user").await?["api_config"]["realm"], "42");
    Ok(())
}

#[tokio::test]
async fn t11_neither_state_nor_verifier_nor_code_can_be_read_from_the_database() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let callback = consent(&app, &address(&app, &id, "seeded-own-state").await?, "alice").await?;
    let under_way = database::dump(&app)?;
    good(&exchange(&app, &id, brought(&callback)).await?);
    let request = app.provider.provider.token_requests().pop().ok_or("no token request")?;
    let verifier = request.parameter("code_verifier").ok_or("no verifier")?;
    let secrets =
        [parameter(&callback, "state"), parameter(&callback, "code"), verifier, "seeded-own-state".into()];
    for dump in [under_way, database::dump(&app)?] {
        let text = String::from_utf8_lossy(&dump);
        for secret in &secrets {
            assert!(!text.contains(secret), "{secret} is readable");
        }
    }
    Ok(())
}
