//! What is known of a proxied call, written down when it has ended, however it ends.

use std::sync::Arc;

use tokio::time::Instant;
use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
    error_code::ErrorCode,
    id::ExecutionId,
};
use valetkey_provider::{End, ForwardAnswer};

use super::ProxyRequest;
use crate::{
    App, Caller, Error,
    account::AccountAddress,
    call::{CALLER_LEFT, OpenCall, ToolCall},
};

/// A call under way. It is recorded when this is dropped, so also where the caller goes away before the answer.
pub(super) struct Running {
    app: App,
    caller: Arc<Caller>,
    id: ExecutionId,
    started_at: Timestamp,
    begun: Instant,
    /// Method and path, without the query.
    tool_name: String,
    agent_run_id: Option<String>,
    address: AccountAddress,
    /// The account, once it is found, and its API open.
    open: Option<OpenCall>,
    status: Option<u16>,
    outcome: CallOutcome,
    error_code: String,
    error_message: String,
}

impl Running {
    /// Begins the record of a request, and takes out of it what is not sent on.
    pub(super) fn begin(app: &App, caller: &Arc<Caller>, request: &mut ProxyRequest) -> Self {
        let started_at = app.clock.now();
        let path = request.path.split('?').next().unwrap_or_default();
        Self {
            app: app.clone(),
            caller: caller.clone(),
            id: ExecutionId::new(started_at, app.entropy.as_ref()),
            started_at,
            begun: Instant::now(),
            tool_name: [request.method.as_str(), " ", path].concat(),
            agent_run_id: request.agent_run_id.take(),
            address: std::mem::take(&mut request.address),
            open: None,
            status: None,
            outcome: CallOutcome::PlatformError,
            error_code: CALLER_LEFT.to_owned(),
            error_message: "the caller went away before the answer".to_owned(),
        }
    }

    /// The account that is called for.
    pub(super) fn address(&self) -> &AccountAddress {
        &self.address
    }

    /// The account is found, and its API open.
    pub(super) fn opened(&mut self, open: OpenCall) {
        self.open = Some(open);
    }

    /// There is no answer.
    pub(super) fn failed(mut self, error: &Error) -> ExecutionId {
        if matches!(error.code, ErrorCode::ProviderUnreachable | ErrorCode::ProviderTimeout) {
            self.outcome = CallOutcome::ProviderError;
        }
        error.recorded_code().clone_into(&mut self.error_code);
        self.error_message.clone_from(&error.message);
        self.id.clone()
    }

    /// The answer has begun.
    pub(super) fn answered(&mut self, answer: &ForwardAnswer) -> ExecutionId {
        let status = answer.status.as_u16();
        let failed = status >= 400 || answer.limited;
        self.status = Some(status);
        self.outcome = if failed { CallOutcome::ProviderError } else { CallOutcome::Success };
        self.error_code = if failed { format!("HTTP_{status}") } else { String::new() };
        self.error_message.clear();
        self.id.clone()
    }

    /// The answer has ended.
    pub(super) fn ended(mut self, end: End) {
        match end {
            End::Complete => {}
            End::Left => {
                CALLER_LEFT.clone_into(&mut self.error_code);
                "the caller went away in the middle of the answer".clone_into(&mut self.error_message);
            }
            End::Broken(error) => {
                self.outcome = CallOutcome::ProviderError;
                "ANSWER_BROKE_OFF".clone_into(&mut self.error_code);
                self.error_message = error.to_string();
            }
        }
    }

    /// What the log has of it.
    fn call(&mut self) -> ToolCall {
        let address = std::mem::take(&mut self.address);
        let mut call = ToolCall {
            id: self.id.clone(),
            environment_id: self.caller.environment.clone(),
            actor: self.caller.actor.clone(),
            agent_run_id: self.agent_run_id.take(),
            tool_name: std::mem::take(&mut self.tool_name),
            provider: String::new(),
            account_id: None,
            connection_id: None,
            connection_name: address.connector.unwrap_or_default(),
            identifier: address.identifier.unwrap_or_default(),
            organization_id: address.organization_id,
            user_id: address.user_id,
            source: CallSource::Proxy,
            outcome: self.outcome,
            status: self.status,
            error_code: std::mem::take(&mut self.error_code),
            error_message: std::mem::take(&mut self.error_message),
            host: String::new(),
            duration_ms: i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX),
            started_at: self.started_at,
        };
        if let Some(open) = &self.open {
            let (account, connection) = (&open.usable.account, open.connection());
            call.provider.clone_from(&connection.connector.provider_key);
            call.account_id = Some(account.id.clone());
            call.connection_id = Some(connection.id.clone());
            call.connection_name.clone_from(&connection.name);
            call.identifier.clone_from(&account.identifier);
            call.organization_id.clone_from(&account.organization_id);
            call.user_id.clone_from(&account.user_id);
            call.host = open.ready().map(|ready| ready.host().to_owned()).unwrap_or_default();
        }
        call
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let call = self.call();
        self.app.record_call(call);
    }
}
