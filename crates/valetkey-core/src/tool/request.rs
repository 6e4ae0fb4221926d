//! The request of a tool.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    RenderError, Tool, ValueTemplate,
    template::{Piece, Scope, as_text, pieces},
};

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request, made of an input.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method.
    #[serde(default)]
    pub method: RequestMethod,
    /// Appended to `api.base_url`, or an absolute `https` address on an allowed host. `{{name}}` stands for one path
    /// segment and is escaped; `{{+name}}` keeps the slashes of the value; `{{account.name}}` is a field of the account.
    pub path: String,
    /// Query parameters. A list repeats its parameter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, ValueTemplate>,
    /// Headers besides those of `api.headers`, which they replace.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, ValueTemplate>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// The method of a request.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RequestMethod {
    /// GET
    #[default]
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl RequestMethod {
    /// The method in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The body of a request.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// `application/json`; an empty object where the input leaves nothing.
    Json(ValueTemplate),
    /// `application/x-www-form-urlencoded`. A list repeats its name.
    Form(BTreeMap<String, ValueTemplate>),
    /// Content of another type.
    Raw(Box<Part>),
    /// `multipart/form-data`, each part under its name.
    FormData(BTreeMap<String, Part>),
    /// `multipart/related` (RFC 2387), in the given order.
    Related(Vec<Part>),
}

/// Content of a type: exactly one of `json`, `text` and `base64`. It is left out where its input is absent.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The media type; a plain field of a form where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<ValueTemplate>,
    /// The name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<ValueTemplate>,
    /// JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<ValueTemplate>,
    /// A text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<ValueTemplate>,
    /// Bytes, given in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<ValueTemplate>,
}

/// A request, ready but for the credential.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    /// The method.
    pub method: RequestMethod,
    /// The path, escaped, with its query; an absolute address where the tool has one.
    pub target: String,
    /// Headers besides those of the connector.
    pub headers: Vec<(String, String)>,
    /// The media type of the body.
    pub content_type: Option<String>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

impl Tool {
    /// The request for an input that was checked; `account` are the fields of the account.
    pub fn render(
        &self,
        input: &Map<String, Value>,
        account: &BTreeMap<String, String>,
    ) -> Result<Rendered, RenderError> {
        let scope = Scope::of(input, account);
        let request = &self.request;
        let mut target = path(&request.path, scope)?;
        let query = pairs(&request.query, scope)?;
        if !query.is_empty() {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&encoded(&query));
        }
        let mut headers = Vec::new();
        for (name, template) in &request.headers {
            if let Some(value) = template.render(scope)? {
                headers.push((name.to_ascii_lowercase(), as_text(&value)));
            }
        }
        let body = request.body.as_ref().map(|body| body.render(scope)).transpose()?;
        let (content_type, body) = body.flatten().unzip();
        Ok(Rendered { method: request.method, target, headers, content_type, body: body.unwrap_or_default() })
    }
}

fn path(template: &str, scope: Scope<'_>) -> Result<String, RenderError> {
    let mut out = String::new();
    for piece in pieces(template) {
        let (name, slashes) = match piece {
            Piece::Text(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Name(name) => (name.trim_start_matches('+'), name.starts_with('+')),
        };
        let value = scope.value(name).ok_or_else(|| RenderError::Missing(name.to_owned()))?;
        let value = as_text(&value);
        let value = if slashes { value.trim_matches('/') } else { value.as_str() };
        if value.is_empty() {
            return Err(RenderError::Value { name: name.to_owned(), reason: "must not be empty" });
        }
        if value.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(RenderError::Value { name: name.to_owned(), reason: "must not be . or .." });
        }
        let escape = |text| utf8_percent_encode(text, RESERVED).to_string();
        if slashes {
            out.push_str(&value.split('/').map(escape).collect::<Vec<_>>().join("/"));
        } else {
            out.push_str(&escape(value));
        }
    }
    Ok(out)
}

/// Names and values, with an entry for each item of a list.
fn pairs(
    templates: &BTreeMap<String, ValueTemplate>,
    scope: Scope<'_>,
) -> Result<Vec<(String, String)>, RenderError> {
    let mut pairs = Vec::new();
    for (name, template) in templates {
        match template.render(scope)? {
            None => {}
            Some(Value::Array(items)) => {
                pairs.extend(items.iter().map(|item| (name.clone(), as_text(item))));
            }
            Some(value) => pairs.push((name.clone(), as_text(&value))),
        }
    }
    Ok(pairs)
}

