//! Everything that can go wrong on the way, and the only place that turns it into a status and into words.
//!
//! Each group has a closed enum, and one exhaustive match beside it. To add a problem, add a variant; the compiler
//! asks for its words.

mod browser;
mod flow;
mod link;
mod provider;
mod server;

use http::StatusCode;
use serde::{Deserialize, Serialize};

pub use browser::BrowserProblem;
pub use flow::FlowProblem;
pub use link::LinkProblem;
pub use provider::{ProviderCode, ProviderProblem};
pub use server::ServerProblem;

use super::port::About;

macro_rules! problems {
    ($($(#[$doc:meta])* $group:ident($type:ident),)*) => {
        /// Why a person could not go on.
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        pub enum Problem {$(
            $(#[$doc])*
            $group($type),
        )*}

        $(impl From<$type> for Problem {
            fn from(problem: $type) -> Self {
                Self::$group(problem)
            }
        })*

        impl Problem {
            /// What to tell the person.
            pub fn explain(&self, names: &Names<'_>) -> Explanation {
                match self {$(
                    Self::$group(problem) => problem.explain(names),
                )*}
            }
        }
    };
}

problems! {
    /// The link cannot be used.
    Link(LinkProblem),
    /// This attempt cannot go on.
    Flow(FlowProblem),
    /// The provider said no or nothing.
    Provider(ProviderProblem),
    /// This server or its configuration is at fault.
    Server(ServerProblem),
    /// The browser did not do what our pages need.
    Browser(BrowserProblem),
}

impl Problem {
    /// The error code of the provider, for support.
    pub fn provider_code(&self) -> Option<&ProviderCode> {
        match self {
            Self::Provider(ProviderProblem::Error(code)) => Some(code).filter(|code| !code.is_empty()),
            Self::Provider(_) | Self::Link(_) | Self::Flow(_) | Self::Server(_) | Self::Browser(_) => None,
        }
    }
}

/// How the parties are called in a sentence.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The application that asks.
    pub application: &'a str,
    /// The service that is connected.
    pub connector: &'a str,
}

impl<'a> Names<'a> {
    /// The names, or words that stand for them where they are not known.
    pub fn of(about: Option<&'a About>) -> Self {
        about.map_or(
            Self { application: "the application that sent you here", connector: "the service" },
            |about| Self { application: &about.application, connector: &about.connector },
        )
    }
}

/// A problem in plain words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The HTTP status of the page.
    pub status: StatusCode,
    /// The heading.
    pub title: String,
    /// What happened.
    pub happened: String,
    /// What to do.
    pub next: String,
    /// Whether starting again with the same link can help.
    pub retry: bool,
}

impl Explanation {
    fn new(
        status: StatusCode,
        title: impl Into<String>,
        happened: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self { status, title: title.into(), happened: happened.into(), next: next.into(), retry: false }
    }

    fn with_retry(self) -> Self {
        Self { retry: true, ..self }
    }
}
