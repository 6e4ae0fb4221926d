//! Where a credential may go: the hosts of its connector, and nowhere else.
//!
//! Only [`attach`](crate::scheme::attach) puts a credential into a request, and it takes a [`Destination`], which
//! can be made in this module only. So no other code can send a credential to a host that its definition does not
//! name.

use url::{Position, Url, form_urlencoded};
use valetkey_core::connector::{Api, Template};

use crate::{
    Fields,
    url_template::{UrlError, acceptable, host_is_variable, render_url},
};

/// An address that the credential of a connector may be sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Destination {
    url: Url,
    /// The query to the letter, where a caller gave one. The URL has the same with more characters escaped.
    query: Option<String>,
}

/// Why a credential is not sent to an address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DestinationError {
    /// The URL cannot be made.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The host, port or scheme is not one of the connector's.
    #[error(
        "the credential is not sent to {0}, which is not a host of this connector; \
         add it to api.allowed_hosts of the definition if it should be"
    )]
    ForeignHost(String),
    /// The path leaves or rewrites what it is appended to.
    #[error("the path cannot be used: {0}")]
    Path(&'static str),
}

impl Destination {
    /// `path` below the base URL of `api`. It may have a query; it may not have dot segments, plain or encoded.
    pub fn below_base(api: &Api, fields: &Fields, path: &str) -> Result<Self, DestinationError> {
        Base::of(api, fields)?.below(path)
    }

    /// The URL of `template`, which must be at a host of `api`.
    pub fn absolute(api: &Api, fields: &Fields, template: &Template) -> Result<Self, DestinationError> {
        let url = render_url(template, fields)?;
        let at_base = || base_url(api, fields).is_ok_and(|base| origin(&base) == origin(&url));
        if matches_any(&api.allowed_hosts, fields, &url) || at_base() {
            Ok(Self { url, query: None })
        } else {
            Err(foreign(&url))
        }
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The address, and the query as it is to be sent, where that is not the one of the URL to the letter.
    pub(crate) fn into_parts(self) -> (Url, Option<String>) {
        (self.url, self.query)
    }

    /// Adds a query parameter, after the present ones.
    pub(crate) fn append_query(&mut self, name: &str, value: &str) {
        self.url.query_pairs_mut().append_pair(name, value);
        if let Some(query) = &mut self.query {
            let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
            *query = format!("{query}&{pair}");
        }
    }
}

/// The base URL of an API for one account, at a host that its definition names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Base(Url);

impl Base {
    pub(crate) fn of(api: &Api, fields: &Fields) -> Result<Self, DestinationError> {
        base_url(api, fields).map(Self)
    }

    /// Its host.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// What of `address`, which the API named in an answer of `answered`, is below this: path and query for
    /// [`below`](Self::below). `None` for an address elsewhere.
    pub(crate) fn path_of(&self, answered: &Destination, address: &str) -> Option<String> {
        let (Self(base), url) = (self, answered.url.join(address).ok()?);
        let root = base.path().trim_end_matches('/');
        let rest = url.path().strip_prefix(root).filter(|rest| rest.starts_with('/'))?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        (origin(&url) == origin(base) && check_path(rest).is_ok()).then(|| format!("{rest}{query}"))
    }

