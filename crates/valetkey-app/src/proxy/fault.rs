//! Why a proxied call has no answer.

use valetkey_core::error_code::ErrorCode;
use valetkey_provider::{CallError, egress::EgressError, oauth::TokenError};

use crate::Error;

/// The error for a call without an answer. No text in it comes from the provider or has a secret.
pub(super) fn no_answer(error: &CallError) -> Error {
    let told = |code| Error::new(code, error.to_string());
    match error {
        CallError::Destination(valetkey_provider::DestinationError::Path(reason)) => {
            Error::invalid("path", "path", format!("cannot be used: {reason}"))
        }
        CallError::HeaderNotAllowed(name) => Error::invalid(
            &format!("headers.{name}"),
            "credential",
            "carries the credential of the account; leave it out",
        ),
        CallError::ParameterNotAllowed(name) => Error::invalid(
            &format!("query.{name}"),
            "credential",
            "carries the credential of the account; leave it out",
        ),
        CallError::MethodNotAllowed(method) => {
            Error::invalid("method", "method", format!("{method} is not passed on"))
        }
        CallError::Egress(EgressError::Unfinished { .. }) | CallError::BodyUnfinished => {
            Error::invalid("body", "complete", "did not come completely, or paused for too long")
        }
        CallError::BodyTooLong { limit } => Error::invalid(
            "body",
            "max_len",
            format!("is longer than {limit} bytes, up to which it can be signed for this API"),
        ),
        CallError::Token(
            TokenError::Transient { .. } | TokenError::Unknown { .. } | TokenError::RateLimited { .. },
        ) => told(ErrorCode::ProviderUnreachable),
        CallError::Egress(EgressError::Timeout { .. }) => told(ErrorCode::ProviderTimeout),
        CallError::Egress(egress) if egress.is_transient() => told(ErrorCode::ProviderUnreachable),
        CallError::Destination(_)
        | CallError::Scheme(_)
        | CallError::Egress(_)
        | CallError::Status { .. }
        | CallError::Token(_)
        | CallError::NotJson(_) => told(ErrorCode::ConnectionIncomplete),
    }
}
