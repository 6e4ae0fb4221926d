//! Forms that our own pages in this browser have sent, and no others.

use axum::Form;
use axum::extract::rejection::FormRejection;
use http::header::ORIGIN;
use http::{HeaderMap, HeaderName};
use valetkey_core::Secret;

use super::cookie::Cookies;
use super::port::Fields;
use super::problem::BrowserProblem;
use super::site::Site;
use super::token::{BrowserToken, LinkToken};

/// The name of the form token. Names of fields have no `-`, so it cannot be one of them.
pub(super) const TOKEN: &str = "form-token";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A form as axum reads it.
pub(super) type RawForm = Result<Form<Vec<(String, String)>>, FormRejection>;

/// A form that came from our page for a link, in the browser with this token.
pub(super) struct OwnForm {
    pub(super) browser: BrowserToken,
    pub(super) fields: Fields,
}

/// Takes `form` if the page for `link` in this browser has sent it.
pub(super) fn accept(
    site: &Site,
    headers: &HeaderMap,
    link: &LinkToken,
    form: RawForm,
) -> Result<OwnForm, BrowserProblem> {
    if !same_origin(site, headers) {
        return Err(BrowserProblem::ForeignForm);
    }
    let browser = Cookies::of(site, headers).browser().ok_or(BrowserProblem::CookieMissing)?;
    let Form(pairs) = form.map_err(|_| BrowserProblem::ForeignForm)?;
    let mut fields: Fields = pairs.into_iter().map(|(name, value)| (name, Secret::from(value))).collect();
    let token = fields.remove(TOKEN).ok_or(BrowserProblem::ForeignForm)?;
    if !browser.made(token.expose(), link) {
        return Err(BrowserProblem::ForeignForm);
    }
    Ok(OwnForm { browser, fields })
}

/// What the browser itself says about the page that sent the form. `Origin` is `null` on our own pages, because they
/// tell nobody where they are (`Referrer-Policy: no-referrer`, Fetch §3.2); the form token decides then.
fn same_origin(site: &Site, headers: &HeaderMap) -> bool {
    let own_site = headers.get(SEC_FETCH_SITE).is_none_or(|value| value == "same-origin");
    let own_origin = headers.get(ORIGIN).is_none_or(|value| value == "null" || value == site.origin());
    own_site && own_origin
}
