//! Routes, and a server on a loopback port.

use std::{io, net::SocketAddr};

use axum::{Router, middleware, routing};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{TestProvider, api, authorize, connection, control, pushed, record, resource, revoke, token};

/// A provider at its address.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) provider: TestProvider,
    /// The issuer: scheme, host and port.
    pub(super) base_url: String,
}

/// A running test provider. It stops when this is dropped.
pub struct TestProviderHandle {
    /// The provider, for misbehaviours and recorded requests.
    pub provider: TestProvider,
    /// Scheme, host and port; also the issuer.
    pub base_url: String,
    task: JoinHandle<()>,
}

impl TestProvider {
    /// The routes, for a server that is reached at `base_url`.
    ///
    /// Where this provider drops a connection, such a server answers with status 500 instead; only
    /// [`spawn`](Self::spawn) can close it.
    pub fn router(&self, base_url: &str) -> Router {
        let site = Site { provider: self.clone(), base_url: base_url.trim_end_matches('/').to_owned() };
        Router::new()
            .route("/authorize", routing::get(authorize::show).post(authorize::decide))
            .route("/par", routing::post(pushed::push))
            .route("/token", routing::get(token::token).post(token::token))
            .route("/refresh", routing::get(token::refresh).post(token::refresh))
            .route("/refresh/{token}", routing::get(token::refresh_in_path).post(token::refresh_in_path))
            .route("/revoke", routing::post(revoke::revoke))
            .route("/userinfo", routing::get(resource::userinfo).post(resource::userinfo))
            .route("/api/me", routing::get(resource::me))
            .route("/rest/{refreshes}/me", routing::get(resource::me_at))
            .route("/session", routing::any(resource::session))
            .route("/api/echo", routing::any(resource::echo))
            .route("/api/status/{status}", routing::any(resource::status))
            .route("/api/key-check", routing::any(resource::key_check))
            .layer(middleware::from_fn_with_state(site.clone(), record::record))
            .merge(api::routes())
            .merge(control::routes())
            .with_state(site)
    }

    /// Serves plain HTTP/1.1 at `address`; port 0 takes a free one.
    pub async fn spawn(self, address: SocketAddr) -> io::Result<TestProviderHandle> {
        let listener = TcpListener::bind(address).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let router = self.router(&base_url);
        let task = tokio::spawn(connection::accept(listener, router));
        Ok(TestProviderHandle { provider: self, base_url, task })
    }
}

impl TestProviderHandle {
    /// Stops at once and closes every connection.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for TestProviderHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}