fn encoded(pairs: &[(String, String)]) -> String {
    let escape = |text| utf8_percent_encode(text, RESERVED);
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

type Content = (String, Vec<u8>);

impl Body {
    fn render(&self, scope: Scope<'_>) -> Result<Option<Content>, RenderError> {
        match self {
            Self::Json(template) => {
                let value = template.render(scope)?.unwrap_or_else(|| Value::Object(Map::new()));
                Ok(Some(("application/json".into(), value.to_string().into_bytes())))
            }
            Self::Form(fields) => {
                let form = encoded(&pairs(fields, scope)?);
                Ok(Some(("application/x-www-form-urlencoded".into(), form.into_bytes())))
            }
            Self::Raw(part) => {
                let Some(content) = part.content(scope)? else { return Ok(None) };
                let kind = part.content_type(scope)?;
                Ok(Some((kind.unwrap_or_else(|| "application/octet-stream".into()), content)))
            }
            Self::FormData(parts) => {
                let mut out = Vec::new();
                for (name, part) in parts {
                    let Some(content) = part.content(scope)? else { continue };
                    let mut disposition = format!("form-data; name=\"{}\"", quoted(name)?);
                    if let Some(file) = text(part.filename.as_ref(), scope)? {
                        disposition = format!("{disposition}; filename=\"{}\"", quoted(&file)?);
                    }
                    let mut head = vec![("Content-Disposition", disposition)];
                    head.extend(part.content_type(scope)?.map(|kind| ("Content-Type", kind)));
                    out.push((head, content));
                }
                multipart("form-data", &out).map(Some)
            }
            Self::Related(parts) => {
                let mut out = Vec::new();
                for part in parts {
                    let Some(content) = part.content(scope)? else { continue };
                    let kind = part.content_type(scope)?;
                    out.push((kind.map(|kind| ("Content-Type", kind)).into_iter().collect(), content));
                }
                multipart("related", &out).map(Some)
            }
        }
    }
}

impl Part {
    fn content(&self, scope: Scope<'_>) -> Result<Option<Vec<u8>>, RenderError> {
        if let Some(json) = &self.json {
            return Ok(json.render(scope)?.map(|value| value.to_string().into_bytes()));
        }
        if let Some(found) = text(self.text.as_ref(), scope)? {
            return Ok(Some(found.into_bytes()));
        }
        let Some(found) = text(self.base64.as_ref(), scope)? else { return Ok(None) };
        let compact: String = found.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        let wrong = || RenderError::Value { name: "content".into(), reason: "is not in base64" };
        STANDARD.decode(compact).map(Some).map_err(|_| wrong())
    }

    fn content_type(&self, scope: Scope<'_>) -> Result<Option<String>, RenderError> {
        match text(self.content_type.as_ref(), scope)? {
            None if self.json.is_some() => Ok(Some("application/json".into())),
            found => Ok(found),
        }
    }
}

fn text(template: Option<&ValueTemplate>, scope: Scope<'_>) -> Result<Option<String>, RenderError> {
    let Some(template) = template else { return Ok(None) };
    Ok(template.render(scope)?.as_ref().map(as_text))
}

fn quoted(text: &str) -> Result<String, RenderError> {
    if text.chars().any(char::is_control) {
        return Err(RenderError::Value { name: "filename".into(), reason: "has a control character" });
    }
    Ok(text.replace('\\', "\\\\").replace('"', "\\\""))
}

type Head = Vec<(&'static str, String)>;

/// The parts (RFC 2046 §5.1) within a boundary that is in none of them.
fn multipart(subtype: &str, parts: &[(Head, Vec<u8>)]) -> Result<Content, RenderError> {
    let within = |boundary: &str| {
        parts
            .iter()
            .any(|(_, content)| content.windows(boundary.len()).any(|part| part == boundary.as_bytes()))
    };
    let mut boundary = "valetkey-part".to_owned();
    while within(&boundary) {
        boundary.push('-');
        if boundary.len() > 70 {
            return Err(RenderError::Value { name: "content".into(), reason: "cannot be sent in parts" });
        }
    }
    let mut out = Vec::new();
    for (head, content) in parts {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        for (name, value) in head {
            if value.chars().any(char::is_control) {
                return Err(RenderError::Value {
                    name: "content_type".into(),
                    reason: "has a control character",
                });
            }
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(content);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((format!("multipart/{subtype}; boundary={boundary}"), out))
}
