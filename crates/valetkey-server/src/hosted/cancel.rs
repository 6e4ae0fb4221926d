//! The person does not want to connect.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{Extensions, HeaderMap};

use super::Pages;
use super::cookie::Cookies;
use super::done::{self, Outcome};
use super::form::{self, RawForm};
use super::port::{ConnectPort, Failure};
use super::problem::{FlowProblem, LinkProblem};
use super::respond;
use super::token::LinkToken;

/// `GET /connect/{token}/cancel`: a reload of an answer to the form. Cancelling takes the button.
pub(super) async fn back(Path(token): Path<String>) -> Response {
    let path = LinkToken::parse(&token).map(|link| link.path());
    Redirect::to(path.as_deref().unwrap_or("/connect/unknown")).into_response()
}

/// `POST /connect/{token}/cancel`.
pub(super) async fn submit<P: ConnectPort>(
    State(pages): State<Pages<P>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    form: RawForm,
) -> Response {
    let reference = respond::reference(&extensions, pages.entropy.as_ref());
    let Some(link) = LinkToken::parse(&token) else {
        return respond::problem(&LinkProblem::Unknown.into(), None, &reference);
    };
    let browser = match form::accept(&pages.site, &headers, &link, form) {
        Ok(form) => form.browser,
        Err(problem) => return respond::problem(&problem.into(), Some(&link), &reference),
    };
    let failure = match pages.port.cancel(&link, &browser).await {
        Ok(about) => Failure::about(FlowProblem::Denied, about),
        Err(failure) => failure,
    };
    respond::log(&failure, &reference);
    let outcome = Outcome::Failed { failure, retry: Some(link), reference };
    done::redirect(&pages, Cookies::of(&pages.site, &headers), &outcome)
}
