//! URL templates with field values, each escaped for the place where it stands.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};
use valetkey_core::connector::{MissingField, Template};

use crate::Fields;

/// Everything but the unreserved characters of RFC 3986 §2.3.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a URL template gives no usable URL. Never contains a field value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UrlError {
    /// A placeholder has no value.
    #[error(transparent)]
    Missing(#[from] MissingField),
    /// A value does not fit the place where it stands.
    #[error("the value of \"{field}\" cannot be part of the URL {template}: {reason}")]
    Value {
        /// The placeholder.
        field: String,
        /// The template.
        template: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The result is not a URL that may be used.
    #[error("the URL {template} cannot be used: {reason}")]
    Url {
        /// The template.
        template: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// The three parts of a template in which values are escaped differently.
struct Parts<'a> {
    authority: &'a str,
    path: &'a str,
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(template: &'a Template) -> Self {
        let text = template.as_str();
        let scheme = ["https://", "http://"].iter().find(|scheme| text.starts_with(**scheme));
        let start = scheme.map_or(0, |scheme| scheme.len());
        let find = |from: usize, chars: &[char]| text[from..].find(chars).map_or(text.len(), |at| from + at);
        let authority_end = find(start, &['/', '?', '#']);
        let path_end = find(authority_end, &['?', '#']);
        Self {
            authority: &text[..authority_end],
            path: &text[authority_end..path_end],
            rest: &text[path_end..],
        }
    }
}

/// Whether the host of `template` contains a placeholder.
pub(crate) fn host_is_variable(template: &Template) -> bool {
    Parts::of(template).authority.contains("{{")
}

/// Whether the host of `template` contains the placeholder `name`.
pub(crate) fn host_uses(template: &Template, name: &str) -> bool {
    Template::new(Parts::of(template).authority).names().any(|used| used == name)
}

/// Whether `template` is a URL and not a path.
pub(crate) fn is_absolute(template: &Template) -> bool {
    template.as_str().starts_with("https://") || template.as_str().starts_with("http://")
}

/// Renders `template`, which is a path and perhaps a query.
pub(crate) fn render_path(template: &Template, fields: &Fields) -> Result<String, UrlError> {
    let text = template.as_str();
    let (path, query) = text.split_at(text.find('?').unwrap_or(text.len()));
    let path = render_part(path, fields, template, path_value)?;
    Ok(path + &render_part(query, fields, template, |value| Ok(encode(value)))?)
}

/// Renders `template` to a URL that is https, or http on this machine, and has no user name or password.
pub(crate) fn render_url(template: &Template, fields: &Fields) -> Result<Url, UrlError> {
    let parts = Parts::of(template);
    let whole_url = !parts.authority.starts_with("http");
    let authority =
        render_part(parts.authority, fields, template, |value| authority_value(value, whole_url))?;
    let path = render_part(parts.path, fields, template, path_value)?;
    let rest = render_part(parts.rest, fields, template, |value| Ok(encode(value)))?;
    let text = format!("{authority}{path}{rest}");
    // The URL parser would repair these, and another reader might repair them otherwise.
    if text.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
        return Err(refuse(template, "it has a backslash, white space or a control character"));
    }
    let url = Url::parse(&text).map_err(|_| refuse(template, "it is malformed"))?;
    match acceptable(&url) {
        Ok(()) => Ok(url),
        Err(reason) => Err(refuse(template, reason)),
    }
}

fn refuse(template: &Template, reason: &'static str) -> UrlError {
    UrlError::Url { template: template.to_string(), reason }
}

/// Whether `url` may be called or shown at all: https, or http on this machine, without user name and password.
pub(crate) fn acceptable(url: &Url) -> Result<(), &'static str> {
    let loopback = match url.host() {
        // A final dot or an empty label is another spelling of a name, which hosts are not compared by.
        Some(Host::Domain(name)) if name.split('.').any(str::is_empty) => {
            return Err("its host name has an empty label or a final dot");
        }
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err("it has no host"),
    };
    if !(url.scheme() == "https" || url.scheme() == "http" && loopback) {
        return Err("its scheme must be https; http is for this machine only");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user name or a password");
    }
    Ok(())
}

type Escape = Result<String, &'static str>;

