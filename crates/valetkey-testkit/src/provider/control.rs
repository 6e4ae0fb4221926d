//! The control API, for tests in other languages.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;

use super::{Misbehaviour, server::Site};

/// `{"misbehave": ["wrong_iss", {"token_server_error": {"status": 503}}]}` replaces what is set; an empty list ends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    misbehave: Vec<Misbehaviour>,
}

/// Sets the misbehaviours.
pub(super) async fn control(State(site): State<Site>, Json(control): Json<Control>) -> StatusCode {
    site.provider.memory().misbehaviours = control.misbehave;
    StatusCode::NO_CONTENT
}
