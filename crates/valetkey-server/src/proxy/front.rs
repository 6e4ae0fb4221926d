//! The proxy's place in front of everything else: its requests go through no router and no layer, because each of those
//! costs a call more than is forwarded with it.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{Router, body::Body};
use http::{Request, Response};
use tower::{Service, ServiceExt as _};
use tracing::{Instrument as _, Level, Span};
use valetkey_app::App;
use valetkey_core::Entropy;

use super::{Proxy, is_proxied, pass};
use crate::{rpc::SharedAuthenticator, rpc_gate::RequestId};

/// The whole server: `/proxy` and everything below it, and the site for everything else. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    proxy: Arc<Proxy>,
    site: Router,
}

impl Front {
    pub(crate) fn of(site: Router, app: App, entropy: Arc<dyn Entropy>) -> Self {
        let proxy = Arc::new(Proxy { authenticator: SharedAuthenticator(app.clone()), app, entropy });
        Self { proxy, site }
    }
}

impl Service<Request<Body>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if !is_proxied(request.uri().path()) {
            return Box::pin(self.site.clone().oneshot(request));
        }
        let proxy = self.proxy.clone();
        if !tracing::enabled!(Level::INFO) {
            return Box::pin(async move { Ok(pass(proxy, request, None).await) });
        }
        let (id, span) = named(&request, proxy.entropy.as_ref());
        Box::pin(async move { Ok(pass(proxy, request, Some(id)).await) }.instrument(span))
    }
}

/// An id for the request, and a span that carries it into every line of the log.
fn named(request: &Request<Body>, entropy: &dyn Entropy) -> (RequestId, Span) {
    let id = RequestId::new(entropy);
    let span = tracing::info_span!("request", %id, method = %request.method());
    (id, span)
}
