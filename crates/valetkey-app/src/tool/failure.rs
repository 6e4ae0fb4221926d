//! A failure of the provider, as the caller of a tool gets it.

use valetkey_core::{error_code::ErrorCode, id::ExecutionId, tool::Failure};
use valetkey_provider::{
    CallError,
    egress::{EgressError, Sent},
    oauth::TokenError,
};

use crate::Error;

/// A failure of the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolFailure {
    /// The execution, to find it in the log.
    pub execution: ExecutionId,
    /// The HTTP status that it amounts to.
    pub status: u16,
    /// The code of the provider, or `HTTP_<status>`.
    pub code: String,
    /// The message of the provider.
    pub message: String,
}

impl Error {
    /// The provider has refused or failed.
    pub(super) fn tool(execution: &ExecutionId, name: &str, failure: Failure) -> Self {
        let Failure { status, code, message } = failure;
        let told = format!("{name}: the provider answered with {status} ({code}): {message}");
        let failure = ToolFailure { execution: execution.clone(), status, code, message };
        Self { tool: Some(Box::new(failure)), ..Self::new(ErrorCode::ToolError, told) }
    }
}

/// What came instead of an answer: a failure of the provider, or of what is before it.
pub(super) enum NoAnswer {
    /// The provider, or the way to it.
    Provider {
        /// What it reported.
        failure: Failure,
        /// Whether it refused the credential, and so has done nothing.
        refused: bool,
    },
    /// Something that an operator can mend.
    Platform(Error),
}

impl NoAnswer {
    pub(super) fn of(error: &CallError) -> Self {
        let provider = |status, code: &str| {
            let failure = Failure { status, code: code.to_owned(), message: error.to_string() };
            Self::Provider { failure, refused: false }
        };
        match error {
            CallError::Egress(EgressError::Timeout { .. }) => provider(504, "TIMEOUT"),
            CallError::Egress(EgressError::TooLarge { .. }) => provider(502, "ANSWER_TOO_LARGE"),
            CallError::Egress(egress) if egress.is_transient() => match egress.sent() {
                Sent::Maybe => provider(502, "CONNECTION_BROKE"),
                // Nothing was sent, so that the caller may safely try again.
                Sent::No => provider(502, "NO_CONNECTION"),
            },
            // The API itself was not called.
            CallError::Token(
                TokenError::Transient { .. } | TokenError::Unknown { .. } | TokenError::RateLimited { .. },
            ) => provider(502, "NO_TOKEN"),
            other => Self::Platform(Error::new(ErrorCode::ConnectionIncomplete, other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use valetkey_provider::egress::Sent;

    use super::*;

    #[test]
    fn quirk_72_a_token_that_cannot_be_had_now_is_a_failure_of_the_provider_and_a_refused_one_is_not() {
        let away = TokenError::Transient { reason: "no answer".into(), retry_after: None, sent: Sent::Maybe };
        let NoAnswer::Provider { failure, refused } = NoAnswer::of(&away.into()) else {
            panic!("the provider has failed");
        };
        assert_eq!((failure.status, failure.code.as_str(), refused), (502, "NO_TOKEN", false));
        let wrong = TokenError::NotRenewable("the credential is not accepted");
        assert!(matches!(NoAnswer::of(&wrong.into()), NoAnswer::Platform(_)));
    }
}
