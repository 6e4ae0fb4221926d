//! The public keys that verify our tokens (RFC 7517).

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use valetkey_app::App;

pub(super) async fn keys(State(app): State<App>) -> Response {
    match app.jwks().await {
        Ok(set) => Json(set).into_response(),
        Err(error) => {
            let status = crate::error::status_of(error);
            (crate::error::wire::http_status(status.code()), status.message().to_owned()).into_response()
        }
    }
}
