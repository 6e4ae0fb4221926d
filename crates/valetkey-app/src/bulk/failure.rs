//! Why an item failed, as it is stored.

use serde::{Deserialize, Serialize};
use valetkey_core::{
    account::{Reason, State},
    error_code::ErrorCode,
};

use crate::{Error, FieldViolation, Result};

/// What of an error is kept: what its caller may see.
#[derive(Serialize, Deserialize)]
pub(super) struct Failure {
    code: ErrorCode,
    message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    violations: Vec<Violation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    standing: Option<(State, Reason)>,
}

#[derive(Serialize, Deserialize)]
struct Violation {
    field: String,
    description: String,
    constraint: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        if let Some(source) = &error.source {
            tracing::error!(code = error.code.as_str(), cause = %source, "an item of a bulk operation failed");
        }
        let violation = |one: &FieldViolation| Violation {
            field: one.field.clone(),
            description: one.description.clone(),
            constraint: one.constraint.clone(),
        };
        Self {
            code: error.code,
            message: error.message.clone(),
            violations: error.violations.iter().map(violation).collect(),
            standing: error.standing,
        }
    }
}

impl Failure {
    /// The stored form.
    pub(super) fn text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Reads the stored form.
    pub(super) fn read(text: &str) -> Result<Error> {
        let Self { code, message, violations, standing } =
            serde_json::from_str(text).map_err(Error::internal)?;
        let violation = |one: Violation| FieldViolation {
            field: one.field,
            description: one.description,
            constraint: one.constraint,
        };
        let violations = violations.into_iter().map(violation).collect();
        Ok(Error { violations, standing, ..Error::new(code, message) })
    }
}
