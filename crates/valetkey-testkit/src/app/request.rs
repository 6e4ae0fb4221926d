//! Requests to the server without a network.

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::{TestApp, start::Outcome};

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON; `null` where it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

impl TestApp {
    /// A REST call with the token of the first environment's client. `path` may have a query.
    ///
    /// # Errors
    /// Where the request cannot be built or the answer not be read.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Outcome<Answer> {
        self.call_as(Some(self.token.expose()), method, path, body).await
    }

    /// A REST call with any token, or none.
    ///
    /// # Errors
    /// Where the request cannot be built or the answer not be read.
    pub async fn call_as(
        &self,
        token: Option<&str>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Outcome<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body)?).await
    }

    /// Any request.
    ///
    /// # Errors
    /// Where the answer cannot be read.
    pub async fn send(&self, request: Request<Body>) -> Outcome<Answer> {
        let (head, body) = self.router.clone().oneshot(request).await?.into_parts();
        let bytes = body.collect().await?.to_bytes();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }
}
