//! The one error type of the use cases.

use valetkey_core::{
    account::{NextAction, Reason, State},
    error_code::{Dialect, ErrorCode},
};
use valetkey_store::StoreError;
use valetkey_vault::VaultError;

use crate::tool::ToolFailure;

/// A rule that a field breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// The path of the field, with the names of the request.
    pub field: String,
    /// What is wrong and what is expected. Never contains the value.
    pub description: String,
    /// The name of the rule, such as `required`.
    pub constraint: String,
}

/// Why a use case did not do its work. Nothing has changed when one is returned.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The stable code.
    pub code: ErrorCode,
    /// What failed, with which named thing, and what to do. For the caller's eyes.
    pub message: String,
    /// The fields at fault, for [`ErrorCode::InvalidArgument`].
    pub violations: Vec<FieldViolation>,
    /// The state of the account and why it is in it, where that is the cause.
    pub standing: Option<(State, Reason)>,
    /// What the provider reported, for [`ErrorCode::ToolError`].
    pub tool: Option<Box<ToolFailure>>,
    /// The cause, for the log of this server only.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with a code and a message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), violations: vec![], standing: None, tool: None, source: None }
    }

    /// One field breaks one rule.
    pub fn invalid(field: &str, constraint: &str, description: impl Into<String>) -> Self {
        let description = description.into();
        Self {
            violations: vec![FieldViolation {
                field: field.to_owned(),
                description: description.clone(),
                constraint: constraint.to_owned(),
            }],
            ..Self::new(ErrorCode::InvalidArgument, format!("{field}: {description}"))
        }
    }

    /// There is no such thing, or the caller may not see it.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ResourceNotFound, message)
    }

    /// An account is in a state that does not allow this.
    pub fn standing(code: ErrorCode, state: State, reason: Reason, message: impl Into<String>) -> Self {
        Self { standing: Some((state, reason)), ..Self::new(code, message) }
    }

    /// What ends the state of the account, where that is the cause.
    pub fn next_action(&self) -> Option<NextAction> {
        self.standing.map(|(state, reason)| NextAction::of(state, reason))
    }

    /// The code by which the log of calls knows it, which published clients read.
    pub fn recorded_code(&self) -> &'static str {
        self.code.in_dialect(Dialect::Scalekit).as_str()
    }

    /// Whether the state of an account is the cause.
    pub fn is_about_state(&self) -> bool {
        self.code.in_dialect(Dialect::Scalekit) == ErrorCode::AccountNotActive
    }

    /// A fault of this server; the cause goes to the log, not to the caller.
    pub fn internal(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            source: Some(Box::new(source)),
            ..Self::new(ErrorCode::Internal, "internal error; see the server's log for this request id")
        }
    }

    /// This server cannot do its work at the moment.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    /// Whether this server could not do its work at the moment, so that the same may succeed later.
    pub fn is_passing(&self) -> bool {
        self.code == ErrorCode::Unavailable
    }

    /// Whether somebody else changed the same thing between our reading and writing, so that a new attempt may succeed.
    pub fn is_conflict(&self) -> bool {
        self.code == ErrorCode::Conflict
    }

    /// Somebody else changed the same thing between our reading and writing.
    pub fn conflict(what: &str) -> Self {
        Self::new(
            ErrorCode::Conflict,
            format!("{what} was changed by somebody else at the same time; try again"),
        )
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let (code, message) = match &error {
            StoreError::Conflict { .. } => (
                ErrorCode::Conflict,
                "the same thing was made or changed by somebody else at the same time; try again",
            ),
            StoreError::PageToken => {
                return Self::invalid(
                    "page_token",
                    "page_token",
                    "does not belong to this list; start again without one",
                );
            }
            StoreError::Busy { .. } | StoreError::Lost { .. } => {
                (ErrorCode::Unavailable, "the database is busy or away; try again")
            }
            _ => return Self::internal(error),
        };
        Self { source: Some(Box::new(error)), ..Self::new(code, message) }
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::KeyService { .. } => Self {
                source: Some(Box::new(error)),
                ..Self::new(ErrorCode::Unavailable, "the key service does not answer; try again")
            },
            VaultError::DoesNotOpen { .. }
            | VaultError::UnknownKek { .. }
            | VaultError::DataKeyDoesNotOpen { .. } => Self::internal(error),
        }
    }
}

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;
