//! The authorization link: hard to guess, for one account, for a time, for one use.

use std::collections::BTreeSet;

use http::{Method, Request};
use serde_json::json;
use valetkey_app::account::AccountAddress;
use valetkey_testkit::app::{Answer, Outcome, TestApp, approve, leave};

use crate::database;

fn token(link: &str) -> &str {
    link.rsplit('/').next().unwrap_or_default()
}

#[tokio::test]
async fn t52_a_link_has_256_bits_none_repeats_and_only_its_hash_is_stored() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut tokens = BTreeSet::new();
    for _ in 0..20 {
        let link = app.link("test", "user").await?;
        assert_eq!(token(&link).len(), 43, "256 bits in base64url");
        assert!(tokens.insert(token(&link).to_owned()));
    }
    let dump = database::dump(&app)?;
    let text = String::from_utf8_lossy(&dump);
    assert!(tokens.iter().all(|token| !text.contains(token)));
    let hashes = database::blobs(&app, "SELECT token_hash FROM links").await?;
    assert_eq!((hashes.len(), hashes.iter().all(|hash| hash.len() == 32)), (20, true));
    Ok(())
}

#[tokio::test]
async fn t52_a_link_ends_with_its_time() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut browser = app.browser()?;
    app.clock.advance(24 * 3600 - 1);
    assert_eq!(browser.get(&link).await?.status, 200);
    app.clock.advance(1);
    let page = browser.submit("Continue", &[]).await?;
    assert_eq!((page.status, page.title.as_str()), (410, "This link has expired"));
    assert_eq!(app.browser()?.get(&link).await?.status, 410);
    Ok(())
}

#[tokio::test]
async fn t52_a_link_connects_once() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    assert!(approve(&mut app.browser()?, &link, "alice").await?.title.contains("connected"));
    let page = app.browser()?.get(&link).await?.clone();
    assert_eq!((page.status, page.title.as_str()), (410, "This link has already been used"));
    Ok(())
}

#[tokio::test]
async fn t52_of_two_flows_with_one_key_link_one_connects() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection_in(&app.operator(), "key", "TESTKEY").await?;
    let link = app.link("key", "user").await?;
    let (mut first, mut second) = (app.browser()?, app.browser()?);
    first.get(&link).await?;
    second.get(&link).await?;
    let fields = [("api_key", "test-key-good")];
    let ends = tokio::join!(first.submit("Connect", &fields), second.submit("Connect", &fields));
    let mut statuses = [ends.0?.status, ends.1?.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1] >= 400, "{statuses:?}");
    Ok(())
}

#[tokio::test]
async fn t52_a_revoked_link_does_nothing_even_if_the_user_is_at_the_provider() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut arrived = app.arrive(&link, "alice").await?;
    let client = app.client().await?;
    let account = app.account("test", "user").await?;
    let id = account["id"].as_str().ok_or("no id")?;
    for row in app.app.list_links(&client, id).await? {
        app.app.revoke_link(&client, row.id.as_str()).await?;
    }
    assert!(arrived.deliver().await?.status >= 400);
    assert_eq!(app.account("test", "user").await?["status"], "PENDING_AUTH");
    assert_eq!(app.browser()?.get(&link).await?.title, "This link was withdrawn");
    Ok(())
}

async fn open_from(app: &TestApp, path: &str, address: [u8; 4]) -> Outcome<Answer> {
    let mut request = Request::get(path).body(axum::body::Body::empty())?;
    let peer = std::net::SocketAddr::from((address, 40000));
    request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    app.send(request).await
}

async fn guess(app: &TestApp, number: u32, address: [u8; 4]) -> Outcome<u16> {
    Ok(open_from(app, &format!("/connect/{number:043}"), address).await?.status.as_u16())
}

#[tokio::test]
async fn t52_who_guesses_has_to_wait_and_nobody_else() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let path = format!("/connect/{}", token(&link));
    let (guesser, other) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    for number in 0..30 {
        assert_eq!(guess(&app, number, guesser).await?, 404, "guess {number}");
    }
    assert_eq!(guess(&app, 30, guesser).await?, 429);
    let refused = open_from(&app, &path, guesser).await?;
    assert!(refused.status == 429 && refused.text.contains("Too many attempts"), "even a hit is not shown");
    assert!(refused.headers.contains_key("retry-after"));
    assert!(refused.headers.contains_key("content-security-policy"));
    assert_eq!(guess(&app, 31, other).await?, 404);
    assert_eq!(open_from(&app, &path, other).await?.status, 200);
    app.clock.advance(60);
    assert_eq!(open_from(&app, &path, guesser).await?.status, 200, "a minute later");
    Ok(())
}

