//! An input with the request that a provider documents for it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::{Rendered, RequestMethod, Tool};
use crate::connector::Template;

/// An input with the request that the provider documents for it.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The input.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// Fields of the account, where the address needs them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub account: BTreeMap<String, String>,
    /// The request without the credential.
    pub request: ExampleRequest,
    /// A documented answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ExampleAnswer>,
    /// What is passed on of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Map<String, Value>>,
}

/// A documented request.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleRequest {
    /// The method.
    #[serde(default)]
    pub method: RequestMethod,
    /// The address without its query.
    pub url: String,
    /// Query parameters, in any order; a list for a repeated one.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub query: Map<String, Value>,
    /// Headers that the tool itself sets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The media type, where it is neither JSON nor a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The body as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// The fields of a form, in any order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Map<String, Value>>,
    /// The body as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A documented answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleAnswer {
    /// The status.
    #[serde(default = "ok")]
    pub status: u16,
    /// The body as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// The body as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

const fn ok() -> u16 {
    200
}

impl Tool {
    /// How the request that is made of the example differs from the documented one; empty where it does not.
    /// `base_url` is that of the connector.
    pub fn differences(&self, base_url: &Template, example: &Example) -> Vec<String> {
        let input = match self.accept(example.input.clone()) {
            Ok(input) => input,
            Err(error) => return vec![format!("the input is not accepted: {error}")],
        };
        let rendered = match self.render(&input, &example.account) {
            Ok(rendered) => rendered,
            Err(error) => return vec![format!("the request cannot be made: {error}")],
        };
        let mut differences = Vec::new();
        match address(base_url, &example.account, &rendered.target) {
            Ok(url) => compare(&url, &rendered, &example.request, &mut differences),
            Err(error) => differences.push(error),
        }
        if let (Some(answer), Some(expected)) = (&example.answer, &example.output) {
            let found = self.shape(answer.reply(&answer.body()));
            if found != *expected {
                differences.push(format!("the output is {}", Value::Object(found)));
            }
        }
        differences
    }
}

impl ExampleAnswer {
    fn body(&self) -> Vec<u8> {
        match (&self.json, &self.text) {
            (Some(json), _) => json.to_string().into_bytes(),
            (None, Some(text)) => text.clone().into_bytes(),
            (None, None) => Vec::new(),
        }
    }

    const fn reply<'a>(&self, body: &'a [u8]) -> super::Reply<'a> {
        let content_type = if self.json.is_some() { "application/json" } else { "text/plain" };
        super::Reply { status: self.status, content_type, body }
    }
}

fn address(base_url: &Template, account: &BTreeMap<String, String>, target: &str) -> Result<Url, String> {
    let text = if target.starts_with("https://") {
        target.to_owned()
    } else {
        let base = base_url
            .render(|name| account.get(name).map(String::as_str))
            .map_err(|error| error.to_string())?;
        format!("{}{target}", base.trim_end_matches('/'))
    };
    Url::parse(&text).map_err(|error| format!("the address {text} is malformed: {error}"))
}

type Pairs = Vec<(String, String)>;

fn sorted(pairs: impl Iterator<Item = (String, String)>) -> Pairs {
    let mut pairs: Pairs = pairs.collect();
    pairs.sort();
    pairs
}

fn decoded(text: &[u8]) -> Pairs {
    sorted(form_urlencoded::parse(text).into_owned())
}

fn listed(map: &Map<String, Value>) -> Pairs {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    sorted(map.iter().flat_map(|(name, value)| {
        let values: Vec<String> = match value {
            Value::Array(items) => items.iter().map(text).collect(),
            one => vec![text(one)],
        };
        values.into_iter().map(|value| (name.clone(), value))
    }))
}

fn compare(url: &Url, made: &Rendered, wanted: &ExampleRequest, differences: &mut Vec<String>) {
    let mut differ = |what: &str, made: String, wanted: String| {
        if made != wanted {
            differences.push(format!("{what} is {made} and not {wanted}"));
        }
    };
    differ("the method", made.method.as_str().into(), wanted.method.as_str().into());
    let plain = url[..url::Position::AfterPath].to_owned();
    differ("the URL", plain, wanted.url.clone());
    let query = decoded(url.query().unwrap_or_default().as_bytes());
    differ("the query", format!("{query:?}"), format!("{:?}", listed(&wanted.query)));
    let headers: BTreeMap<String, String> = made.headers.iter().cloned().collect();
    let lower = wanted.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    differ(
        "the header set",
        format!("{headers:?}"),
        format!("{:?}", BTreeMap::<String, String>::clone(&lower)),
    );
    let kind = made.content_type.as_deref().unwrap_or("none");
    let wanted_kind = match (&wanted.content_type, &wanted.json, &wanted.form) {
        (Some(kind), ..) => kind,
        (None, Some(_), _) => "application/json",
        (None, None, Some(_)) => "application/x-www-form-urlencoded",
        (None, None, None) => "none",
    };
    differ("the content type", kind.into(), wanted_kind.into());
    let text = String::from_utf8_lossy(&made.body).into_owned();
    match (&wanted.json, &wanted.form) {
        (Some(json), _) => {
            let body: Value = serde_json::from_slice(&made.body).unwrap_or(Value::String(text));
            if body != *json {
                differ("the body", body.to_string(), json.to_string());
            }
        }
        (None, Some(form)) => {
            differ("the form", format!("{:?}", decoded(&made.body)), format!("{:?}", listed(form)));
        }
        (None, None) => differ("the body", text, wanted.text.clone().unwrap_or_default()),
    }
}
