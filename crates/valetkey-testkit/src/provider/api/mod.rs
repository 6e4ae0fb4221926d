//! What an API does with the calls that are passed on to it: it shows what came, sends much, little, or for as long as
//! a test wants, and gives answers by script. No token is needed here.

mod feed;
mod script;
mod shown;
mod sized;

use axum::{Router, routing};

pub use script::ScriptedAnswer;

use super::server::Site;

/// The routes, whose bodies are not recorded because they may be large.
pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/api/request", routing::any(shown::show))
        .route("/api/request/{*rest}", routing::any(shown::show))
        .route("/api/download/{bytes}", routing::get(sized::download))
        .route("/api/reflect", routing::any(shown::reflect))
        .route("/api/events", routing::get(feed::events))
        .route("/api/silence", routing::any(feed::silence))
        .route("/api/scripted", routing::any(script::answer))
        .route("/api/scripted/{*rest}", routing::any(script::answer))
}
