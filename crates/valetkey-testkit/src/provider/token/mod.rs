//! The token endpoint (RFC 6749 §4.1.3, §4.4, §5, §6), and a second address for refreshes.

mod answer;
mod asked;
mod granting;
mod instead;
mod lifetime;
mod refusal;
mod shape;
mod way;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::{Misbehaviour, connection::dropped, parameters::Parameters, server::Site};
use asked::Asked;
pub(super) use instead::rate_limit_as_forbidden;
use way::Way;

/// Answers a request to the token endpoint.
pub(super) async fn token(State(site): State<Site>, headers: HeaderMap, parameters: Parameters) -> Response {
    let way = Way::at_token_endpoint(&headers, &parameters);
    carry_out(Asked::new(site, headers, parameters, way)).await
}

/// Answers a request to the address for refreshes.
pub(super) async fn refresh(
    State(site): State<Site>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let way = Way::at_refresh_address(&headers, &parameters);
    carry_out(Asked::new(site, headers, parameters, way)).await
}

/// Answers a request to the address for refreshes that has the refresh token in the path.
pub(super) async fn refresh_in_path(
    State(site): State<Site>,
    Path(token): Path<String>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    carry_out(Asked::new(site, headers, parameters, Way::in_path(token))).await
}

async fn carry_out(asked: Asked) -> Response {
    if asked.plan.has(&Misbehaviour::TokenHangs) {
        return std::future::pending().await;
    }
    if !asked.waits() {
        return asked.carry_out().await;
    }
    // A client that gives up does not stop what has begun.
    tokio::spawn(asked.carry_out()).await.unwrap_or_else(|_| dropped())
}
