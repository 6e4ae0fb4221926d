//! What is known of a proxied call, written down when it has ended, however it ends.

use tokio::time::Instant;
use valetkey_core::{
    call::{CallOutcome, CallSource},
    error_code::ErrorCode,
    id::ExecutionId,
};
use valetkey_provider::{End, ForwardAnswer};

use super::ProxyRequest;
use crate::{
    App, Caller, Error,
    call::{CALLER_LEFT, OpenCall, ToolCall},
};

/// A call under way. It is recorded when this is dropped, so also where the caller goes away before the answer.
pub(super) struct Running {
    app: App,
    begun: Instant,
    id: ExecutionId,
    /// Taken when it is recorded.
    call: Option<ToolCall>,
}

impl Running {
    pub(super) fn begin(app: &App, caller: &Caller, request: &ProxyRequest) -> Self {
        let now = app.clock.now();
        let address = &request.address;
        let path = request.path.split('?').next().unwrap_or_default();
        let call = ToolCall {
            id: ExecutionId::new(now, app.entropy.as_ref()),
            environment_id: caller.environment.clone(),
            actor: caller.actor.clone(),
            agent_run_id: request.agent_run_id.clone(),
            tool_name: format!("{} {path}", request.method),
            provider: String::new(),
            account_id: None,
            connection_id: None,
            connection_name: address.connector.clone().unwrap_or_default(),
            identifier: address.identifier.clone().unwrap_or_default(),
            organization_id: address.organization_id.clone(),
            user_id: address.user_id.clone(),
            source: CallSource::Proxy,
            outcome: CallOutcome::PlatformError,
            status: None,
            error_code: CALLER_LEFT.to_owned(),
            error_message: "the caller went away before the answer".to_owned(),
            host: String::new(),
            duration_ms: 0,
            started_at: now,
        };
        Self { app: app.clone(), begun: Instant::now(), id: call.id.clone(), call: Some(call) }
    }

    fn note(&mut self, note: impl FnOnce(&mut ToolCall)) {
        if let Some(call) = &mut self.call {
            note(call);
        }
    }

    /// The account is found, and its API open.
    pub(super) fn opened(&mut self, open: &OpenCall) {
        let (account, connection) = (&open.usable.account, open.connection());
        self.note(|call| {
            call.provider.clone_from(&connection.connector.provider_key);
            call.account_id = Some(account.id.clone());
            call.connection_id = Some(connection.id.clone());
            call.connection_name.clone_from(&connection.name);
            call.identifier.clone_from(&account.identifier);
            call.organization_id.clone_from(&account.organization_id);
            call.user_id.clone_from(&account.user_id);
            call.host = open.host("");
        });
    }

    /// There is no answer.
    pub(super) fn failed(mut self, error: &Error) -> ExecutionId {
        let of_the_provider =
            matches!(error.code, ErrorCode::ProviderUnreachable | ErrorCode::ProviderTimeout);
        self.note(|call| {
            if of_the_provider {
                call.outcome = CallOutcome::ProviderError;
            }
            error.recorded_code().clone_into(&mut call.error_code);
            call.error_message.clone_from(&error.message);
        });
        self.id.clone()
    }

    /// The answer has begun.
    pub(super) fn answered(&mut self, answer: &ForwardAnswer) -> ExecutionId {
        let status = answer.status.as_u16();
        self.note(|call| {
            call.status = Some(status);
            call.host.clone_from(&answer.host);
            call.error_message.clear();
            let failed = status >= 400 || answer.limited;
            call.outcome = if failed { CallOutcome::ProviderError } else { CallOutcome::Success };
            call.error_code = if failed { format!("HTTP_{status}") } else { String::new() };
        });
        self.id.clone()
    }

    /// The answer has ended.
    pub(super) fn ended(mut self, end: End) {
        self.note(|call| match end {
            End::Complete => {}
            End::Left => {
                CALLER_LEFT.clone_into(&mut call.error_code);
                "the caller went away in the middle of the answer".clone_into(&mut call.error_message);
            }
            End::Broken(error) => {
                call.outcome = CallOutcome::ProviderError;
                "ANSWER_BROKE_OFF".clone_into(&mut call.error_code);
                call.error_message = error.to_string();
            }
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut call) = self.call.take() {
            call.duration_ms = i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
            self.app.record_call(call);
        }
    }
}
