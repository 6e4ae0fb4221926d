//! Cookies (RFC 6265), kept per host. `SameSite` is not acted upon.

use std::collections::BTreeMap;

use url::Url;

/// The cookies of a browser, by host, name and path.
#[derive(Clone, Default, Debug)]
pub(super) struct Jar(BTreeMap<(String, String, String), Cookie>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Cookie {
    value: String,
    secure: bool,
}

/// What `Set-Cookie` says besides name and value.
#[derive(Default)]
struct Attributes {
    path: Option<String>,
    domain: bool,
    secure: bool,
    expired: bool,
}

impl Attributes {
    fn read(text: &str) -> Self {
        let mut found = Self::default();
        for attribute in text.split(';') {
            let (name, value) = attribute.trim().split_once('=').unwrap_or((attribute.trim(), ""));
            match name.to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => found.path = Some(value.to_owned()),
                "domain" => found.domain = true,
                "secure" => found.secure = true,
                "max-age" => found.expired = value.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                "expires" => found.expired |= value.contains(" 1970 "),
                _ => {}
            }
        }
        found
    }
}

impl Jar {
    /// Takes a `Set-Cookie` header of an answer from `url`; one that breaks the rules of its prefix is ignored.
    pub(super) fn set(&mut self, url: &Url, header: &str) {
        let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
        let Some((name, value)) = pair.split_once('=') else { return };
        let attributes = Attributes::read(attributes);
        let host_prefix = name.starts_with("__Host-");
        let bound = attributes.secure && !attributes.domain && attributes.path.as_deref() == Some("/");
        if host_prefix && !bound || name.starts_with("__Secure-") && !attributes.secure {
            return;
        }
        let path = attributes.path.unwrap_or_else(|| default_path(url));
        let key = (host(url), name.trim().to_owned(), path);
        if attributes.expired {
            self.0.remove(&key);
        } else {
            self.0.insert(key, Cookie { value: value.trim().to_owned(), secure: attributes.secure });
        }
    }

    /// The `Cookie` header for a request to `url`. A loopback address counts as secure, as it does in browsers.
    pub(super) fn header(&self, url: &Url) -> Option<String> {
        let host = host(url);
        let secure = url.scheme() == "https" || is_loopback(url);
        let fitting = self.0.iter().filter(|((owner, _, path), cookie)| {
            *owner == host && path_matches(url.path(), path) && (secure || !cookie.secure)
        });
        let pairs: Vec<_> =
            fitting.map(|((_, name, _), cookie)| format!("{name}={}", cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The value of a cookie that would be sent to `url`.
    pub(super) fn value(&self, url: &Url, wanted: &str) -> Option<&str> {
        let host = host(url);
        self.0
            .iter()
            .find(|((owner, name, path), _)| {
                *owner == host && name == wanted && path_matches(url.path(), path)
            })
            .map(|(_, cookie)| cookie.value.as_str())
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn default_path(url: &Url) -> String {
    match url.path().rfind('/') {
        Some(0) | None => "/".to_owned(),
        Some(last) => url.path()[..last].to_owned(),
    }
}

fn path_matches(path: &str, cookie_path: &str) -> bool {
    path == cookie_path
        || path
            .strip_prefix(cookie_path)
            .is_some_and(|rest| cookie_path.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_cookie_goes_back_to_its_host_and_path_only() {
        let mut jar = Jar::default();
        jar.set(&url("https://localhost/connect/x"), "a=1; Path=/connect; HttpOnly");
        assert_eq!(jar.header(&url("https://localhost/connect/y")).as_deref(), Some("a=1"));
        assert_eq!(jar.header(&url("https://localhost/connected")), None);
        assert_eq!(jar.header(&url("https://127.0.0.1/connect/y")), None);
    }

    #[test]
    fn a_host_cookie_must_be_secure_for_the_whole_host_and_without_domain() {
        let mut jar = Jar::default();
        for bad in
            ["__Host-s=1; Path=/", "__Host-s=1; Secure", "__Host-s=1; Secure; Path=/; Domain=localhost"]
        {
            jar.set(&url("https://localhost/"), bad);
            assert_eq!(jar.header(&url("https://localhost/")), None, "{bad}");
        }
        jar.set(&url("https://localhost/"), "__Host-s=1; Secure; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(jar.value(&url("https://localhost/x"), "__Host-s"), Some("1"));
    }

    #[test]
    fn an_expired_cookie_is_forgotten() {
        let mut jar = Jar::default();
        jar.set(&url("https://localhost/"), "a=1; Path=/");
        jar.set(&url("https://localhost/"), "a=; Path=/; Max-Age=0");
        assert_eq!(jar.header(&url("https://localhost/")), None);
    }
}