    /// `path` below it. It may have a query; it may not have dot segments, plain or encoded.
    pub(crate) fn below(&self, path: &str) -> Result<Destination, DestinationError> {
        check_path(path).map_err(DestinationError::Path)?;
        let Self(base) = self;
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = base.clone();
        let slash = if path.is_empty() { "" } else { "/" };
        url.set_path(&[base.path().trim_end_matches('/'), slash, path.trim_start_matches('/')].concat());
        url.set_fragment(None);
        let queries = [base.query(), query].into_iter().flatten().filter(|part| !part.is_empty());
        let query = queries.collect::<Vec<_>>().join("&");
        let query = (!query.is_empty()).then_some(query);
        url.set_query(query.as_deref());
        // The base was checked; this repeats it for what is really sent.
        if origin(&url) != origin(base) {
            return Err(foreign(&url));
        }
        Ok(Destination { url, query })
    }
}

fn base_url(api: &Api, fields: &Fields) -> Result<Url, DestinationError> {
    let url = render_url(&api.base_url, fields)?;
    if host_is_variable(&api.base_url) && !matches_any(&api.allowed_hosts, fields, &url) {
        return Err(foreign(&url));
    }
    Ok(url)
}

fn foreign(url: &Url) -> DestinationError {
    DestinationError::ForeignHost(url[Position::BeforeScheme..Position::BeforePath].to_owned())
}

fn origin(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

/// Whether `url` is at one of `patterns`: `host`, `*.host` for any one or more labels before it, each at the default
/// port or with `:port`; `*` alone is any host at any port. A placeholder stands for the value of its field. Plain http
/// needs a pattern that names the host in full.
fn matches_any(patterns: &[String], fields: &Fields, url: &Url) -> bool {
    let (Some(host), Ok(())) = (url.host_str(), acceptable(url)) else { return false };
    let default = if url.scheme() == "https" { 443 } else { 80 };
    // A value is a name, never a pattern; and an empty one must not leave a lone star behind.
    let a_name = |value: &&str| !value.is_empty() && !value.contains('*');
    let value = |name: &str| fields.get(name).map(String::as_str).filter(a_name);
    let mut patterns =
        patterns.iter().filter_map(|pattern| Template::new(pattern.as_str()).render(value).ok());
    patterns.any(|pattern| {
        let (name, port) = match pattern.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port.parse().ok()),
            _ => (pattern.as_str(), Some(default)),
        };
        let name = name.to_ascii_lowercase();
        let tls = url.scheme() == "https";
        match name.strip_prefix('*') {
            Some("") => tls,
            Some(suffix) => {
                let labels = host.strip_suffix(suffix).unwrap_or_default();
                tls && suffix.starts_with('.') && !labels.is_empty() && port == url.port_or_known_default()
            }
            None => name == host && port == url.port_or_known_default(),
        }
    })
}

/// The longest path with its query, in bytes, and how many times it may be encoded. No server takes more, and reading it
/// costs time for each.
const LONGEST_PATH: usize = 64 * 1024;
const DECODINGS: usize = 4;

