//! What this server says about an answer, beside what the provider says in it.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header::LOCATION};
use valetkey_app::proxy::{ProxyAnswer, Redirect};
use valetkey_core::id::ExecutionId;

use super::PREFIX;

/// Names the call in the log.
const EXECUTION: HeaderName = HeaderName::from_static("x-valetkey-execution-id");
/// Whose error it is: `provider`, or `valetkey`.
const ERROR_SOURCE: HeaderName = HeaderName::from_static("x-valetkey-error-source");
/// Where a redirect to another host leads. It is not in `Location`, because clients follow that by themselves and take
/// the names of connection and user with them.
const ELSEWHERE: HeaderName = HeaderName::from_static("x-valetkey-location");

/// The answer of a provider. A redirect within its API leads to the proxy again.
pub(super) fn theirs(passed: ProxyAnswer) -> Response<Body> {
    let ProxyAnswer { execution, answer } = passed;
    let mut response = Response::new(Body::new(answer.body));
    *response.status_mut() = answer.status;
    let mut headers = answer.headers;
    match answer.redirect {
        Some(Redirect::Inside(path)) => insert(&mut headers, LOCATION, &format!("{PREFIX}{path}")),
        Some(Redirect::Outside(address)) => drop(headers.insert(ELSEWHERE, address)),
        None => {}
    }
    if answer.status.as_u16() >= 400 {
        insert(&mut headers, ERROR_SOURCE, "provider");
    }
    insert(&mut headers, EXECUTION, execution.as_str());
    *response.headers_mut() = headers;
    response
}

/// Marks an error of this server.
pub(super) fn ours(headers: &mut HeaderMap, execution: &ExecutionId) {
    insert(headers, ERROR_SOURCE, "valetkey");
    insert(headers, EXECUTION, execution.as_str());
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
