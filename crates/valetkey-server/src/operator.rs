//! Sign-in of an operator to a browser, by a link made at the command line.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use valetkey_app::App;
use valetkey_core::Entropy;

use crate::{
    error::{status_of, wire},
    hosted::{BrowserCookie, Site, page, protect, view::NoticePage},
};

#[derive(Clone)]
struct Operator {
    app: App,
    site: Site,
    entropy: Arc<dyn Entropy>,
}

/// `GET /operator/sign-in/{token}` asks, `POST` does: a mail scanner that follows the link spends nothing.
pub(crate) fn router(app: App, site: Site, entropy: Arc<dyn Entropy>) -> Router {
    Router::new()
        .route("/operator/sign-in/{token}", get(ask).post(sign_in))
        .layer(from_fn_with_state(site.clone(), protect))
        .with_state(Operator { app, site, entropy })
}

async fn ask() -> Response {
    page(StatusCode::OK, &NoticePage::sign_in())
}

async fn sign_in(
    State(operator): State<Operator>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let cookie = BrowserCookie::of(&operator.site, &headers, operator.entropy.as_ref());
    match operator.app.sign_operator_in(&token, cookie.token()).await {
        Ok(until) => {
            let context = NoticePage::signed_in(&until.to_string());
            (cookie.keep(&operator.site), page(StatusCode::OK, &context)).into_response()
        }
        Err(error) => page(wire::http_status(status_of(error).code()), &NoticePage::not_signed_in()),
    }
}