/// A path below a base may not climb out of it, in whatever encoding a server might undo.
fn check_path(path: &str) -> Result<(), &'static str> {
    if path.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("it has white space or control characters");
    }
    if path.contains(['\\', '#']) {
        return Err("it has a backslash or a fragment");
    }
    if path.starts_with("//") {
        return Err("it starts with two slashes");
    }
    if path.len() > LONGEST_PATH {
        return Err("it is too long");
    }
    let mut decoded = path.split('?').next().unwrap_or_default().as_bytes().to_vec();
    for _ in 0..DECODINGS {
        if decoded.iter().any(u8::is_ascii_control) {
            return Err("it has encoded control characters");
        }
        if decoded.split(|byte| matches!(byte, b'/' | b'\\' | b';')).any(|s| s == b"." || s == b"..") {
            return Err("it has a dot segment");
        }
        let next: Vec<u8> = percent_encoding::percent_decode(&decoded).collect();
        if next == decoded {
            return Ok(());
        }
        decoded = next;
    }
    Err("it is encoded too many times")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn api(base: &str, hosts: &[&str]) -> Api {
        Api {
            base_url: Template::new(base),
            allowed_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            headers: BTreeMap::new(),
            check: None,
            errors: valetkey_core::connector::ApiErrors::default(),
            rate_limit: valetkey_core::connector::RateLimit::default(),
        }
    }

    fn fields(domain: &str) -> Fields {
        Fields::from([("domain".to_owned(), domain.to_owned())])
    }

    fn below(base: &str, path: &str) -> Result<String, DestinationError> {
        Destination::below_base(&api(base, &[]), &Fields::new(), path).map(|found| found.url().to_string())
    }

    #[test]
    fn a_path_is_appended_to_the_base() {
        let base = "https://a.example/v1";
        assert_eq!(below(base, "/users/me?x=1").unwrap(), "https://a.example/v1/users/me?x=1");
        assert_eq!(below(base, "users").unwrap(), "https://a.example/v1/users");
        assert_eq!(below(base, "").unwrap(), "https://a.example/v1");
        assert_eq!(below(base, "/g%2Fp").unwrap(), "https://a.example/v1/g%2Fp");
        assert_eq!(below("https://a.example/?k=1", "/x?y=2").unwrap(), "https://a.example/x?k=1&y=2");
    }

    #[test]
    fn a_query_is_sent_to_the_letter() {
        let api = api("https://a.example", &[]);
        let mut found = Destination::below_base(&api, &Fields::new(), "/x?f=n+eq+'a'&g[]=1|2").unwrap();
        found.append_query("key", "a b");
        assert_eq!(found.query.as_deref(), Some("f=n+eq+'a'&g[]=1|2&key=a+b"));
    }

    #[test]
    fn t74_an_address_that_the_api_names_is_below_its_base_or_elsewhere() {
        let api = api("https://a.example/v1", &[]);
        let sent = Destination::below_base(&api, &Fields::new(), "/users/1").unwrap();
        let base = Base::of(&api, &Fields::new()).unwrap();
        let path_of = |address| base.path_of(&sent, address);
        assert_eq!(path_of("2?x=1").as_deref(), Some("/users/2?x=1"));
        assert_eq!(path_of("/v1/me").as_deref(), Some("/me"));
        assert_eq!(path_of("https://a.example:443/v1/me").as_deref(), Some("/me"));
        for elsewhere in [
            "https://b.example/v1/me",
            "//b.example/v1/me",
            "http://a.example/v1/me",
            "https://a.example:8443/v1/me",
            "/v2/me",
            "/v1x",
            "/v1/../admin",
            "/v1/%252e%252e/admin",
            "https://a.example@b.example/v1/me",
        ] {
            assert_eq!(path_of(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn t73_a_path_cannot_leave_its_base() {
        for bad in [
            "/../admin",
            "/..",
            "/./x",
            "/%2e%2e/x",
            "/.%2E/x",
            "/%252e%252e/x",
            "/a/..%2fx",
            "/a%5c..%5cx",
            "//evil",
            "/a\\b",
            "/a\r\nHost: evil",
            "/a%0d%0ab",
            "/a b",
            "/x#y",
            "/..;/x",
        ] {
            assert!(below("https://a.example/v1", bad).is_err(), "{bad}");
        }
        assert_eq!(
            below("https://a.example", "@evil.example/x").unwrap(),
            "https://a.example/@evil.example/x"
        );
        assert_eq!(
            below("https://a.example", "https://evil.example").unwrap(),
            "https://a.example/https://evil.example"
        );
    }

    #[test]
    fn t79_a_path_that_is_too_long_or_encoded_over_and_over_is_refused() {
        let deep = format!("/x%{}41", "25".repeat(DECODINGS));
        assert!(below("https://a.example", &deep).is_err());
        assert!(below("https://a.example", "/x%2541").is_ok());
        assert!(below("https://a.example", &format!("/{}", "x".repeat(LONGEST_PATH))).is_err());
    }

    #[test]
    fn t73_a_host_from_a_field_must_match_a_pattern() {
        let api = api("https://{{domain}}/api", &["*.freshdesk.com"]);
        assert!(Destination::below_base(&api, &fields("acme.freshdesk.com"), "/x").is_ok());
        assert!(Destination::below_base(&api, &fields("a.b.freshdesk.com"), "/x").is_ok());
        for bad in [
            "freshdesk.com",
            "evilfreshdesk.com",
            "acme.freshdesk.com.evil.example",
            "acme.freshdesk.com:8443",
        ] {
            let refused = Destination::below_base(&api, &fields(bad), "/x");
            assert!(matches!(refused, Err(DestinationError::ForeignHost(_))), "{bad}");
        }
        for bad in ["acme.freshdesk.com.", "..freshdesk.com", ".freshdesk.com", "..freshdesk.com."] {
            let refused = Destination::below_base(&api, &fields(bad), "/x");
            assert!(matches!(refused, Err(DestinationError::Url(_))), "{bad}");
        }
    }

    #[test]
    fn t73_an_absolute_address_must_be_at_the_base_or_match_a_pattern() {
        let api = api("https://api.example/v1", &["login.example", "other.example:8443"]);
        let at = |url: &str| Destination::absolute(&api, &Fields::new(), &Template::new(url)).is_ok();
        for good in ["https://api.example/me", "https://login.example/x", "https://other.example:8443/x"] {
            assert!(at(good), "{good}");
        }
        for bad in [
            "https://evil.example/",
            "https://api.example:8443/",
            "http://api.example/",
            "https://other.example/",
            "https://u@api.example/",
            "https://api.example@evil.example/",
            "https://api.example\\@evil.example/",
            "https://login.example.evil.example/",
            "https://sub.login.example/",
        ] {
            assert!(!at(bad), "{bad}");
        }
    }

    #[test]
    fn t73_a_placeholder_allows_exactly_the_host_that_was_given() {
        let api = api("https://{{domain}}/api", &["{{domain}}"]);
        let at = |domain: &str, url: &str| {
            Destination::absolute(&api, &fields(domain), &Template::new(url)).is_ok()
        };
        assert!(Destination::below_base(&api, &fields("git.acme.example"), "/x").is_ok());
        assert!(at("git.acme.example:8443", "https://git.acme.example:8443/me"));
        assert!(!at("git.acme.example", "https://evil.example/me"));
        assert!(!at("git.acme.example", "https://sub.git.acme.example/me"));
        for pattern in ["*", "*.example", "*:443"] {
            assert!(!at(pattern, "https://evil.example/me"), "{pattern}");
        }
        assert!(Destination::absolute(&api, &Fields::new(), &Template::new("https://a.example/")).is_err());
        let api = self::api("https://api.example", &["*{{domain}}"]);
        let anywhere = Destination::absolute(&api, &fields(""), &Template::new("https://evil.example/"));
        assert!(anywhere.is_err());
    }

    #[test]
    fn t73_a_star_without_a_dot_stands_for_nothing() {
        let api = api("https://{{domain}}/api", &["*freshdesk.com"]);
        for domain in ["evilfreshdesk.com", "acme.freshdesk.com", "freshdesk.com"] {
            assert!(Destination::below_base(&api, &fields(domain), "/x").is_err(), "{domain}");
        }
    }

    #[test]
    fn a_lone_star_is_any_https_host() {
        let api = api("https://{{domain}}", &["*"]);
        assert!(Destination::below_base(&api, &fields("git.acme.example:8443"), "/x").is_ok());
        let api = self::api("http://{{domain}}", &["*"]);
        assert!(Destination::below_base(&api, &fields("localhost"), "/x").is_err());
    }

    proptest! {
        #[test]
        fn t73_no_path_changes_the_origin(path in "\\PC{0,40}") {
            if let Ok(found) = Destination::below_base(&api("https://a.example/v1", &[]), &Fields::new(), &path) {
                prop_assert_eq!(origin(found.url()), ("https", Some("a.example"), Some(443)));
                prop_assert!(found.url().path().starts_with("/v1"));
            }
        }

        #[test]
        fn t73_no_domain_reaches_a_foreign_host(domain in "[a-z.:/@%\\\\#?]{0,30}(\\.freshdesk\\.com)?[a-z.:/@%#?]{0,10}") {
            let api = api("https://{{domain}}/api", &["*.freshdesk.com"]);
            if let Ok(found) = Destination::below_base(&api, &fields(&domain), "/x") {
                prop_assert!(found.url().host_str().unwrap_or_default().ends_with(".freshdesk.com"));
            }
        }
    }
}
