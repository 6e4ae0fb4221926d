//! What a link carries that only we may read: it is sealed.

use serde::{Deserialize, Serialize};
use valetkey_core::{
    id::{EnvironmentId, LinkId},
    sealed::{SealContext, Sealed},
};
use valetkey_store::link::Link;

use crate::{App, Error, Result};

/// The sealed part of a link.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct LinkDetails {
    /// The application's own state, given back to it untouched.
    pub(crate) state: Option<String>,
    /// Where the browser goes for the application to confirm the user.
    pub(crate) user_verify_url: Option<String>,
    /// Where the browser goes at the end.
    pub(crate) return_url: Option<String>,
}

fn context<'a>(environment: &'a EnvironmentId, link: &'a LinkId) -> SealContext<'a> {
    SealContext { environment: environment.as_str(), table: "links", row: link.as_str(), field: "details" }
}

impl App {
    pub(super) async fn seal_link(
        &self,
        environment: &EnvironmentId,
        link: &LinkId,
        details: &LinkDetails,
    ) -> Result<Sealed> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(details).map_err(Error::internal)?);
        self.keys.seal(context(environment, link), &plain).await
    }

    pub(crate) async fn open_link_details(&self, link: &Link) -> Result<LinkDetails> {
        let plain = self.keys.open(context(&link.environment_id, &link.id), &link.details).await?;
        serde_json::from_slice(&plain).map_err(Error::internal)
    }
}
