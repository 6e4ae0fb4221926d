//! Problems of one attempt to authorize.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Explanation, Names};

/// Why an attempt cannot go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FlowProblem {
    /// The `state` belongs to no attempt, or is missing.
    Unknown,
    /// The `state` has been used.
    Spent,
    /// The person took too long at the provider.
    Expired,
    /// A newer attempt with the same link took over.
    Superseded,
    /// Another browser has started the attempt.
    WrongBrowser,
    /// The person said no.
    Denied,
    /// Only an operator who is signed in may complete it (verification mode `platform`).
    NotSignedIn,
}

impl FlowProblem {
    pub(super) fn explain(self, Names { application, connector }: &Names<'_>) -> Explanation {
        match self {
            Self::Unknown => Explanation::new(
                StatusCode::BAD_REQUEST,
                "We do not recognize this answer",
                format!("The answer from {connector} belongs to nothing that was started here. Nothing was connected."),
                format!("Open the link from {application} again."),
            )
            .with_retry(),
            Self::Spent => Explanation::new(
                StatusCode::CONFLICT,
                "This step is already done",
                format!("The answer from {connector} was used before, for example because the page was reloaded."),
                "If you have seen that the account is connected, you can close this page. If not, try again.",
            )
            .with_retry(),
            Self::Expired => Explanation::new(
                StatusCode::GONE,
                "That took too long",
                format!("The time to sign in to {connector} has run out. Nothing was connected."),
                "Try again, and complete all steps within a few minutes.",
            )
            .with_retry(),
            Self::Superseded => Explanation::new(
                StatusCode::CONFLICT,
                "You have started again elsewhere",
                "A newer attempt with the same link has taken over, perhaps in another tab.",
                "Continue there and close this page, or start once more.",
            )
            .with_retry(),
            Self::WrongBrowser => Explanation::new(
                StatusCode::FORBIDDEN,
                "This was started in another browser",
                format!("To protect your account, connecting {connector} has to end in the browser in which it began. Nothing was connected."),
                format!("Open the link from {application} in this browser and take all steps here."),
            ),
            Self::Denied => Explanation::new(
                StatusCode::OK,
                format!("{connector} was not connected"),
                "You chose not to give access. Nothing has changed.",
                "You can close this page. If that was a mistake, try again.",
            )
            .with_retry(),
            Self::NotSignedIn => Explanation::new(
                StatusCode::FORBIDDEN,
                "Sign in first",
                format!("Only members of the team that runs this server can connect {connector} here, and nobody is signed in with this browser."),
                "Sign in to Valetkey in this browser, then try again.",
            )
            .with_retry(),
        }
    }
}
