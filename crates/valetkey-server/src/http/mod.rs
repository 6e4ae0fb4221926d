//! Plain HTTP routes beside the RPCs: tokens, keys, health.

mod health;
mod jwks;
mod token;

use axum::{Router, routing::get};
use valetkey_app::App;

/// `POST /oauth/token`, `GET /keys`, `GET /healthz`, `GET /readyz`.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/oauth/token", axum::routing::post(token::token))
        .route("/keys", get(jwks::keys))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(app)
}