#[tokio::test]
async fn t52_behind_a_proxy_a_guesser_does_not_keep_others_out() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    for number in 0..100 {
        assert_eq!(guess(&app, number, [10, 0, 0, 1]).await?, 404);
    }
    assert_eq!(open_from(&app, &format!("/connect/{}", token(&link)), [10, 0, 0, 1]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn t53_who_gets_a_forwarded_link_cannot_complete_the_flow_of_the_first_person() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut first = app.arrive(&link, "alice").await?;
    let mut second = app.browser()?;
    second.get(&link).await?;
    let page = second.get(first.callback.as_str()).await?;
    assert_eq!((page.status, page.title.contains("another browser")), (403, true));
    assert!(!page.source.contains(token(&link)), "the way back to the link is not given to a stranger");
    assert_eq!(app.provider.provider.token_requests().len(), 0);
    assert!(first.deliver().await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn t53_a_form_of_another_browser_is_refused() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let (mut first, mut second) = (app.browser()?, app.browser()?);
    let stolen = first.get(&link).await?.forms[0].field("form-token").and_then(|field| field.value.clone());
    second.get(&link).await?;
    let page = second.submit("Continue", &[("form-token", &stolen.ok_or("no form token")?)]).await?;
    assert_eq!(page.status, 403, "{}", page.title);
    Ok(())
}

#[tokio::test]
async fn a_link_can_be_opened_on_another_device_and_opening_spends_nothing() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    for _ in 0..3 {
        assert_eq!(app.browser()?.get(&link).await?.status, 200);
    }
    leave(&mut app.browser()?, &link).await?;
    assert!(approve(&mut app.browser()?, &link, "alice").await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn cancelling_changes_nothing_and_the_link_stays() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut browser = app.browser()?;
    browser.get(&link).await?;
    let page = browser.submit("Cancel", &[]).await?;
    assert!(page.text.contains("Nothing has changed"), "{}", page.text);
    assert!(approve(&mut browser, &link, "alice").await?.title.contains("connected"));
    Ok(())
}

#[tokio::test]
async fn a_disabled_connection_makes_no_links_and_opens_none() -> Outcome<()> {
    let app = TestApp::start().await?;
    let connection = app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut arrived = app.arrive(&app.link("test", "other").await?, "alice").await?;
    let toggle = |what: &str| format!("/api/v1/connections/{}:{what}", connection.id);
    assert_eq!(app.call(Method::PATCH, &toggle("disable"), None).await?.status, 200);
    let body = json!({ "connector": "test", "identifier": "user" });
    let answer = app.call(Method::POST, "/api/v1/connected_accounts/magic_link", Some(body)).await?;
    assert_eq!((answer.status.as_u16(), answer.text.contains("CONNECTION_DISABLED")), (400, true));
    assert_eq!(app.browser()?.get(&link).await?.status, 409);
    assert!(arrived.deliver().await?.status >= 400, "a flow that is under way ends too");
    assert_eq!(app.account("test", "other").await?["status"], "PENDING_AUTH");
    assert_eq!(app.call(Method::PATCH, &toggle("enable"), None).await?.status, 200);
    assert_eq!(app.browser()?.get(&link).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_link_of_a_deleted_account_is_unknown() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let link = app.link("test", "user").await?;
    let mut arrived = app.arrive(&link, "alice").await?;
    let address = AccountAddress {
        connector: Some("test".into()),
        identifier: Some("user".into()),
        ..AccountAddress::default()
    };
    app.app.delete_account(&app.client().await?, &address).await?;
    assert_eq!(app.browser()?.get(&link).await?.status, 404);
    assert_eq!(arrived.deliver().await?.status, 400);
    assert_eq!(app.provider.provider.token_requests().len(), 0);
    Ok(())
}
