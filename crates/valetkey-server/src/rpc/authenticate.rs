//! Access tokens of ours stand for callers.

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

impl Authenticate for AppAuthenticator {
    type Principal = Caller;

    async fn authenticate(&self, bearer: &str) -> Result<Option<Caller>, Status> {
        self.0.authenticate_token(bearer).await.map_err(status_of)
    }
}
