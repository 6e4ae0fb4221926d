//! Read the log of calls.

use valetkey_core::id::ExecutionId;
use valetkey_store::{Page, PageRequest, tool_call};

use super::{CallQuery, ToolCall};
use crate::{App, Caller, Error, Result};

impl App {
    /// The calls of the caller's environment, newest first. A call is listed a moment after it has ended.
    pub async fn list_calls(
        &self,
        caller: &Caller,
        query: CallQuery,
        page: &PageRequest,
    ) -> Result<Page<ToolCall>> {
        let filter = query.filter()?;
        Ok(tool_call::list(&mut *self.pool.read().await?, &caller.environment, &filter, page).await?)
    }

    /// The call with this execution id.
    pub async fn call(&self, caller: &Caller, id: &str) -> Result<ToolCall> {
        let unknown = || Error::not_found(format!("execution \"{id}\" not found"));
        let parsed: ExecutionId = id.parse().map_err(|_| unknown())?;
        let found = tool_call::get(&mut *self.pool.read().await?, &caller.environment, &parsed).await?;
        found.ok_or_else(unknown)
    }
}
