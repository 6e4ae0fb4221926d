//! From contexts to responses.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::{HeaderValue, REFRESH, RETRY_AFTER};
use http::{Extensions, StatusCode};
use valetkey_core::Entropy;

use super::port::Failure;
use super::problem::{Problem, ServerProblem};
use super::token::LinkToken;
use super::view::{LeavePage, ProblemPage};
use super::web_url::WebUrl;
use crate::rpc_gate::RequestId;

/// A page.
pub(crate) fn page(status: StatusCode, context: &impl Template) -> Response {
    match context.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "page not rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side.\n").into_response()
        }
    }
}

/// The page of a problem. `retry` is the link to start again with, if the browser has it.
pub(super) fn problem(failure: &Failure, retry: Option<&LinkToken>, reference: &str) -> Response {
    let context = ProblemPage::new(failure, retry, reference);
    let mut response = page(context.status, &context);
    if let Problem::Server(ServerProblem::RateLimited { retry_after }) = failure.problem {
        response.headers_mut().insert(RETRY_AFTER, retry_after.into());
    }
    response
}

/// A page that takes the browser to another site without being the redirect of a form.
pub(super) fn leave(to: &WebUrl) -> Response {
    let mut response = page(StatusCode::OK, &LeavePage::new(to));
    if let Ok(value) = HeaderValue::from_str(&format!("0;url={to}")) {
        response.headers_mut().insert(REFRESH, value);
    }
    response
}

/// The reference of this request, for support: its id.
pub(super) fn reference(extensions: &Extensions, entropy: &dyn Entropy) -> String {
    extensions.get::<RequestId>().map_or_else(|| RequestId::new(entropy).to_string(), ToString::to_string)
}

/// Logs how an attempt ended for the person. The log has the reference that the page shows.
pub(super) fn log(failure: &Failure, reference: &str) {
    tracing::info!(request_id = reference, problem = ?failure.problem, "connect page shows a problem");
}
