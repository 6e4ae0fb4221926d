//! Problems between the browser and our pages.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Explanation, Names};

/// What the browser did not do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum BrowserProblem {
    /// It sent a form without our cookie.
    CookieMissing,
    /// It sent a form that is not of our page in this browser.
    ForeignForm,
    /// It asks for a result that it does not hold.
    ResultGone,
}

impl BrowserProblem {
    pub(super) fn explain(self, Names { application, .. }: &Names<'_>) -> Explanation {
        match self {
            Self::CookieMissing => Explanation::new(
                StatusCode::BAD_REQUEST,
                "Your browser did not keep our cookie",
                "One cookie makes sure that the person who starts is the person who finishes. It follows nobody around.",
                "Allow cookies for this site, then try again.",
            )
            .with_retry(),
            Self::ForeignForm => Explanation::new(
                StatusCode::FORBIDDEN,
                "The form could not be accepted",
                "It was not sent from our page in this browser, or the page was open for too long.",
                "Go back to the start and try again.",
            )
            .with_retry(),
            Self::ResultGone => Explanation::new(
                StatusCode::NOT_FOUND,
                "There is nothing to show here any more",
                "Results can be seen for a few minutes, in the browser that got them, if it keeps cookies.",
                format!("Look in {application} whether your account is connected. If not, open the link again."),
            ),
        }
    }
}
