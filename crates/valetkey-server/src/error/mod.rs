//! Errors on their way out. The only place that knows gRPC codes and HTTP statuses.

mod answer;
#[cfg(test)]
mod documentation;
pub mod wire;

pub(crate) use answer::answer_of;

use tonic::{Code, Status};
use valetkey_app::Error;
use valetkey_core::error_code::ErrorCode;
use valetkey_proto::scalekit::v1::errdetails::{
    ErrorInfo, ToolErrorInfo, ValidationErrorInfo, validation_error_info::FieldViolation,
};

/// The gRPC code of an error code.
pub const fn grpc_code(code: ErrorCode) -> Code {
    match code {
        ErrorCode::InvalidArgument
        | ErrorCode::InvalidScopeSelection
        | ErrorCode::InvalidScope
        | ErrorCode::RedirectUrlNotAllowed => Code::InvalidArgument,
        ErrorCode::Unauthenticated => Code::Unauthenticated,
        ErrorCode::PermissionDenied
        | ErrorCode::InvalidPermissions
        | ErrorCode::UserMismatch
        | ErrorCode::ScopeMissing => Code::PermissionDenied,
        ErrorCode::ResourceNotFound
        | ErrorCode::AccountNotFound
        | ErrorCode::ConnectionNotFound
        | ErrorCode::LinkNotFound
        | ErrorCode::OperationNotFound => Code::NotFound,
        ErrorCode::ResourceAlreadyExists | ErrorCode::AccountAlreadyExists => Code::AlreadyExists,
        ErrorCode::ResourceInUse
        | ErrorCode::AmbiguousAccount
        | ErrorCode::AccountNotActive
        | ErrorCode::AccountPending
        | ErrorCode::AccountExpired
        | ErrorCode::AccountRevoked
        | ErrorCode::AccountError
        | ErrorCode::AccountSuspended
        | ErrorCode::AccountNotSuspended
        | ErrorCode::NotRefreshable
        | ErrorCode::CleanupNotNeeded
        | ErrorCode::ConnectionDisabled
        | ErrorCode::ConnectionIncomplete
        | ErrorCode::ConnectionMisconfigured
        | ErrorCode::UserVerifyUrlRequired
        | ErrorCode::InvalidState
        | ErrorCode::IssuerMismatch
        | ErrorCode::ExchangeFailed
        | ErrorCode::TestModeUnavailable
        | ErrorCode::NotATestAccount
        | ErrorCode::ProviderError
        | ErrorCode::ToolError
        | ErrorCode::AnswerTooLong => Code::FailedPrecondition,
        ErrorCode::NotImplemented => Code::Unimplemented,
        ErrorCode::RateLimited => Code::ResourceExhausted,
        ErrorCode::Conflict | ErrorCode::IdempotencyKeyReused => Code::Aborted,
        ErrorCode::Unavailable | ErrorCode::ProviderUnreachable => Code::Unavailable,
        ErrorCode::ProviderTimeout => Code::DeadlineExceeded,
        ErrorCode::Internal => Code::Internal,
    }
}

/// The gRPC code of a failure of a provider. Never `UNAVAILABLE`: clients send such a request again, and the provider may
/// have carried it out.
const fn tool_code(status: u16) -> Code {
    match status {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 | 410 => Code::NotFound,
        409 => Code::AlreadyExists,
        429 => Code::ResourceExhausted,
        504 => Code::DeadlineExceeded,
        400..=499 => Code::InvalidArgument,
        _ => Code::Internal,
    }
}

/// An error of a use case as a status. Its cause is logged here, once, and does not leave the server.
pub(crate) fn status_of(error: Error) -> Status {
    if let Some(source) = &error.source {
        let chain =
            std::iter::successors(Some(source.as_ref() as &dyn std::error::Error), |error| error.source());
        let causes: Vec<String> = chain.map(ToString::to_string).collect();
        tracing::error!(code = error.code.as_str(), cause = causes.join(": "), "request failed");
    }
    let field_violations = error
        .violations
        .into_iter()
        .map(|one| FieldViolation {
            field: one.field,
            description: one.description,
            constraint: one.constraint,
        })
        .collect::<Vec<_>>();
    let validation_error_info =
        (!field_violations.is_empty()).then_some(ValidationErrorInfo { field_violations });
    let code = error.tool.as_ref().map_or_else(|| grpc_code(error.code), |failure| tool_code(failure.status));
    let tool_error_info = error.tool.map(|failure| ToolErrorInfo {
        execution_id: failure.execution.to_string(),
        tool_error_message: failure.message,
        tool_error_code: failure.code,
    });
    let info = ErrorInfo { validation_error_info, tool_error_info, ..ErrorInfo::default() };
    let status = wire::status(code, error.code, error.message, info);
    match error.standing {
        Some((state, reason)) => wire::with_standing(&status, state, reason),
        None => status,
    }
}
