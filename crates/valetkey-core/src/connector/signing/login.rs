//! A request of a login, whichever of them it is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AwsSigv4, jwt::texts};
use crate::connector::{BodyFormat, Method, Template, TokenAnswer, template::names_in};

/// The body of a login that is more than parameters (quirk 77).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LoginDocument {
    /// JSON, sent as `application/json`; a query of GraphQL is JSON too. Texts in it are templates. A value goes into the
    /// text where it stands, and never becomes anything else.
    Json(Value),
    /// XML, sent as `application/xml` where `headers` do not say otherwise. Placeholders stand in the text of elements and
    /// in attributes, and values are escaped for these.
    Xml(Template),
}

/// A request of a login.
#[derive(Clone, Copy, Debug)]
pub struct LoginRequest<'a> {
    /// The address.
    pub url: &'a Template,
    /// The method.
    pub method: Method,
    /// Where the parameters go.
    pub body: BodyFormat,
    /// Parameters.
    pub parameters: &'a BTreeMap<String, Template>,
    /// A body that is more than parameters.
    pub document: Option<&'a LoginDocument>,
    /// Headers.
    pub headers: &'a BTreeMap<String, Template>,
    /// How it is signed.
    pub aws_sigv4: Option<&'a AwsSigv4>,
    /// How the answer is read.
    pub answer: &'a TokenAnswer,
}

impl LoginDocument {
    fn names(&self) -> Vec<&str> {
        match self {
            Self::Json(value) => texts(value).into_iter().flat_map(names_in).collect(),
            Self::Xml(template) => template.names().collect(),
        }
    }
}

impl<'a> LoginRequest<'a> {
    /// The names that it is made of, besides those of the address.
    pub fn names(self) -> Vec<&'a str> {
        let templates = self.parameters.values().chain(self.headers.values());
        let mut names: Vec<&str> = templates.flat_map(Template::names).collect();
        names.extend(self.document.map(LoginDocument::names).unwrap_or_default());
        names.extend(self.aws_sigv4.into_iter().flat_map(AwsSigv4::templates).flat_map(Template::names));
        names
    }
}
