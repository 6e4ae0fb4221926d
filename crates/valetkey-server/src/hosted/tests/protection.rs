//! Headers, cookies and assets.

use std::sync::Arc;

use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, SET_COOKIE, STRICT_TRANSPORT_SECURITY,
};

use super::browser::{Answer, Browser, pages};
use super::port::{CONNECTION, FakePort, LINK, authorize};
use crate::hosted::assets;

fn paths() -> [String; 7] {
    [
        format!("/connect/{LINK}"),
        "/connect/unknown".into(),
        format!("/connect/{LINK}/cancel"),
        "/connect/done/0".into(),
        format!("/sso/v1/oauth/{CONNECTION}/callback?code=c&state=s"),
        "/robots.txt".into(),
        "/assets/none.css".into(),
    ]
}

#[tokio::test]
async fn t55_every_answer_is_protected() {
    let mut browser = Browser::new(&pages(&Arc::new(FakePort::new()), "https://connect.example"));
    let mut answers: Vec<(String, Answer)> = Vec::new();
    for path in paths() {
        answers.push((path.clone(), browser.get(&path).await));
    }
    answers.push(("post".into(), browser.post(&format!("/connect/{LINK}"), &[]).await));
    for (path, answer) in answers {
        let policy = answer.header(CONTENT_SECURITY_POLICY);
        for part in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{path}");
        let headers = [
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("x-robots-tag", "noindex, nofollow"),
        ];
        for (name, value) in headers {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
    }
}

/// All cookies that a visit sets, up to the result page.
async fn cookies(public_url: &str) -> Vec<String> {
    let port = Arc::new(FakePort::new());
    port.answers().submit = Ok(authorize());
    let mut browser = Browser::new(&pages(&port, public_url));
    let start = browser.get(&format!("/connect/{LINK}")).await;
    let token = browser.form_token().await;
    let sent = browser.post(&format!("/connect/{LINK}"), &[("form-token", &token)]).await;
    let back = browser.get(&format!("/sso/v1/oauth/{CONNECTION}/callback?code=c&state=s")).await;
    let answers = [start, sent, back];
    let lines = answers.iter().flat_map(|answer| answer.headers.get_all(SET_COOKIE));
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn t55_cookies_are_host_only_and_out_of_reach() {
    let lines = cookies("https://connect.example").await;
    assert_eq!(lines.len(), 4, "browser, way back, way back forgotten, result: {lines:?}");
    for line in lines {
        assert!(line.starts_with("__Host-vk_"), "{line}");
        for attribute in ["; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
            assert!(line.contains(attribute), "{line}");
        }
        assert!(!line.contains("Domain"), "{line}");
    }
}

#[tokio::test]
async fn a_developers_plain_http_server_has_cookies_that_work_there() {
    for line in cookies("http://localhost:8080").await {
        assert!(line.starts_with("vk_") && !line.contains("Secure"), "{line}");
    }
}

#[tokio::test]
async fn a_browser_remembers_nothing_of_a_developers_machine() {
    for public_url in ["http://localhost:8080", "https://localhost:8443"] {
        let mut browser = Browser::new(&pages(&Arc::new(FakePort::new()), public_url));
        assert_eq!(browser.get("/robots.txt").await.header(STRICT_TRANSPORT_SECURITY), "", "{public_url}");
    }
}

#[tokio::test]
async fn assets_are_cached_for_ever_under_the_name_of_their_content() {
    let mut browser = Browser::new(&pages(&Arc::new(FakePort::new()), "https://connect.example"));
    let page = browser.get(&format!("/connect/{LINK}")).await;
    for (asset, media_type) in assets().into_iter().zip(["text/css; charset=utf-8", "image/svg+xml"]) {
        assert!(page.body.contains(&format!("href=\"{}\"", asset.path)));
        let answer = browser.get(&asset.path).await;
        assert_eq!((answer.status, answer.header(CONTENT_TYPE)), (StatusCode::OK, media_type));
        assert_eq!(answer.header(CACHE_CONTROL), "public, max-age=31536000, immutable");
    }
}

#[test]
fn assets_load_nothing_and_run_nothing() {
    for asset in assets() {
        let content = asset.content.replace("http://www.w3.org/2000/svg", "");
        for forbidden in ["url(", "@import", "http:", "https:", "<script", "expression("] {
            assert!(!content.contains(forbidden), "{}: {forbidden}", asset.path);
        }
    }
}
