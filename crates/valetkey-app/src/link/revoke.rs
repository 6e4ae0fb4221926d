//! Revoke an authorization link.

use serde_json::json;
use valetkey_core::{error_code::ErrorCode, id::LinkId, journal::EventKind};
use valetkey_store::link;

use crate::{App, Caller, Error, Result, journal::About};

impl App {
    /// Revokes a link. A flow that it started cannot be completed any more.
    pub async fn revoke_link(&self, caller: &Caller, id: &str) -> Result<()> {
        let unknown = || {
            let message = format!("authorization link {id} not found, or used already");
            Error::new(ErrorCode::LinkNotFound, message)
        };
        let parsed: LinkId = id.parse().map_err(|_| unknown())?;
        let mut tx = self.pool.begin().await?;
        let row = link::get(&mut tx, &caller.environment, &parsed).await?.ok_or_else(unknown)?;
        if !link::revoke(&mut tx, &caller.environment, &parsed, self.clock.now()).await? {
            return Err(unknown());
        }
        let about = About { account: Some(&row.account_id), ..About::default() };
        self.record(&mut tx, caller, EventKind::LinkRevoked, about, &json!({ "link": parsed })).await?;
        Ok(tx.commit().await?)
    }
}
