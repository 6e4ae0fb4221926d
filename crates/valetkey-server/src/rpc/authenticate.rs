//! Access tokens of ours stand for callers.

use std::sync::Arc;

use tonic::Status;
use valetkey_app::{App, Caller};

use crate::{
    error::status_of,
    rpc_gate::{Authenticate, Principal},
};

/// Authenticates with the use cases.
#[derive(Clone)]
pub struct AppAuthenticator(App);

impl AppAuthenticator {
    /// For one application.
    pub fn new(app: App) -> Self {
        Self(app)
    }
}

impl Principal for Caller {
    fn permits(&self, permission: &str) -> bool {
        Caller::permits(self, permission)
    }
}

impl Principal for Arc<Caller> {
    fn permits(&self, permission: &str) -> bool {
        Caller::permits(self, permission)
    }
}

/// The same for callers that are only looked at: they are shared among the calls of a moment.
#[derive(Clone)]
pub(crate) struct SharedAuthenticator(pub(crate) App);

impl Authenticate for SharedAuthenticator {
    type Principal = Arc<Caller>;

    async fn authenticate(&self, bearer: &str) -> Result<Option<Arc<Caller>>, Status> {
        self.0.known_caller(bearer).await.map_err(status_of)
    }
}

impl Authenticate for AppAuthenticator {
    type Principal = Caller;

    async fn authenticate(&self, bearer: &str) -> Result<Option<Caller>, Status> {
        self.0.authenticate_token(bearer).await.map_err(status_of)
    }
}
