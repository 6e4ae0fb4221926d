//! The start page and its form.

use std::sync::Arc;

use http::header::{LOCATION, RETRY_AFTER};
use http::{Method, Request, StatusCode};
use tower::ServiceExt as _;
use valetkey_core::connector::InvalidField;

use super::browser::{Browser, pages};
use super::port::{Asked, FakePort, LINK, about, authorize, connected, credential};
use crate::hosted::port::{Failure, SubmitError};
use crate::hosted::problem::{LinkProblem, ServerProblem};

const SITE: &str = "https://connect.example";

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn start() -> String {
    format!("/connect/{LINK}")
}

fn setup() -> (Arc<FakePort>, Browser) {
    let port = Arc::new(FakePort::new());
    let browser = Browser::new(&pages(&port, SITE));
    (port, browser)
}

fn only_opened(port: &FakePort) -> bool {
    port.asked().iter().all(|asked| *asked == Asked::Open)
}

#[tokio::test]
async fn t54_the_page_says_who_asks_for_what_and_waits_for_the_button() {
    let (port, mut browser) = setup();
    let page = browser.get(&start()).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in ["Connect Gmail to Acme", "a•••a@example.com", "disconnect at any time", "Continue to Gmail"]
    {
        assert!(page.body.contains(text), "{text}");
    }
    assert!(!page.body.contains("anna@example.com"));
    assert_eq!((page.header(LOCATION), page.header("refresh")), ("", ""));
    assert_eq!(port.asked(), [Asked::Open]);
}

#[tokio::test]
async fn a_mail_scanner_that_only_looks_starts_nothing() {
    let (port, _) = setup();
    for path in [start(), format!("{}/cancel", start())] {
        let request =
            Request::builder().method(Method::HEAD).uri(path).body(axum::body::Body::empty()).unwrap();
        pages(&port, SITE).oneshot(request).await.unwrap();
    }
    assert!(only_opened(&port));
}

#[tokio::test]
async fn a_malformed_link_is_refused_without_asking_anybody() {
    let (port, mut browser) = setup();
    for path in ["/connect/short", "/connect/..%2F..%2Fetc%2Fpasswd_____", "/connect/%3Cscript%3Ealert(1)%3C"]
    {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("This link does not work"));
    }
    assert_eq!(port.asked(), []);
}

#[tokio::test]
async fn a_link_that_cannot_be_used_says_so_and_names_the_application() {
    let (port, mut browser) = setup();
    port.answers().open = Err(Failure::about(LinkProblem::Expired, about()));
    let page = browser.get(&start()).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.body.contains("Ask Acme for a new link."));
    assert!(!page.body.contains("Try again"));
}

#[tokio::test]
async fn the_button_leads_to_the_provider_without_a_redirect_of_the_form() {
    let (port, mut browser) = setup();
    port.answers().submit = Ok(authorize());
    let token = browser.form_token().await;
    let page = browser.post(&start(), &[("form-token", &token)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        page.header("refresh"),
        "0;url=https://provider.example/authorize?state=s3cr3t&code_challenge=c"
    );
    assert!(page.body.contains("On to provider.example"));
}

#[tokio::test]
async fn what_was_filled_in_arrives_without_the_form_token() {
    let (port, mut browser) = setup();
    port.answers().submit = Ok(connected());
    let token = browser.form_token().await;
    let answer =
        browser.post(&start(), &[("form-token", &token), ("domain", "acme"), ("api_key", "k&y=ü")]).await;
    let page = browser.follow(&answer).await;
    assert!(page.body.contains("Gmail is connected"));
    let fields = [("domain", "acme"), ("api_key", "k&y=ü")].map(|(name, value)| (name.into(), value.into()));
    let asked = Asked::Submit { browser: browser.jar["__Host-vk_browser"].clone(), fields: fields.into() };
    assert_eq!(port.asked()[1..], [asked]);
}

#[tokio::test]
async fn t56_a_refused_form_shows_again_what_is_no_secret() {
    let (port, mut browser) = setup();
    port.answers().open = Ok(credential());
    let wrong = InvalidField { field: "domain".into(), reason: "must be a host name".into() };
    for refusal in [SubmitError::CredentialRefused, SubmitError::Fields(vec![wrong])] {
        port.answers().submit = Err(refusal);
        let token = browser.form_token().await;
        let fields = [
            ("form-token", &*token),
            ("domain", "acme.example"),
            ("api_key", "hunter2"),
            ("key_file", "hunter3"),
        ];
        let page = browser.post(&start(), &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("role=\"alert\""));
        assert!(page.body.contains("value=\"acme.example\""));
        assert!(!page.everything().contains("hunter"));
    }
}

#[tokio::test]
async fn a_form_without_the_cookie_is_refused_with_an_explanation() {
    let (port, mut browser) = setup();
    let token = browser.form_token().await;
    browser.jar.clear();
    let page = browser.post(&start(), &[("form-token", &token)]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("did not keep our cookie"));
    assert!(only_opened(&port));
}

#[tokio::test]
async fn a_form_of_another_page_is_refused() {
    let (port, mut browser) = setup();
    let own = browser.form_token().await;
    let mut other = Browser::new(&pages(&port, SITE));
    other.form_token().await;
    let foreign = other.form_token().await;
    let other_link = "/connect/anotherLinkTokenAnotherLink";
    let good = [("sec-fetch-site", "same-origin")];
    let cases: [(&str, &str, Pairs<'_>); 6] = [
        (&start(), "", &good),
        (&start(), &foreign, &good),
        (other_link, &own, &good),
        (&start(), &own, &[("sec-fetch-site", "cross-site")]),
        (&start(), &own, &[("sec-fetch-site", "same-site")]),
        (&start(), &own, &[("origin", "https://evil.example")]),
    ];
    for (path, token, headers) in cases {
        for path in [path.to_owned(), format!("{path}/cancel")] {
            let page = browser.post_with(&path, &[("form-token", token)], headers).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    assert!(only_opened(&port));
}

#[tokio::test]
async fn to_cancel_connects_nothing_and_leaves_the_way_back() {
    let (port, mut browser) = setup();
    let token = browser.form_token().await;
    let answer = browser.post(&format!("{}/cancel", start()), &[("form-token", &token)]).await;
    let page = browser.follow(&answer).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Gmail was not connected"));
    assert!(page.body.contains(&format!("href=\"{}\"", start())));
    assert_eq!(port.asked(), [Asked::Open, Asked::Cancel]);
}

#[tokio::test]
async fn who_is_too_fast_is_told_how_long_to_wait() {
    let (port, mut browser) = setup();
    port.answers().open = Err(ServerProblem::RateLimited { retry_after: 90 }.into());
    let page = browser.get(&start()).await;
    assert_eq!((page.status, page.header(RETRY_AFTER)), (StatusCode::TOO_MANY_REQUESTS, "90"));
    assert!(page.body.contains("Wait 2 minutes"));
}
