//! The start page: who asks for what, and the button.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{Extensions, HeaderMap, StatusCode};

use super::Pages;
use super::cookie::Cookies;
use super::done::{self, Outcome};
use super::form::{self, OwnForm, RawForm};
use super::port::{ConnectPort, Failure, Next, SubmitError};
use super::problem::LinkProblem;
use super::respond;
use super::token::{BrowserToken, LinkToken};
use super::view::{Entered, StartPage};

/// `GET /connect/{token}`.
pub(super) async fn show<P: ConnectPort>(
    State(pages): State<Pages<P>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response {
    let reference = respond::reference(&extensions, pages.entropy.as_ref());
    let Some(link) = LinkToken::parse(&token) else {
        return respond::problem(&LinkProblem::Unknown.into(), None, &reference);
    };
    let cookies = Cookies::of(&pages.site, &headers);
    let known = cookies.browser();
    match pages.port.open(&link, known.as_ref()).await {
        Ok(page) => {
            let browser = known.unwrap_or_else(|| BrowserToken::new(pages.entropy.as_ref()));
            let context = StartPage::new(&page, &link, browser.form_token(&link), &Entered::default());
            (cookies.keep_browser(&browser), respond::page(StatusCode::OK, &context)).into_response()
        }
        Err(failure) => fail(&failure, &link, &reference),
    }
}

/// `POST /connect/{token}`.
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
    let OwnForm { browser, fields } = match form::accept(&pages.site, &headers, &link, form) {
        Ok(form) => form,
        Err(problem) => return respond::problem(&problem.into(), Some(&link), &reference),
    };
    let entered =
        |invalid, credential_refused| Entered { fields: Some(&fields), invalid, credential_refused };
    match pages.port.submit(&link, &browser, &fields).await {
        Ok(next) => go_on(&pages, &headers, &link, next),
        Err(SubmitError::Fields(invalid)) => {
            again(&pages, &link, &browser, &entered(invalid, false), &reference).await
        }
        Err(SubmitError::CredentialRefused) => {
            again(&pages, &link, &browser, &entered(vec![], true), &reference).await
        }
        Err(SubmitError::Failed(failure)) => fail(&failure, &link, &reference),
    }
}

/// The form once more, with what is wrong and without secrets.
async fn again<P: ConnectPort>(
    pages: &Pages<P>,
    link: &LinkToken,
    browser: &BrowserToken,
    entered: &Entered<'_>,
    reference: &str,
) -> Response {
    match pages.port.open(link, Some(browser)).await {
        Ok(page) => {
            let context = StartPage::new(&page, link, browser.form_token(link), entered);
            respond::page(StatusCode::UNPROCESSABLE_ENTITY, &context)
        }
        Err(failure) => fail(&failure, link, reference),
    }
}

fn go_on<P>(pages: &Pages<P>, headers: &HeaderMap, link: &LinkToken, next: Next) -> Response {
    let cookies = Cookies::of(&pages.site, headers);
    match next {
        Next::Authorize { connection, url } => {
            (cookies.keep_retry(&connection, link), respond::leave(&url)).into_response()
        }
        Next::Return(url) => respond::leave(&url),
        Next::Connected(connected) => done::redirect(pages, cookies, &Outcome::Connected(connected)),
    }
}

fn fail(failure: &Failure, link: &LinkToken, reference: &str) -> Response {
    respond::log(failure, reference);
    respond::problem(failure, Some(link), reference)
}
