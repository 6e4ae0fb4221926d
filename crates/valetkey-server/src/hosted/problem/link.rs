//! Problems of authorization links.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Explanation, Names};

/// Why a link cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum LinkProblem {
    /// There is no such link.
    Unknown,
    /// Its time is over.
    Expired,
    /// It has connected an account.
    Used,
    /// The application has revoked it.
    Revoked,
}

impl LinkProblem {
    pub(super) fn explain(self, Names { application, .. }: &Names<'_>) -> Explanation {
        match self {
            Self::Unknown => Explanation::new(
                StatusCode::NOT_FOUND,
                "This link does not work",
                "The address is incomplete, or there never was such a link.",
                format!("Check that you have the whole link, or ask {application} for a new one."),
            ),
            Self::Expired => Explanation::new(
                StatusCode::GONE,
                "This link has expired",
                "Links to connect an account work for a limited time.",
                format!("Ask {application} for a new link."),
            ),
            Self::Used => Explanation::new(
                StatusCode::GONE,
                "This link has already been used",
                "An account was connected with it, and each link works once.",
                format!(
                    "If that was you, all is done and you can close this page. If not, tell {application}."
                ),
            ),
            Self::Revoked => Explanation::new(
                StatusCode::GONE,
                "This link was withdrawn",
                "It can no longer be used to connect an account.",
                format!("If you still want to connect, ask {application} for a new link."),
            ),
        }
    }
}
