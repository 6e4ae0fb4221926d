//! What a flow has to remember between our page and the callback: it is sealed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use valetkey_core::{
    id::{EnvironmentId, FlowId},
    scope::ScopeSet,
    sealed::{SealContext, Sealed},
};
use valetkey_store::flow::Flow;

use crate::{App, Error, Result};

/// The sealed part of a flow.
#[derive(Serialize, Deserialize)]
pub(super) struct FlowDetails {
    pub(super) state: String,
    pub(super) code_verifier: Option<String>,
    pub(super) nonce: Option<String>,
    /// As it was sent, because the exchange repeats it (RFC 6749 §4.1.3).
    pub(super) redirect_uri: String,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) scopes: ScopeSet,
}

fn context<'a>(environment: &'a EnvironmentId, flow: &'a FlowId) -> SealContext<'a> {
    SealContext { environment: environment.as_str(), table: "flows", row: flow.as_str(), field: "details" }
}

impl App {
    pub(super) async fn seal_flow(
        &self,
        environment: &EnvironmentId,
        flow: &FlowId,
        details: &FlowDetails,
    ) -> Result<Sealed> {
        let mut plain = zeroize::Zeroizing::new(Vec::with_capacity(16 * 1024));
        serde_json::to_writer(&mut *plain, details).map_err(Error::internal)?;
        self.keys.seal(context(environment, flow), &plain).await
    }

    pub(super) async fn open_flow(&self, flow: &Flow) -> Result<FlowDetails> {
        let plain = self.keys.open(context(&flow.environment_id, &flow.id), &flow.details).await?;
        serde_json::from_slice(&plain).map_err(Error::internal)
    }
}
