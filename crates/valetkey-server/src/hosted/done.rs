//! How an attempt ended.
//!
//! The browser keeps the result in a cookie for some minutes, so that the page has an address without code and
//! state, can be reloaded, and shows nothing to other browsers. The cookie is not signed: what it says is shown,
//! escaped, to the browser that holds it, and decides nothing.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Extensions, HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::Pages;
use super::cookie::Cookies;
use super::port::{About, Connected, Failure};
use super::problem::BrowserProblem;
use super::respond;
use super::token::LinkToken;
use super::view::{ConnectedPage, NoticePage};

/// Longest encoded result, in bytes. Browsers keep 4096 with the name and attributes (RFC 6265 §6.1).
const MAX_ENCODED: usize = 3600;

/// Longest name in a result that would be too long otherwise, in characters.
const MAX_NAME: usize = 60;

/// How an attempt ended for the person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// The account is connected.
    Connected(Connected),
    /// It is not.
    Failed {
        /// Why.
        failure: Failure,
        /// The link, to start again with.
        retry: Option<LinkToken>,
        /// The request that failed, for support.
        reference: String,
    },
}

/// Leads to the page of `outcome`.
pub(super) fn redirect<P>(pages: &Pages<P>, cookies: Cookies<'_>, outcome: &Outcome) -> Response {
    let mut random = [0_u8; 8];
    pages.entropy.fill(&mut random);
    let name = format!("{:016x}", u64::from_be_bytes(random));
    let page = Redirect::to(&format!("/connect/done/{name}"));
    (cookies.keep_result(&name, &outcome.encode()), page).into_response()
}

/// `GET /connect/done`: where a verification ends if the application has named no page of its own.
pub(super) async fn verified() -> Response {
    respond::page(StatusCode::OK, &NoticePage::verified())
}

/// `GET /connect/done/{result}`.
pub(super) async fn show<P>(
    State(pages): State<Pages<P>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response {
    let cookies = Cookies::of(&pages.site, &headers);
    match cookies.result(&name).and_then(Outcome::decode) {
        Some(Outcome::Connected(connected)) => respond::page(StatusCode::OK, &ConnectedPage::new(&connected)),
        Some(Outcome::Failed { failure, retry, reference }) => {
            respond::problem(&failure, retry.as_ref(), &reference)
        }
        None => {
            let reference = respond::reference(&extensions, pages.entropy.as_ref());
            respond::problem(&BrowserProblem::ResultGone.into(), None, &reference)
        }
    }
}

impl Outcome {
    fn encode(&self) -> String {
        let encoded = self.encode_whole();
        if encoded.len() <= MAX_ENCODED { encoded } else { self.shortened().encode_whole() }
    }

    fn encode_whole(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(encoded: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
    }

    /// Without what the page can do without.
    fn shortened(&self) -> Self {
        match self.clone() {
            Self::Connected(connected) => Self::Connected(Connected {
                about: shortened(&connected.about),
                provider_account: connected.provider_account.as_deref().map(clip),
                missing_scopes: vec![],
                ..connected
            }),
            Self::Failed { failure, retry, reference } => {
                let about = failure.about.as_ref().map(shortened);
                Self::Failed { failure: Failure { about, ..failure }, retry, reference }
            }
        }
    }
}

fn shortened(about: &About) -> About {
    About { application: clip(&about.application), connector: clip(&about.connector), return_to: None }
}

fn clip(text: &str) -> String {
    text.chars().take(MAX_NAME).collect()
}
