//! Cookies of the pages (RFC 6265bis).
//!
//! All are host-only, out of reach for scripts and `SameSite=Lax`: they come along when the provider sends the
//! browser back, and not with forms of other sites. With TLS they have the `__Host-` prefix, which no sibling domain
//! can set.

use axum::response::AppendHeaders;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName};
use valetkey_core::Entropy;
use valetkey_core::id::ConnectionId;

use super::site::Site;
use super::token::{BrowserToken, LinkToken};

/// How long a browser is recognized after its last visit, in seconds. Longer than a link lives by default.
const BROWSER_LIFETIME: u32 = 30 * 24 * 3600;
/// How long the way back to the link is kept while the person is at the provider, in seconds.
const RETRY_LIFETIME: u32 = 3600;
/// How long a result can be shown again, in seconds.
pub(super) const RESULT_LIFETIME: u32 = 600;

/// A `Set-Cookie` header.
pub type SetCookie = AppendHeaders<Option<(HeaderName, String)>>;

/// The cookies of one site, in one request.
#[derive(Clone, Copy)]
pub(super) struct Cookies<'a> {
    site: &'a Site,
    headers: &'a HeaderMap,
}

impl<'a> Cookies<'a> {
    pub(super) fn of(site: &'a Site, headers: &'a HeaderMap) -> Self {
        Self { site, headers }
    }

    /// What the browser presents as its own token.
    pub(super) fn browser(&self) -> Option<BrowserToken> {
        self.get("browser").and_then(BrowserToken::parse)
    }

    /// Keeps the browser's own token.
    pub(super) fn keep_browser(&self, token: &BrowserToken) -> SetCookie {
        self.set("browser", token.expose(), BROWSER_LIFETIME)
    }

    /// The link with which this browser has started a flow of `connection`.
    pub(super) fn retry(&self, connection: &ConnectionId) -> Option<LinkToken> {
        self.get(&retry(connection)).and_then(LinkToken::parse)
    }

    /// Keeps the way back to the link until the provider calls back.
    pub(super) fn keep_retry(&self, connection: &ConnectionId, link: &LinkToken) -> SetCookie {
        self.set(&retry(connection), link.expose(), RETRY_LIFETIME)
    }

    /// Forgets the way back.
    pub(super) fn forget_retry(&self, connection: &ConnectionId) -> SetCookie {
        self.set(&retry(connection), "", 0)
    }

    /// The encoded result with this name.
    pub(super) fn result(&self, name: &str) -> Option<&'a str> {
        self.get(&format!("result_{name}"))
    }

    /// Keeps an encoded result.
    pub(super) fn keep_result(&self, name: &str, encoded: &str) -> SetCookie {
        self.set(&format!("result_{name}"), encoded, RESULT_LIFETIME)
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let name = self.full_name(name);
        let lines = self.headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(given, value)| (given == name).then_some(value))
    }

    fn set(&self, name: &str, value: &str, lifetime: u32) -> SetCookie {
        let name = self.full_name(name);
        let secure = if self.site.is_secure() { "; Secure" } else { "" };
        let line = format!("{name}={value}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Lax{secure}");
        AppendHeaders(Some((SET_COOKIE, line)))
    }

    fn full_name(&self, name: &str) -> String {
        format!("{}vk_{name}", if self.site.is_secure() { "__Host-" } else { "" })
    }
}

/// The browser's own token, for the other pages that bind something to the browser.
#[derive(Clone, Debug)]
pub struct BrowserCookie(BrowserToken);

impl BrowserCookie {
    /// The token that came with a request, or a new one.
    pub fn of(site: &Site, headers: &HeaderMap, entropy: &dyn Entropy) -> Self {
        Self(Cookies::of(site, headers).browser().unwrap_or_else(|| BrowserToken::new(entropy)))
    }

    /// The token. Do not log it, and store no more than its hash.
    pub fn token(&self) -> &str {
        self.0.expose()
    }

    /// The header that keeps it.
    pub fn keep(&self, site: &Site) -> SetCookie {
        Cookies::of(site, &HeaderMap::new()).keep_browser(&self.0)
    }
}

fn retry(connection: &ConnectionId) -> String {
    format!("retry_{connection}")
}
