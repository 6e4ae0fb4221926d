//! Errors on their way out. The only place that knows gRPC codes and HTTP statuses.

pub mod wire;

use tonic::{Code, Status};
use valetkey_app::Error;
use valetkey_core::error_code::ErrorCode;
use valetkey_proto::scalekit::v1::errdetails::{
    ErrorInfo, ValidationErrorInfo, validation_error_info::FieldViolation,
};

/// The gRPC code of an error code.
pub const fn grpc_code(code: ErrorCode) -> Code {
    match code {
        ErrorCode::InvalidArgument | ErrorCode::InvalidScopeSelection | ErrorCode::RedirectUrlNotAllowed => {
            Code::InvalidArgument
        }
        ErrorCode::Unauthenticated => Code::Unauthenticated,
        ErrorCode::PermissionDenied | ErrorCode::UserMismatch => Code::PermissionDenied,
        ErrorCode::ResourceNotFound => Code::NotFound,
        ErrorCode::ResourceAlreadyExists => Code::AlreadyExists,
        ErrorCode::ResourceInUse
        | ErrorCode::AmbiguousAccount
        | ErrorCode::AccountNotActive
        | ErrorCode::ConnectionDisabled
        | ErrorCode::ConnectionIncomplete
        | ErrorCode::UserVerifyUrlRequired
        | ErrorCode::ProviderError => Code::FailedPrecondition,
        ErrorCode::NotImplemented => Code::Unimplemented,
        ErrorCode::RateLimited => Code::ResourceExhausted,
        ErrorCode::Conflict => Code::Aborted,
        ErrorCode::Unavailable => Code::Unavailable,
        ErrorCode::Internal => Code::Internal,
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
    let info = ErrorInfo { validation_error_info, ..ErrorInfo::default() };
    wire::status(grpc_code(error.code), error.code, error.message, info)
}
