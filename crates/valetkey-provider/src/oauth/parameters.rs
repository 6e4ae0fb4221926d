//! Parameters of an OAuth request, with the names that a provider gives them.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;
use valetkey_core::Secret;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters of one request, in order, each name once.
pub(crate) struct Parameters<'d> {
    names: &'d BTreeMap<String, String>,
    list: Vec<(String, Secret)>,
}

/// The parameter is set by the protocol and cannot be given another value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the parameter \"{0}\" is set by the protocol and cannot be overridden")]
pub(crate) struct Reserved(pub(crate) String);

impl<'d> Parameters<'d> {
    /// No parameters yet; `names` are the provider's names of standard ones.
    pub(crate) const fn new(names: &'d BTreeMap<String, String>) -> Self {
        Self { names, list: Vec::new() }
    }

    /// Adds a standard parameter under the provider's name; an empty name or value leaves it out.
    pub(crate) fn standard(&mut self, name: &str, value: impl Into<Secret>) {
        let name = self.names.get(name).map_or(name, String::as_str).to_owned();
        let value = value.into();
        if !name.is_empty() && !value.is_empty() {
            self.list.push((name, value));
        }
    }

    /// Adds a further parameter; an empty value leaves it out.
    pub(crate) fn further(&mut self, name: &str, value: impl Into<Secret>) -> Result<(), Reserved> {
        let value = value.into();
        if self.has(name) {
            return Err(Reserved(name.to_owned()));
        }
        if !value.is_empty() {
            self.list.push((name.to_owned(), value));
        }
        Ok(())
    }

    /// Adds those of `more` that are not there yet.
    pub(crate) fn extend(&mut self, more: Self) {
        for (name, value) in more.list {
            if !self.has(&name) {
                self.list.push((name, value));
            }
        }
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn has(&self, name: &str) -> bool {
        self.list.iter().any(|(present, _)| present == name)
    }

    /// `application/x-www-form-urlencoded`, for a body.
    pub(crate) fn form(&self) -> String {
        let pairs = self.list.iter().map(|(name, value)| (name.as_str(), value.expose()));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// For the query of a URL: a blank is `%20`, which every server reads alike.
    pub(crate) fn query(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let pairs =
            self.list.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value.expose())));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// A JSON object of texts.
    pub(crate) fn json(&self) -> String {
        let text = |value: &Secret| serde_json::Value::from(value.expose());
        let object: serde_json::Map<_, _> =
            self.list.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        serde_json::Value::Object(object).to_string()
    }
}
