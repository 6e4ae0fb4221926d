//! Pushed authorization requests (RFC 9126).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Misbehaviour,
    authorize::{Refusal, accept},
    client_auth::client_id,
    misbehaviour::Place,
    parameters::Parameters,
    server::Site,
};

/// Takes an authorization request and answers with the `request_uri` that stands for it.
pub(super) async fn push(
    State(site): State<Site>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Response> {
    let plan = site.provider.plan(Place::Pushed, parameters.get("client_id"));
    let status = plan.find(|wrong| match wrong {
        Misbehaviour::PushedError { status } => StatusCode::from_u16(*status).ok(),
        _ => None,
    });
    if let Some(status) = status {
        return Err(status.into_response());
    }
    let refuse = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    client_id(&site.provider.memory(), &headers, &parameters).map_err(refuse)?;
    let authorization = accept(&site, &parameters).map_err(|refusal| match refusal {
        Refusal::Page(_) => refuse("invalid_request"),
        Refusal::Redirect { error, .. } => refuse(error),
    })?;
    let request_uri = site.provider.random("urn:ietf:params:oauth:request_uri:");
    site.provider.memory().requests.insert(request_uri.clone(), authorization);
    Ok((StatusCode::CREATED, Json(json!({ "request_uri": request_uri, "expires_in": 60 }))).into_response())
}
