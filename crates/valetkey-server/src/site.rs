//! Everything on one port: RPCs by content type, the rest by path.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::header::CONTENT_TYPE,
    middleware::{Next, from_fn},
    response::Response,
};
use tower::ServiceExt as _;
use valetkey_app::App;
use valetkey_core::Entropy;

use crate::{
    docs,
    hosted::{self, AppPort, InvalidPublicUrl, Site},
    http, openapi, operator,
    proxy::Front,
    rest, rpc,
    rpc_gate::RequestId,
};

/// The whole server as one service. Request ids are given here, so that every answer and log line has the same one.
pub fn router(app: App, entropy: Arc<dyn Entropy>) -> Result<Front, InvalidPublicUrl> {
    let site = Site::new(&app.settings().public_url)?;
    let rpc = rpc::services(&app, entropy.clone());
    let guesses = hosted::Guesses::new(app.clock(), entropy.clone());
    let pages = hosted::router(Arc::new(AppPort(app.clone())), site.clone(), entropy.clone());
    let pages = hosted::limited(pages, site.clone(), guesses);
    let plain = http::router(app.clone())
        .merge(openapi::router(rpc.methods()))
        .merge(docs::router(site.clone()))
        .merge(pages)
        .merge(operator::router(app.clone(), site, entropy.clone()))
        .fallback_service(rest::transcoder(rpc.clone()));
    let by_content_type = move |request: Request, next: Next| {
        let rpc = rpc.clone();
        async move {
            if is_grpc(&request) {
                return rpc.oneshot(request).await.unwrap_or_else(|never| match never {});
            }
            next.run(request).await
        }
    };
    let ids = entropy.clone();
    let named = plain
        .layer(from_fn(by_content_type))
        .layer(from_fn(move |request, next| name(request, next, ids.clone())));
    Ok(Front::of(named, app, entropy))
}

fn is_grpc(request: &Request<Body>) -> bool {
    request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

/// Gives the request its id, and a span that carries it into every log line.
async fn name(mut request: Request, next: Next, entropy: Arc<dyn Entropy>) -> Response {
    let id = RequestId::new(entropy.as_ref());
    let span = tracing::info_span!("request", %id, method = %request.method());
    request.extensions_mut().insert(id);
    tracing::Instrument::instrument(next.run(request), span).await
}
