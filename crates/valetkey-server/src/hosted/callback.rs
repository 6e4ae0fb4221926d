//! The provider sends the browser back.

use std::collections::BTreeSet;
use std::fmt;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{Extensions, HeaderMap};
use url::form_urlencoded;
use valetkey_core::Secret;
use valetkey_core::id::ConnectionId;

use super::Pages;
use super::cookie::Cookies;
use super::done::{self, Outcome};
use super::port::{ConnectPort, Failure, Next};
use super::problem::FlowProblem;
use super::respond;

/// Longest query that is read, in bytes.
const MAX_QUERY: usize = 16 * 1024;

/// The query with which the provider sends the browser back (RFC 6749 §4.1.2). Names of parameters differ between
/// providers, so it is handed on as it came.
#[derive(Clone)]
pub struct CallbackQuery(Secret);

impl CallbackQuery {
    /// Takes a query. Absent where it is too long or repeats a parameter, which RFC 6749 §3.1 forbids.
    pub fn parse(query: &str) -> Option<Self> {
        let mut names = BTreeSet::new();
        let once = form_urlencoded::parse(query.as_bytes()).all(|(name, _)| names.insert(name));
        (once && query.len() <= MAX_QUERY).then(|| Self(query.into()))
    }

    /// The query itself, without `?`. Do not log it: it has code and state.
    pub fn raw(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for CallbackQuery {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CallbackQuery(…)")
    }
}

/// `GET /sso/v1/oauth/{connection}/callback`: takes code and state, and leads on to an address without them.
pub(super) async fn receive<P: ConnectPort>(
    State(pages): State<Pages<P>>,
    Path(connection): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response {
    let reference = respond::reference(&extensions, pages.entropy.as_ref());
    let cookies = Cookies::of(&pages.site, &headers);
    let answer = CallbackQuery::parse(query.as_deref().unwrap_or_default());
    let (Ok(connection), Some(answer)) = (connection.parse::<ConnectionId>(), answer) else {
        return fail(&pages, cookies, None, FlowProblem::Unknown.into(), reference);
    };
    let response = match pages.port.callback(&connection, answer, cookies.browser().as_ref()).await {
        Ok(Next::Authorize { url, .. } | Next::Return(url)) => Redirect::to(url.as_str()).into_response(),
        Ok(Next::Connected(connected)) => done::redirect(&pages, cookies, &Outcome::Connected(connected)),
        Err(failure) => fail(&pages, cookies, Some(&connection), failure, reference),
    };
    (cookies.forget_retry(&connection), response).into_response()
}

fn fail<P>(
    pages: &Pages<P>,
    cookies: Cookies<'_>,
    connection: Option<&ConnectionId>,
    failure: Failure,
    reference: String,
) -> Response {
    respond::log(&failure, &reference);
    let retry = connection.and_then(|connection| cookies.retry(connection));
    done::redirect(pages, cookies, &Outcome::Failed { failure, retry, reference })
}
