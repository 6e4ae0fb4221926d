//! The page of every problem.

use askama::Template;
use http::StatusCode;

use crate::hosted::port::Failure;
use crate::hosted::problem::{Explanation, Names};
use crate::hosted::token::LinkToken;
use crate::hosted::web_url::WebUrl;

/// What happened, and the way out.
#[derive(Template, Clone, Debug)]
#[template(path = "hosted/problem.html")]
pub struct ProblemPage {
    /// The HTTP status.
    pub status: StatusCode,
    /// The heading.
    pub title: String,
    /// What happened.
    pub happened: String,
    /// What to do.
    pub next: String,
    /// The path to start again.
    pub retry: Option<String>,
    /// The application, and the way back to it.
    pub back: Option<(String, WebUrl)>,
    /// Who reported the error code that follows.
    pub connector: String,
    /// The error code of the provider.
    pub provider_code: Option<String>,
    /// The reference for support.
    pub reference: String,
}

impl ProblemPage {
    /// The page of `failure`. `retry` is the link that the browser came with.
    pub fn new(failure: &Failure, retry: Option<&LinkToken>, reference: &str) -> Self {
        let about = failure.about.as_ref();
        let names = Names::of(about);
        let Explanation { status, title, happened, next, retry: can_retry } = failure.problem.explain(&names);
        Self {
            status,
            title,
            happened,
            next,
            retry: retry.filter(|_| can_retry).map(LinkToken::path),
            back: about.and_then(|about| Some((about.application.clone(), about.return_to.clone()?))),
            connector: names.connector.to_owned(),
            provider_code: failure.problem.provider_code().map(ToString::to_string),
            reference: reference.to_owned(),
        }
    }
}
