//! Which headers of a proxied call go on, and which end here.
//!
//! A header concerns the message and goes on, or one connection and ends there (RFC 9110 §7.6.1). Others end here
//! because they are for this server, or would give away or replace the credential.

use std::{borrow::Cow, collections::BTreeSet};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, USER_AGENT},
};
use valetkey_core::connector::Placement;

use crate::{CallError, scheme::used_names};

/// Headers that concern one connection, in either direction (RFC 9110 §7.6.1).
const OF_THE_CONNECTION: &[&str] =
    &["connection", "http2-settings", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

/// Headers of a request that are for this server, or that would say where the caller is or who it is elsewhere.
const NOT_TO_PROVIDERS: &[&str] = &[
    "accept-encoding",
    "agent-run-id",
    "authorization",
    "connected-account-id",
    "connection-name",
    "content-length",
    "cookie",
    "cookie2",
    "expect",
    "forwarded",
    "host",
    "identifier",
    "organization-id",
    "proxy-authenticate",
    "proxy-authorization",
    "user-id",
    "x-api-version",
    "x-real-ip",
    "x-sdk-version",
];

/// Headers of an answer that set up a session with the provider, or that speak for the whole host, which is not the
/// provider's here.
const NOT_TO_CALLERS: &[&str] = &[
    "alt-svc",
    "authentication-info",
    "authorization",
    "clear-site-data",
    "proxy-authenticate",
    "proxy-authentication-info",
    "public-key-pins",
    "set-cookie",
    "set-cookie2",
    "expect-ct",
    "nel",
    "public-key-pins-report-only",
    "report-to",
    "reporting-endpoints",
    "service-worker-allowed",
    "strict-transport-security",
    "www-authenticate",
    // Commands to a server in front of this one, which would serve its own files.
    "x-lighttpd-send-file",
    "x-sendfile",
];

/// What this server says about an answer starts like this; nobody else may say it.
const OURS: &str = "x-valetkey-";

/// Headers of a caller that go to the provider. `used` are those that carry the credential, as [`used`] gives them.
///
/// # Errors
/// The caller gives a header that carries the credential.
pub(super) fn to_provider(given: &HeaderMap, used: &[String]) -> Result<HeaderMap, CallError> {
    let named = named_by_connection(given);
    let mut passed = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let plain = like_a_server(name.as_str());
        if ends_here(&plain) || named.contains(name.as_str()) {
            continue;
        }
        if used.iter().any(|used| *used == plain) {
            return Err(CallError::HeaderNotAllowed(name.to_string()));
        }
        passed.append(name.clone(), value.clone());
    }
    // A compressed answer could not be searched for the credential.
    passed.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(passed)
}

/// Trailers of a caller that go to the provider; those that may not are left out (RFC 9110 §6.5.1).
pub(super) fn trailers_to_provider(trailers: &mut HeaderMap, used: &[String]) {
    retain(trailers, |name| {
        let plain = like_a_server(name);
        !ends_here(&plain) && used.iter().all(|used| *used != plain)
    });
}

/// Puts the headers of a caller over those of the definition. What clients send without being asked, the name of their
/// library and that they take anything, does not replace what the definition says.
pub(super) fn merge(defined: &mut HeaderMap, given: &HeaderMap) {
    defined.reserve(given.len());
    let anything = given.get(ACCEPT).is_some_and(|value| value.as_bytes().ends_with(b"*/*"));
    for name in given.keys() {
        let unasked = name == USER_AGENT || name == ACCEPT && anything;
        if unasked && defined.contains_key(name) {
            continue;
        }
        let mut values = given.get_all(name).iter().cloned();
        if let Some(first) = values.next() {
            defined.insert(name.clone(), first);
        }
        for further in values {
            defined.append(name.clone(), further);
        }
    }
}

/// Removes from an answer, or from its trailers, what must not reach a caller.
pub(crate) fn to_caller(headers: &mut HeaderMap) {
    let named = named_by_connection(headers);
    retain(headers, |name| {
        !(OF_THE_CONNECTION.contains(&name)
            || NOT_TO_CALLERS.contains(&name)
            || name.starts_with("x-accel-")
            || name.starts_with(OURS)
            || named.contains(name))
    });
}

