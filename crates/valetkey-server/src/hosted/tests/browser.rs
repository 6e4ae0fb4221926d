//! A browser with a cookie jar, as far as the pages notice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;
use url::form_urlencoded;
use valetkey_core::Entropy;

use super::port::{FakePort, LINK};
use crate::hosted::{Site, router};

/// Bytes that differ from draw to draw.
struct Counting;

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        static DRAWS: AtomicU64 = AtomicU64::new(1);
        let draw = DRAWS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(draw.iter().cycle()).for_each(|(byte, drawn)| *byte = *drawn);
    }
}

/// The pages at `public_url`.
pub(super) fn pages(port: &Arc<FakePort>, public_url: &str) -> Router {
    router(port.clone(), Site::new(public_url).unwrap(), Arc::new(Counting))
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: impl http::header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// All header lines and the body.
    pub(super) fn everything(&self) -> String {
        format!("{:?}\n{}", self.headers, self.body)
    }
}

pub(super) struct Browser {
    pages: Router,
    pub(super) jar: BTreeMap<String, String>,
}

impl Browser {
    pub(super) fn new(pages: &Router) -> Self {
        Self { pages: pages.clone(), jar: BTreeMap::new() }
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form to `path`, as our own page would.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[("sec-fetch-site", "same-origin"), ("origin", "null")]).await
    }

    pub(super) async fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    /// Opens the start page and gives the token of its form.
    pub(super) async fn form_token(&mut self) -> String {
        let page = self.get(&format!("/connect/{LINK}")).await;
        let (_, rest) = page.body.split_once("name=\"form-token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Follows a redirect to our own pages.
    pub(super) async fn follow(&mut self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let path = answer.header(LOCATION).to_owned();
        assert!(path.starts_with("/connect/done/"), "{path}");
        self.get(&path).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let (parts, body) = self.pages.clone().oneshot(request).await.unwrap().into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0;") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}
