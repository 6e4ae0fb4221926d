//! What is known of a run of a tool, written down when it has ended, however it ends.

use tokio::time::Instant;
use valetkey_core::{
    call::{CallOutcome, CallSource},
    id::ExecutionId,
};

use super::{ExecuteTool, ListedTool};
use crate::{
    App, Caller, Error,
    account::Account,
    call::{CALLER_LEFT, ToolCall},
};

/// A run under way. It is recorded when this is dropped, so also where the caller goes away before the answer.
pub(super) struct Run<'a> {
    app: &'a App,
    /// When it began, for its timeout.
    pub(super) begun: Instant,
    /// What is recorded.
    pub(super) call: ToolCall,
}

impl<'a> Run<'a> {
    pub(super) fn begin(
        app: &'a App,
        caller: &Caller,
        source: CallSource,
        listed: &ListedTool,
        request: &ExecuteTool,
    ) -> Self {
        let address = &request.address;
        let now = app.clock.now();
        let call = ToolCall {
            id: ExecutionId::new(now, app.entropy.as_ref()),
            environment_id: caller.environment.clone(),
            actor: caller.actor.clone(),
            agent_run_id: request.agent_run_id.clone(),
            tool_name: listed.tool.name.clone(),
            provider: listed.connector.provider_key.clone(),
            account_id: None,
            connection_id: None,
            connection_name: address.connector.clone().unwrap_or_default(),
            identifier: address.identifier.clone().unwrap_or_default(),
            organization_id: address.organization_id.clone(),
            user_id: address.user_id.clone(),
            source,
            outcome: CallOutcome::PlatformError,
            status: None,
            error_code: CALLER_LEFT.to_owned(),
            error_message: "the caller went away before the answer".to_owned(),
            host: String::new(),
            duration_ms: 0,
            started_at: now,
        };
        Self { app, begun: Instant::now(), call }
    }

    /// The account is found.
    pub(super) fn with(&mut self, account: &Account) {
        let call = &mut self.call;
        call.account_id = Some(account.id.clone());
        call.connection_id = Some(account.connection_id.clone());
        call.connection_name.clone_from(&account.connection_name);
        call.identifier.clone_from(&account.identifier);
        call.organization_id.clone_from(&account.organization_id);
        call.user_id.clone_from(&account.user_id);
    }

    /// It has ended, with an error or without.
    pub(super) fn ended(&mut self, error: Option<&Error>) {
        let (outcome, code, message) = match error {
            None => (CallOutcome::Success, "", ""),
            Some(error) => match &error.tool {
                Some(failure) => {
                    (CallOutcome::ProviderError, failure.code.as_str(), failure.message.as_str())
                }
                None => (CallOutcome::PlatformError, error.recorded_code(), error.message.as_str()),
            },
        };
        self.call.outcome = outcome;
        code.clone_into(&mut self.call.error_code);
        message.clone_into(&mut self.call.error_message);
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.call.duration_ms = i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.app.record_call(self.call.clone());
    }
}
