//! Problems of this server and of its configuration.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Explanation, Names};

/// What is wrong here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ServerProblem {
    /// The connection is switched off.
    ConnectionDisabled,
    /// The connection lacks a setting or has a wrong one.
    ConnectionMisconfigured,
    /// Too many requests.
    RateLimited {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// A fault of this server.
    Internal,
}

impl ServerProblem {
    pub(super) fn explain(self, Names { application, connector }: &Names<'_>) -> Explanation {
        match self {
            Self::ConnectionDisabled => Explanation::new(
                StatusCode::CONFLICT,
                format!("{connector} cannot be connected at the moment"),
                format!("{application} has switched {connector} off."),
                format!("Ask {application} when it will be available again."),
            ),
            Self::ConnectionMisconfigured => Explanation::new(
                StatusCode::CONFLICT,
                format!("{connector} is not ready to be connected"),
                format!("{application} has not finished setting up {connector}. Nothing was connected."),
                format!("You cannot change this yourself. Give {application} the reference below."),
            ),
            Self::RateLimited { retry_after } => Explanation::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many attempts",
                "There were too many requests in a short time.",
                format!("Wait {}, then try again.", wait(retry_after)),
            )
            .with_retry(),
            Self::Internal => Explanation::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side",
                "It was not your fault. Nothing was connected.",
                format!("Try again. If it happens again, give {application} the reference below."),
            )
            .with_retry(),
        }
    }
}

fn wait(seconds: u32) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => "a minute".into(),
        minutes => format!("{minutes} minutes"),
    }
}