fn render_part(
    part: &str,
    fields: &Fields,
    template: &Template,
    escape: impl Fn(&str) -> Escape,
) -> Result<String, UrlError> {
    let part = Template::new(part);
    let mut escaped = BTreeMap::new();
    for name in part.names() {
        let value = fields.get(name).ok_or_else(|| MissingField(name.to_owned()))?;
        let value = escape(value).map_err(|reason| UrlError::Value {
            field: name.to_owned(),
            template: template.to_string(),
            reason,
        })?;
        escaped.insert(name.to_owned(), value);
    }
    Ok(part.render(|name| escaped.get(name).map(String::as_str))?)
}

fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// A host, perhaps with a port and a path; a whole `https` URL only where the template itself starts with the value.
fn authority_value(value: &str, whole_url: bool) -> Escape {
    let rest = match value.split_once("://") {
        Some((_, rest)) if whole_url => rest,
        Some(_) => return Err("it must not have a scheme"),
        None => value,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte);
    let mut segments = rest.trim_end_matches('/').split('/');
    if rest.is_empty() || !rest.bytes().all(plain) || segments.any(|s| s.is_empty() || is_dots(s)) {
        return Err("it must be a host name, perhaps with a port and a path");
    }
    Ok(value.trim_end_matches('/').to_owned())
}

fn path_value(value: &str) -> Escape {
    if value.is_empty() || is_dots(value) {
        return Err("it must not be empty, \".\" or \"..\" in a path");
    }
    Ok(encode(value))
}

fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::*;

    fn render(template: &str, value: &str) -> Result<String, UrlError> {
        let fields = Fields::from([("x".to_owned(), value.to_owned())]);
        render_url(&Template::new(template), &fields).map(String::from)
    }

    #[test]
    fn values_are_escaped_for_their_place() {
        assert_eq!(render("https://{{x}}/api", "acme.example").unwrap(), "https://acme.example/api");
        assert_eq!(render("https://{{x}}/api", "mixpanel.com/api").unwrap(), "https://mixpanel.com/api/api");
        assert_eq!(render("{{x}}/v1", "https://acme.example/").unwrap(), "https://acme.example/v1");
        assert_eq!(render("https://a.example/{{x}}/b", "1/2?#").unwrap(), "https://a.example/1%2F2%3F%23/b");
        assert_eq!(render("https://a.example/?q={{x}}", "a&b=c").unwrap(), "https://a.example/?q=a%26b%3Dc");
    }

    #[test]
    fn t73_a_value_cannot_move_a_url_to_another_host() {
        for bad in
            ["", "a@evil.example", "a\\evil", "evil.example#", "evil.example?", "a b", "https://evil.example"]
        {
            assert!(render("https://{{x}}/api", bad).is_err(), "{bad}");
        }
        for bad in
            ["http://evil.example", "javascript:alert(1)", "file:///etc/passwd", "https://u:p@evil.example"]
        {
            assert!(render("{{x}}/api", bad).is_err(), "{bad}");
        }
        assert!(render("https://a.example/{{x}}/b", "..").is_err());
    }

    #[test]
    fn t10_only_https_and_http_on_this_machine_are_accepted() {
        for good in ["https://a.example/x", "http://127.0.0.1:8444/x", "http://localhost/x", "http://[::1]/x"]
        {
            assert!(render(good, "").is_ok(), "{good}");
        }
        for bad in
            ["http://a.example/x", "javascript:alert(1)", "file:///x", "ftp://a.example", "app://x", "/x"]
        {
            assert!(render(bad, "").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_placeholder_without_a_value_is_named() {
        let missing = render_url(&Template::new("https://{{tenant}}/x"), &Fields::new());
        assert_eq!(missing, Err(UrlError::Missing(MissingField("tenant".into()))));
    }

    proptest! {
        #[test]
        fn a_value_in_a_path_never_changes_host_or_query(value in "\\PC{1,30}") {
            let fields = Fields::from([("x".to_owned(), value)]);
            if let Ok(url) = render_url(&Template::new("https://a.example/v1/{{x}}/end"), &fields) {
                prop_assert_eq!(url.host_str(), Some("a.example"));
                prop_assert!(url.query().is_none() && url.fragment().is_none());
                prop_assert!(url.path().starts_with("/v1/") && url.path().ends_with("/end"));
            }
        }
    }
}
