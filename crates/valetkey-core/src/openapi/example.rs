//! An example of a call: an input that the schema accepts, and the request that is made of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::{Position, Url, form_urlencoded};

use super::schema_merge::alternatives;
use crate::tool::{Rendered, Tool};

/// An example of the tool, at the address that `base` is; `Err` says why there is none.
pub(super) fn example(tool: &Tool, base: &str, account: &BTreeMap<String, String>) -> Result<Value, String> {
    let mut reason = String::new();
    for all in [true, false] {
        let input = input(tool, all);
        let made = tool.accept(input.clone()).map_err(|error| error.to_string());
        let made = made.and_then(|input| tool.render(&input, account).map_err(|error| error.to_string()));
        match made.and_then(|rendered| request(base, &rendered)) {
            Ok(request) => {
                let mut example = Map::new();
                if !input.is_empty() {
                    example.insert("input".into(), Value::Object(input));
                }
                if !account.is_empty() {
                    example.insert("account".into(), json!(account));
                }
                example.insert("request".into(), request);
                return Ok(Value::Object(example));
            }
            Err(error) => reason = error,
        }
    }
    Err(reason)
}

/// Values of what is needed, and where `all` is set of what has an example too.
fn input(tool: &Tool, all: bool) -> Map<String, Value> {
    let required = tool.input.get("required").and_then(Value::as_array);
    let needed = |name: &str| required.is_some_and(|names| names.iter().any(|needed| needed == name));
    let properties = tool.input.get("properties").and_then(Value::as_object).into_iter().flatten();
    let shown = |schema: &Value| all && schema.get("examples").is_some();
    properties
        .filter(|(name, schema)| needed(name) || shown(schema))
        .map(|(name, schema)| (name.clone(), value(schema, name)))
        .collect()
}

/// A value that a schema without references takes.
fn value(schema: &Value, name: &str) -> Value {
    let given =
        schema.pointer("/examples/0").or_else(|| schema.get("const")).or_else(|| schema.pointer("/enum/0"));
    if let Some(given) = given {
        return given.clone();
    }
    let chosen = alternatives(schema)[0];
    if !std::ptr::eq(chosen, schema) && schema.get("properties").is_none() {
        return value(chosen, name);
    }
    let kind = match &schema["type"] {
        Value::Array(several) => several.first().and_then(Value::as_str).unwrap_or_default(),
        Value::String(one) => one,
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    };
    match kind {
        "integer" | "number" => number(schema),
        "boolean" => Value::Bool(true),
        "null" => Value::Null,
        "array" => {
            let count = schema["minItems"].as_u64().unwrap_or(1).clamp(1, 3);
            let item = schema.get("items").map_or_else(|| json!("example"), |items| value(items, name));
            (0..count).map(|_| item.clone()).collect()
        }
        "object" => object(schema),
        _ => Value::String(text(schema, name)),
    }
}

fn object(schema: &Value) -> Value {
    let mut made = Map::new();
    let own = schema["required"].as_array().into_iter().flatten();
    let demanded = schema.pointer("/anyOf/0/required").and_then(Value::as_array).into_iter().flatten();
    for name in own.chain(demanded).filter_map(Value::as_str) {
        if let Some(member) = schema["properties"].get(name) {
            made.insert(name.to_owned(), value(member, name));
        }
    }
    if made.is_empty() && schema["minProperties"].as_u64().is_some_and(|least| least > 0) {
        let first = schema["properties"].as_object().and_then(|members| members.iter().next());
        let (name, member) = first
            .map_or(("key".to_owned(), json!("value")), |(name, member)| (name.clone(), value(member, name)));
        made.insert(name, member);
    }
    Value::Object(made)
}

fn number(schema: &Value) -> Value {
    let step = schema["multipleOf"].as_i64().unwrap_or(1);
    if let Some(least) = schema.get("exclusiveMinimum").and_then(Value::as_i64) {
        return json!(least.saturating_add(step));
    }
    match (schema.get("minimum"), schema.get("maximum").and_then(Value::as_f64)) {
        (Some(least), _) if least.as_f64() != Some(0.0) => least.clone(),
        (_, Some(most)) if most < 1.0 => schema["maximum"].clone(),
        _ => json!(step.max(1)),
    }
}

fn text(schema: &Value, name: &str) -> String {
    let known = match schema["format"].as_str().unwrap_or_default() {
        "date-time" => "2025-01-31T09:30:00Z",
        "date" => "2025-01-31",
        "time" => "09:30:00",
        "email" => "ada@example.com",
        "uri" | "url" => "https://example.com/page",
        "uuid" => "3f2b8c1e-5d4a-4c6b-9e7f-1a2b3c4d5e6f",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "hostname" => "example.com",
        "byte" => "ZXhhbXBsZQ==",
        _ if schema["description"].as_str().is_some_and(|words| words.ends_with("In base64.")) => {
            "ZXhhbXBsZQ=="
        }
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let last = super::names::snake(name);
    let word = if last.is_empty() { "example".to_owned() } else { format!("example_{last}") };
    let shortest = schema["minLength"].as_u64().unwrap_or(0).min(1_000);
    let longest = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
    let missing = usize::try_from(shortest).unwrap_or(0).saturating_sub(word.len());
    let padding = std::iter::repeat_n('x', missing);
    word.chars().chain(padding).take(usize::try_from(longest).unwrap_or(usize::MAX)).collect()
}

/// `request` of an example, as it was made.
fn request(base: &str, made: &Rendered) -> Result<Value, String> {
    let absolute = made.target.starts_with("https://");
    let address =
        if absolute { made.target.clone() } else { format!("{}{}", base.trim_end_matches('/'), made.target) };
    let url = Url::parse(&address).map_err(|error| format!("the address {address} is malformed: {error}"))?;
    let mut request = Map::new();
    request.insert("method".into(), json!(made.method.as_str()));
    request.insert("url".into(), json!(&url[..Position::AfterPath]));
    let query = decoded(url.query().unwrap_or_default().as_bytes());
    if !query.is_empty() {
        request.insert("query".into(), Value::Object(query));
    }
    if !made.headers.is_empty() {
        request.insert(
            "headers".into(),
            made.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect(),
        );
    }
    let text = || json!(String::from_utf8_lossy(&made.body));
    match made.content_type.as_deref() {
        None => {}
        Some("application/json") => {
            let body = serde_json::from_slice(&made.body).map_err(|error| error.to_string())?;
            request.insert("json".into(), body);
        }
        Some("application/x-www-form-urlencoded") => {
            request.insert("form".into(), Value::Object(decoded(&made.body)));
        }
        Some(other) => {
            request.insert("content_type".into(), json!(other));
            request.insert("text".into(), text());
        }
    }
    Ok(Value::Object(request))
}

/// Pairs by name, with a list where a name is there several times.
fn decoded(text: &[u8]) -> Map<String, Value> {
    let mut found = Map::new();
    for (name, value) in form_urlencoded::parse(text).into_owned() {
        match found.get_mut(&name) {
            None => drop(found.insert(name, json!(value))),
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(one) => *one = json!([one, value]),
        }
    }
    found
}
