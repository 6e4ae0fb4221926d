//! Sign-in of an operator to a browser, by a link made at the command line.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use valetkey_app::App;
use valetkey_core::Entropy;

use crate::hosted::{BrowserCookie, Site};

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
        .layer(axum::middleware::from_fn_with_state(site.clone(), crate::hosted::protect))
        .with_state(Operator { app, site, entropy })
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    (status, Html(html)).into_response()
}

async fn ask() -> Response {
    let form = "<form method=\"post\"><button>Sign in to this browser</button></form>";
    page(StatusCode::OK, "Operator sign-in", form)
}

async fn sign_in(
    State(operator): State<Operator>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let cookie = BrowserCookie::of(&operator.site, &headers, operator.entropy.as_ref());
    match operator.app.sign_operator_in(&token, cookie.token()).await {
        Ok(until) => {
            let text = format!("<p>You can complete authorization links in this browser until {until}.</p>");
            (cookie.keep(&operator.site), page(StatusCode::OK, "You are signed in", &text)).into_response()
        }
        Err(error) => {
            let status = crate::error::status_of(error);
            page(
                crate::error::wire::http_status(status.code()),
                "Not signed in",
                "<p>This sign-in link is unknown, used or expired. Make a new one with <code>valetkey operator sign-in-link</code>.</p>",
            )
        }
    }
}
