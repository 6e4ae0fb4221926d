//! An error as callers of `valetkey.v1` get it: one flat object.

use valetkey_app::Error;
use valetkey_core::{
    account::NextAction,
    error_code::{Dialect, ErrorCode},
};
use valetkey_proto::scalekit::v1::errdetails::ErrorInfo;
use valetkey_proto::valetkey::v1::{ErrorAnswer, ErrorDetail};

/// What the caller can do about a code, where no state of an account says it.
const fn remedy(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidArgument
        | ErrorCode::InvalidScopeSelection
        | ErrorCode::InvalidScope
        | ErrorCode::ResourceNotFound
        | ErrorCode::AccountNotFound
        | ErrorCode::ConnectionNotFound
        | ErrorCode::LinkNotFound
        | ErrorCode::OperationNotFound
        | ErrorCode::ResourceAlreadyExists
        | ErrorCode::AccountAlreadyExists
        | ErrorCode::ResourceInUse
        | ErrorCode::AmbiguousAccount
        | ErrorCode::RedirectUrlNotAllowed
        | ErrorCode::UserVerifyUrlRequired
        | ErrorCode::TestModeUnavailable
        | ErrorCode::NotATestAccount
        | ErrorCode::IdempotencyKeyReused
        | ErrorCode::NotImplemented
        | ErrorCode::AnswerTooLong => "fix_request",
        ErrorCode::Unauthenticated => "authenticate",
        ErrorCode::PermissionDenied | ErrorCode::InvalidPermissions => "ask_permission",
        ErrorCode::RateLimited
        | ErrorCode::Conflict
        | ErrorCode::Unavailable
        | ErrorCode::ProviderUnreachable
        | ErrorCode::ProviderTimeout => "retry",
        ErrorCode::ConnectionDisabled
        | ErrorCode::ConnectionIncomplete
        | ErrorCode::ConnectionMisconfigured => NextAction::FixConnection.as_str(),
        ErrorCode::AccountPending
        | ErrorCode::AccountExpired
        | ErrorCode::AccountRevoked
        | ErrorCode::AccountError
        | ErrorCode::ScopeMissing
        | ErrorCode::UserMismatch
        | ErrorCode::InvalidState
        | ErrorCode::IssuerMismatch
        | ErrorCode::ExchangeFailed => NextAction::Reauthorize.as_str(),
        ErrorCode::AccountSuspended => NextAction::Resume.as_str(),
        ErrorCode::AccountNotActive
        | ErrorCode::AccountNotSuspended
        | ErrorCode::NotRefreshable
        | ErrorCode::CleanupNotNeeded => NextAction::None.as_str(),
        ErrorCode::ProviderError | ErrorCode::ToolError | ErrorCode::Internal => "contact_operator",
    }
}

/// The answer with what the status and its other detail say. Reason and next action stay where they are known.
pub(super) fn completed(known: ErrorAnswer, code: ErrorCode, message: &str, info: &ErrorInfo) -> ErrorAnswer {
    let violations = info.validation_error_info.iter().flat_map(|found| &found.field_violations);
    let broken = violations.map(|one| ErrorDetail {
        field: one.field.clone(),
        description: one.description.clone(),
        constraint: one.constraint.clone(),
    });
    let permissions = info.resource_info.iter().flat_map(|found| &found.required_permissions);
    let missing = permissions.map(|permission| ErrorDetail {
        field: String::new(),
        description: permission.clone(),
        constraint: "permission".to_owned(),
    });
    let next_action = if known.next_action.is_empty() { remedy(code).to_owned() } else { known.next_action };
    ErrorAnswer {
        code: code.as_str().to_owned(),
        message: message.to_owned(),
        reason: known.reason,
        next_action,
        request_id: info.request_info.as_ref().map(|request| request.request_id.clone()).unwrap_or_default(),
        details: broken.chain(missing).collect(),
    }
}

/// An error of a use case as part of another answer, such as the result of an item.
pub(crate) fn answer_of(error: &Error) -> ErrorAnswer {
    let code = error.code.in_dialect(Dialect::Valetkey);
    ErrorAnswer {
        code: code.as_str().to_owned(),
        message: error.message.clone(),
        reason: error.standing.map(|(_, reason)| reason.as_str().to_owned()).unwrap_or_default(),
        next_action: error.next_action().map_or(remedy(code), NextAction::as_str).to_owned(),
        request_id: String::new(),
        details: error
            .violations
            .iter()
            .map(|one| ErrorDetail {
                field: one.field.clone(),
                description: one.description.clone(),
                constraint: one.constraint.clone(),
            })
            .collect(),
    }
}
