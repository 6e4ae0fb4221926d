//! The revocation endpoint (RFC 7009).

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Misbehaviour,
    client_auth::{claimed_client, client_id},
    connection::dropped,
    inspect::grant_id,
    misbehaviour::{Place, Plan},
    parameters::Parameters,
    server::Site,
};

/// Answers a revocation request, or misbehaves.
pub(super) async fn revoke(State(site): State<Site>, headers: HeaderMap, parameters: Parameters) -> Response {
    let (plan, latency) = {
        let mut memory = site.provider.memory();
        let client = claimed_client(&memory, &headers, &parameters);
        let grant = parameters.get("token").and_then(|token| memory.grants.grant_of(token)).map(grant_id);
        let plan = memory.rules.plan(Place::Revocation, client.as_deref(), grant.as_deref());
        (plan, memory.settings.latency_milliseconds)
    };
    if plan.has(&Misbehaviour::RevocationHangs) {
        return std::future::pending().await;
    }
    let slow = plan.find(|wrong| match wrong {
        Misbehaviour::SlowRevocation { milliseconds } => Some(*milliseconds),
        _ => None,
    });
    let wait = Duration::from_millis(latency + slow.unwrap_or_default());
    if wait.is_zero() {
        return carry_out(&site, &plan, &headers, &parameters);
    }
    // A client that gives up does not stop what has begun.
    let late = tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        carry_out(&site, &plan, &headers, &parameters)
    });
    late.await.unwrap_or_else(|_| dropped())
}

/// Revokes the grant of a token. An unknown token is a success too (RFC 7009 §2.2).
fn carry_out(site: &Site, plan: &Plan, headers: &HeaderMap, parameters: &Parameters) -> Response {
    let wrong = plan.find(|wrong| match wrong {
        Misbehaviour::RevocationUnavailable { retry_after } => {
            let retry_after = [(header::RETRY_AFTER, retry_after.to_string())];
            Some((StatusCode::SERVICE_UNAVAILABLE, retry_after).into_response())
        }
        Misbehaviour::RevocationUnsupported => {
            Some(refused(StatusCode::BAD_REQUEST, "unsupported_token_type"))
        }
        _ => None,
    });
    if let Some(wrong) = wrong {
        return wrong;
    }
    let mut memory = site.provider.memory();
    let client = match client_id(&memory, headers, parameters) {
        Ok(client) => client,
        Err(error) => return refused(StatusCode::UNAUTHORIZED, error),
    };
    let number = memory.grants.grant_of(parameters.get("token").unwrap_or_default());
    let belongs = |number: &u64| memory.grants.get(*number).is_some_and(|grant| *grant.client_id == *client);
    if let Some(number) = number.filter(belongs) {
        let revoked = memory.grants.revoke(number);
        memory.counters.revocations += u64::from(revoked);
    }
    StatusCode::OK.into_response()
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
