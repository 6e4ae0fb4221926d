//! What the types of a definition cannot say: addresses, placeholders, names, and what may not be done at all.
//!
//! A template sees the declared fields: those of the connection, of the account, and those that authorization yields.
//! Only a placement sees the credential. In an address a field must have a checked format and a value at all times.

mod address;
mod auth;
mod fields;
mod login;
mod oauth2;
mod rate_limit;
mod refresh;
mod revocation;
mod scopes;
mod session;
mod signing;

use std::collections::BTreeSet;

use url::Url;

use super::{Api, Connector, Template};

/// A rule that a definition breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The place, such as `auth.oauth2.token.url` or `account_fields[0].name`.
    pub path: String,
    /// What is wrong and what is expected.
    pub reason: String,
}

/// Checks the meaning of a definition; an empty list means that it can be used.
pub fn validate(connector: &Connector) -> Vec<Violation> {
    let mut check = Check { connector, violations: Vec::new() };
    check.identity();
    check.fields();
    check.auth();
    check.api();
    check.violations
}

/// A running check.
struct Check<'a> {
    connector: &'a Connector,
    violations: Vec<Violation>,
}

impl<'a> Check<'a> {
    fn report(&mut self, path: impl Into<String>, reason: impl Into<String>) {
        self.violations.push(Violation { path: path.into(), reason: reason.into() });
    }

    fn require(&mut self, holds: bool, path: &str, reason: &str) {
        if !holds {
            self.report(path, reason);
        }
    }

    fn identity(&mut self) {
        let Connector {
            slug,
            provider_key,
            name,
            description,
            documentation,
            icon,
            api_config_keys,
            display_priority,
            ..
        } = self.connector;
        self.require(*display_priority <= 10, "display_priority", "must be from 0 to 10");
        let word = |text: &str, more: &str| {
            text.len() <= 100
                && text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        self.require(
            word(slug, "_-") && !slug.bytes().any(|byte| byte.is_ascii_uppercase()),
            "slug",
            "must start with a letter or digit and have lower-case letters, digits, _ and - only",
        );
        self.require(
            word(provider_key, "_:-"),
            "provider_key",
            "must start with a letter or digit and have letters, digits, _ : and - only",
        );
        for (path, text) in [("name", name), ("description", description)] {
            self.require(!text.trim().is_empty(), path, "must not be empty");
        }
        self.require(
            documentation.as_deref().is_none_or(web_page),
            "documentation",
            "must be an https:// address",
        );
        self.require(icon.as_deref().is_none_or(web_page), "icon", "must be an https:// address");
        for (index, key) in api_config_keys.iter().enumerate() {
            self.require(!key.is_empty(), &format!("api_config_keys[{index}]"), "must not be empty");
        }
    }

    /// Reports placeholders of `template` that are neither declared fields nor in `more`.
    fn template(&mut self, path: &str, template: &Template, more: &BTreeSet<&str>) {
        for name in template.names() {
            if self.connector.field(name).is_some() || more.contains(name) {
                continue;
            }
            if self.credential_names().contains(name) {
                self.report(path, format!("may not name the credential \"{name}\"; only a place for it may"));
            } else {
                self.report(path, format!("names \"{name}\", which is not a declared field"));
            }
        }
        self.require(template.is_well_formed(), path, "has a {{ without }}");
        self.require(!template.as_str().contains(char::is_control), path, "has a control character");
    }

    fn header(&mut self, path: &str, name: &str) {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        self.require(
            !name.is_empty() && name.bytes().all(token),
            path,
            "must be the name of an HTTP header (RFC 9110 §5.1)",
        );
    }

    fn headers(&mut self, path: &str, headers: &'a std::collections::BTreeMap<String, Template>) {
        for (name, value) in headers {
            let path = format!("{path}.{name}");
            self.header(&path, name);
            self.template(&path, value, &BTreeSet::new());
        }
    }

    fn api(&mut self) {
        let Api { base_url, allowed_hosts, headers, check, errors, rate_limit } = &self.connector.api;
        self.address("api.base_url", base_url);
        self.base_host(base_url);
        for (index, pattern) in allowed_hosts.iter().enumerate() {
            self.host_pattern(&format!("api.allowed_hosts[{index}]"), pattern);
        }
        self.headers("api.headers", headers);
        let rules = errors.failed.iter().map(|rule| &rule.pointer);
        for pointer in rules.chain(&errors.code).chain(&errors.message) {
            self.require(pointer.starts_with('/'), "api.errors", "pointers must start with / (RFC 6901)");
        }
        self.rate_limit(rate_limit);
        if let Some(request) = check {
            let path = "api.check.path";
            if request.path.as_str().contains("://") {
                self.address(path, &request.path);
                self.allowed(path, &request.path);
            } else {
                self.require(
                    request.path.as_str().starts_with('/'),
                    path,
                    "must start with / or be an address",
                );
                self.in_address(path, &request.path);
            }
            for (path, statuses) in [("success", &request.success), ("refused", &request.refused)] {
                let fine = statuses.iter().all(|status| (100..600).contains(status));
                self.require(fine, &format!("api.check.{path}"), "must be HTTP statuses");
            }
        }
    }
}

fn web_page(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.host_str().is_some())
}