/// Keeps the headers whose name is `wanted`, with all their values.
pub(super) fn retain(headers: &mut HeaderMap, wanted: impl Fn(&str) -> bool) {
    let unwanted: Vec<HeaderName> = headers.keys().filter(|name| !wanted(name.as_str())).cloned().collect();
    for name in unwanted {
        headers.remove(name);
    }
}

fn ends_here(name: &str) -> bool {
    OF_THE_CONNECTION.contains(&name)
        || NOT_TO_PROVIDERS.contains(&name)
        || name.starts_with("x-forwarded-")
        || name.starts_with(OURS)
}

/// The name as servers read it that make variables of headers (RFC 3875 §4.1.18): they know no hyphens.
fn like_a_server(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte == b'_' || byte.is_ascii_uppercase()) {
        return name.to_ascii_lowercase().replace('_', "-").into();
    }
    name.into()
}

/// The names that carry the credential, as servers read them.
pub(super) fn used(placements: &[Placement]) -> Vec<String> {
    used_names(placements).map(|name| like_a_server(&name).into_owned()).collect()
}

/// The names in `Connection`, in lower case.
fn named_by_connection(headers: &HeaderMap) -> BTreeSet<String> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use http::HeaderValue;
    use valetkey_core::connector::Template;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    fn key() -> Vec<Placement> {
        vec![Placement::Header { name: "X-Api-Key".into(), value: Template::new("{{key}}") }]
    }

    #[test]
    fn t75_what_is_for_this_server_or_for_one_connection_ends_here() {
        let given = headers(&[
            ("authorization", "Bearer ours"),
            ("connection_name", "c"),
            ("connection-name", "c"),
            ("identifier", "u"),
            ("cookie", "a=b"),
            ("host", "evil.example"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x_forwarded_host", "evil.example"),
            ("forwarded", "for=10.0.0.1"),
            ("connection", "close, X-Mine"),
            ("x-mine", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("transfer_encoding", "chunked"),
            ("content_length", "7"),
            ("upgrade", "websocket"),
            ("proxy-authorization", "Basic x"),
            ("x-sdk-version", "1"),
            ("x-valetkey-error-source", "mine"),
            ("accept-encoding", "gzip"),
            ("x-other", "1"),
        ]);
        let passed = to_provider(&given, &[]).unwrap();
        assert_eq!(names(&passed), ["x-other", "accept-encoding"]);
        assert_eq!(passed["accept-encoding"], "identity", "what is compressed cannot be searched");
    }

    #[test]
    fn t75_a_header_that_carries_the_credential_is_refused_however_it_is_written() {
        for name in ["x-api-key", "x_api_key", "x-api_key"] {
            let refused = to_provider(&headers(&[(name, "mine")]), &used(&key()));
            assert_eq!(refused, Err(CallError::HeaderNotAllowed(name.into())));
        }
        let mut trailers = headers(&[("x-api-key", "mine"), ("authorization", "mine"), ("x-sum", "1")]);
        trailers_to_provider(&mut trailers, &used(&key()));
        assert_eq!(names(&trailers), ["x-sum"]);
    }

    #[test]
    fn t78_cookies_and_authentication_headers_do_not_reach_the_caller() {
        let mut answer = headers(&[
            ("set-cookie", "a=b"),
            ("www-authenticate", "Bearer"),
            ("authentication-info", "x"),
            ("alt-svc", "h3"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("x-valetkey-execution-id", "forged"),
            ("etag", "1"),
        ]);
        to_caller(&mut answer);
        assert_eq!(names(&answer), ["etag"]);
    }

    #[test]
    fn quirk_80_a_caller_replaces_what_the_definition_says_but_not_by_accident() {
        let defined = || headers(&[("user-agent", "required/1"), ("accept", "a/b"), ("x-version", "1")]);
        let mut merged = defined();
        merge(
            &mut merged,
            &headers(&[("user-agent", "library"), ("accept", "a/c, */*"), ("x-version", "2")]),
        );
        assert_eq!(merged, headers(&[("user-agent", "required/1"), ("accept", "a/b"), ("x-version", "2")]));
        let mut merged = defined();
        merge(&mut merged, &headers(&[("accept", "a/c")]));
        assert_eq!(merged["accept"], "a/c");
    }
}
