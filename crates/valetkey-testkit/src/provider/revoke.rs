//! The revocation endpoint (RFC 7009).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{client_auth::client_id, parameters::Parameters, server::Site};

/// Revokes the grant of a token. An unknown token is a success too (RFC 7009 §2.2).
pub(super) async fn revoke(State(site): State<Site>, headers: HeaderMap, parameters: Parameters) -> Response {
    let mut memory = site.provider.memory();
    let client = match client_id(&memory, &headers, &parameters) {
        Ok(client) => client,
        Err(error) => return (StatusCode::UNAUTHORIZED, Json(json!({ "error": error }))).into_response(),
    };
    let number = memory.grants.grant_of(parameters.get("token").unwrap_or_default());
    let own =
        number.filter(|number| memory.grants.get(*number).is_some_and(|grant| *grant.client_id == *client));
    if let Some(number) = own {
        let revoked = memory.grants.revoke(number);
        memory.counters.revocations += u64::from(revoked);
    }
    StatusCode::OK.into_response()
}
