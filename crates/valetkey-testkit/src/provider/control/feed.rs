//! What `/api/events` sends, told from outside event by event.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{Extension, Json, Router, extract::State, http::StatusCode, routing};
use serde::Deserialize;
use tokio::sync::mpsc::UnboundedSender;

use crate::provider::server::Site;

/// The way to whoever listens now, or does next.
#[derive(Clone, Default)]
struct Feed(Arc<Mutex<Option<UnboundedSender<String>>>>);

/// The routes.
pub(super) fn routes() -> Router<Site> {
    Router::new().route("/_control/events", routing::post(send).delete(end)).layer(Extension(Feed::default()))
}

/// `{"event": "data: 1\n\n"}`, to the letter what is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    event: String,
}

async fn send(
    State(site): State<Site>,
    Extension(Feed(feed)): Extension<Feed>,
    Json(Event { event }): Json<Event>,
) -> StatusCode {
    let mut feed = feed.lock().unwrap_or_else(PoisonError::into_inner);
    let open = feed.take().filter(|sender| !sender.is_closed());
    let sender = open.unwrap_or_else(|| site.provider.feed_events());
    let sent = sender.send(event);
    *feed = Some(sender);
    // Who listened may have gone in between.
    if sent.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT }
}

/// The answer of `/api/events` is complete.
async fn end(Extension(Feed(feed)): Extension<Feed>) -> StatusCode {
    feed.lock().unwrap_or_else(PoisonError::into_inner).take();
    StatusCode::NO_CONTENT
}
