//! Ask, before each chunk, whether whoever began the operation may still do it.

use valetkey_core::error_code::ErrorCode;

use super::chunk::Work;
use crate::{App, Error, Result, permission::WRITE_ACCOUNTS};

impl App {
    /// Why the caller of an operation may not go on with it; `None` while he may.
    pub(super) async fn bulk_refusal(&self, work: &Work) -> Result<Option<Error>> {
        let actor = &work.caller.actor;
        let (code, why) = match self.permissions_now(&work.caller).await? {
            Some(held) if held.iter().any(|name| name == WRITE_ACCOUNTS) => return Ok(None),
            Some(_) => (ErrorCode::PermissionDenied, format!("no longer holds {WRITE_ACCOUNTS}")),
            None => (ErrorCode::Unauthenticated, "was revoked or has expired".to_owned()),
        };
        let message = format!(
            "{actor}, which began the bulk operation, {why}; begin another one, as a caller who may, for what is left"
        );
        Ok(Some(Error::new(code, message)))
    }
}
