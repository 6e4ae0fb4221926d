//! The way back from the provider.

use std::sync::Arc;

use http::StatusCode;
use http::header::{LOCATION, SET_COOKIE};

use super::browser::{Browser, pages};
use super::port::{Asked, CONNECTION, FakePort, LINK, about, authorize, connected};
use crate::hosted::port::{About, Failure, Next, ScopeLine};
use crate::hosted::problem::{FlowProblem, ProviderProblem};

const SITE: &str = "https://connect.example";

fn callback() -> String {
    format!("/sso/v1/oauth/{CONNECTION}/callback?code=c0de-s3cr3t&state=st4te-s3cr3t")
}

fn setup() -> (Arc<FakePort>, Browser) {
    let port = Arc::new(FakePort::new());
    let browser = Browser::new(&pages(&port, SITE));
    (port, browser)
}

/// A browser that has pressed the button and is at the provider.
async fn at_the_provider(port: &Arc<FakePort>, browser: &mut Browser) {
    port.answers().submit = Ok(authorize());
    let token = browser.form_token().await;
    browser.post(&format!("/connect/{LINK}"), &[("form-token", &token)]).await;
}

#[tokio::test]
async fn t11_the_result_is_at_an_address_without_code_and_state_and_can_be_reloaded() {
    let (port, mut browser) = setup();
    at_the_provider(&port, &mut browser).await;
    port.answers().callback = Ok(connected());
    let answer = browser.get(&callback()).await;
    assert!(!answer.everything().contains("s3cr3t"));
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    for _ in 0..2 {
        let page = browser.follow(&answer).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Gmail is connected") && page.body.contains("anna@example.com"));
        assert!(!page.everything().contains("s3cr3t"));
    }
    assert_eq!(port.asked().iter().filter(|asked| matches!(asked, Asked::Callback { .. })).count(), 1);
}

#[tokio::test]
async fn another_browser_does_not_see_the_result() {
    let (port, mut browser) = setup();
    port.answers().callback = Ok(connected());
    let answer = browser.get(&callback()).await;
    let page = Browser::new(&pages(&port, SITE)).follow(&answer).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(!page.body.contains("anna@example.com"));
}

#[tokio::test]
async fn the_application_is_told_which_browser_came_back() {
    let (port, mut browser) = setup();
    browser.get(&callback()).await;
    at_the_provider(&port, &mut browser).await;
    browser.get(&callback()).await;
    let browsers: Vec<_> = port
        .asked()
        .into_iter()
        .filter_map(|asked| if let Asked::Callback { browser, .. } = asked { Some(browser) } else { None })
        .collect();
    assert_eq!(browsers, [None, Some(browser.jar["__Host-vk_browser"].clone())]);
}

#[tokio::test]
async fn t53_only_the_browser_that_started_gets_the_way_back_to_the_link() {
    let (port, mut browser) = setup();
    at_the_provider(&port, &mut browser).await;
    port.answers().callback = Err(Failure::about(FlowProblem::Expired, about()));
    let mut other = Browser::new(&pages(&port, SITE));
    let answer = other.get(&callback()).await;
    let page = other.follow(&answer).await;
    assert!(!page.body.contains(LINK));
    let answer = browser.get(&callback()).await;
    let page = browser.follow(&answer).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.body.contains(&format!("href=\"/connect/{LINK}\"")));
}

#[tokio::test]
async fn the_browser_can_be_sent_to_the_application() {
    let (port, mut browser) = setup();
    let address = "https://app.example/verify?auth_request_id=r";
    port.answers().callback = Ok(Next::Return(address.try_into().unwrap()));
    let answer = browser.get(&callback()).await;
    assert_eq!((answer.status, answer.header(LOCATION)), (StatusCode::SEE_OTHER, address));
}

#[tokio::test]
async fn a_callback_that_is_none_reaches_nobody() {
    let (port, mut browser) = setup();
    let long = format!("/sso/v1/oauth/{CONNECTION}/callback?code={}", "x".repeat(17 * 1024));
    let twice = format!("/sso/v1/oauth/{CONNECTION}/callback?code=a&state=b&code=c");
    for path in ["/sso/v1/oauth/nonsense/callback?code=a&state=b", &long, &twice] {
        let answer = browser.get(path).await;
        let page = browser.follow(&answer).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.body.contains("We do not recognize this answer"));
    }
    assert_eq!(port.asked(), []);
}

#[tokio::test]
async fn t12_every_error_of_the_provider_is_explained_in_our_words() {
    let (port, mut browser) = setup();
    let cases = [
        ("access_denied", StatusCode::OK, "You chose not to give access."),
        ("consent_required", StatusCode::FORBIDDEN, "Gmail needs an answer from you"),
        ("interaction_required", StatusCode::FORBIDDEN, "Gmail needs an answer from you"),
        ("server_error", StatusCode::SERVICE_UNAVAILABLE, "Gmail is not working at the moment"),
        ("invalid_scope", StatusCode::BAD_GATEWAY, "Gmail refused what was asked for"),
        ("unauthorized_client", StatusCode::BAD_GATEWAY, "Acme is not set up correctly at Gmail"),
        ("org_policy_42", StatusCode::BAD_GATEWAY, "<code>org_policy_42</code>"),
    ];
    for (code, status, words) in cases {
        port.answers().callback = Err(Failure::about(ProviderProblem::Error(code.into()), about()));
        let answer = browser.get(&callback()).await;
        let page = browser.follow(&answer).await;
        assert_eq!(page.status, status, "{code}");
        assert!(page.body.contains(words), "{code}");
        assert!(page.body.contains("<code>req_"), "{code}");
    }
}

#[tokio::test]
async fn t12_an_unknown_code_is_shown_short_and_escaped() {
    let (port, mut browser) = setup();
    let code = format!("<script>alert(1)</script>\u{202e}\r\n{}", "x".repeat(500));
    port.answers().callback = Err(ProviderProblem::Error(code.as_str().into()).into());
    let answer = browser.get(&callback()).await;
    let page = browser.follow(&answer).await;
    assert!(page.body.contains("&#60;script&#62;alert(1)&#60;/script&#62;xxx"));
    assert!(!page.body.contains("<script") && !page.body.contains(&"x".repeat(41)));
}

#[tokio::test]
async fn a_result_always_fits_a_cookie() {
    let (port, mut browser) = setup();
    let return_to = format!("https://app.example/{}", "p".repeat(2000)).as_str().try_into().ok();
    let about = About { application: "Ä".repeat(400), connector: "Gmail".into(), return_to };
    let Next::Connected(mut connected) = connected() else { unreachable!() };
    connected.about = about;
    connected.missing_scopes = vec![ScopeLine { scope: "s".repeat(100), description: None }; 50];
    port.answers().callback = Ok(Next::Connected(connected));
    let answer = browser.get(&callback()).await;
    let longest = answer.headers.get_all(SET_COOKIE).iter().map(http::HeaderValue::len).max();
    assert!(longest.unwrap() < 4096);
    let page = browser.follow(&answer).await;
    assert!(page.body.contains("Gmail is connected"));
}

#[tokio::test]
async fn a_made_up_result_shows_nothing() {
    let (_, mut browser) = setup();
    browser.jar.insert("__Host-vk_result_1".into(), "bm9uc2Vuc2U".into());
    for path in ["/connect/done/1", "/connect/done/2", "/connect/done/%3B%20x"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
