//! Which account a call is for.

use http::{HeaderMap, HeaderValue};
use valetkey_app::account::AccountAddress;

/// The account that the headers name, and the run of the agent.
///
/// Each name may be written with underscores, as published clients do, or with hyphens, which every server in between
/// lets through.
pub(super) fn named(headers: &HeaderMap) -> (AccountAddress, Option<String>) {
    let of = |underscored: &str, hyphenated: &str| {
        headers.get(underscored).or_else(|| headers.get(hyphenated)).map(text)
    };
    let address = AccountAddress {
        id: of("connected_account_id", "connected-account-id"),
        connector: of("connection_name", "connection-name"),
        identifier: headers.get("identifier").map(text),
        organization_id: of("organization_id", "organization-id"),
        user_id: of("user_id", "user-id"),
    };
    (address, of("agent_run_id", "agent-run-id"))
}

/// The text of a header: UTF-8, or what clients make of other characters, which is Latin-1.
fn text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn an_account_is_named_with_underscores_or_hyphens_in_utf8_or_latin1() {
        for (name, identifier) in [("Connection_name", &b"Jos\xc3\xa9"[..]), ("connection-name", b"Jos\xe9")]
        {
            let mut headers = HeaderMap::new();
            headers.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), "gmail".parse().unwrap());
            headers.insert("identifier", HeaderValue::from_bytes(identifier).unwrap());
            let (address, run) = named(&headers);
            assert_eq!(address.connector.as_deref(), Some("gmail"));
            assert_eq!(address.identifier.as_deref(), Some("José"));
            assert_eq!(run, None);
        }
    }
}
