//! From path, query and body to the request message.
//!
//! All three become one JSON object, which is read as `ProtoJSON`; so a field reads the same wherever it stands, and
//! errors name the same paths. Names are the original ones or their lowerCamelCase form. A value in the path wins.

use axum::body::Body;
use bytes::Bytes;
use http::Uri;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::map::Entry;
use serde_json::{Map, Value};
use tonic::Status;
use url::form_urlencoded;

use super::json;
use super::routes::Binding;
use crate::error::wire;
use crate::rpc_gate::{Input, MAX_REQUEST, encode_frame, malformed, read_body};

/// Reads the request of `binding`; `values` belong to its path variables.
///
/// # Errors
/// `INVALID_ARGUMENT` naming each field that does not exist or has a value of the wrong form.
pub(super) async fn read(
    binding: &Binding,
    values: Vec<String>,
    uri: &Uri,
    body: Body,
) -> Result<Input, Status> {
    let descriptor = binding.method.descriptor.input();
    let mut object = match binding.body.as_str() {
        "" => Map::new(),
        "*" => whole_body(&read_body(body, MAX_REQUEST).await?)?,
        field => {
            let content = read_body(body, MAX_REQUEST).await?;
            if content.is_empty() {
                Map::new()
            } else {
                Map::from_iter([(field.to_owned(), parse(&content)?)])
            }
        }
    };
    if binding.body != "*" {
        add_query(&mut object, &descriptor, uri.query().unwrap_or_default())?;
    }
    for (field, value) in binding.variables.iter().zip(values) {
        object.insert(field.clone(), Value::String(value));
    }
    let message = json::to_message(&descriptor, &Value::Object(object))?;
    Ok(Input { frame: encode_frame(&message), message: Some(message) })
}

fn whole_body(content: &Bytes) -> Result<Map<String, Value>, Status> {
    if content.is_empty() {
        return Ok(Map::new());
    }
    match parse(content)? {
        Value::Object(object) => Ok(object),
        _ => Err(malformed("request body must be a JSON object")),
    }
}

fn parse(content: &[u8]) -> Result<Value, Status> {
    let value = serde_json::from_slice(content).map_err(|error| {
        // The error's own text can quote the body, which may hold a credential.
        malformed(&format!("request body is not JSON at line {} column {}", error.line(), error.column()))
    })?;
    if fits(&value, MAX_DEPTH) {
        Ok(value)
    } else {
        Err(malformed(&format!("request body is nested more than {MAX_DEPTH} levels deep")))
    }
}

/// How deep objects and lists may be nested: what stays below the limit of 100 messages within one another that handlers
/// decode, three for each level.
const MAX_DEPTH: usize = 30;

fn fits(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if depth == 0 => false,
        Value::Array(items) => items.iter().all(|item| fits(item, depth - 1)),
        Value::Object(members) => members.values().all(|member| fits(member, depth - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Adds the query to the request, dots leading into messages: `filter.provider_type=CUSTOM`.
fn add_query(
    object: &mut Map<String, Value>,
    descriptor: &MessageDescriptor,
    query: &str,
) -> Result<(), Status> {
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        add_parameter(object, descriptor, &name, &text).map_err(|(constraint, description)| {
            wire::invalid(vec![json::violation(&name, constraint, description)])
        })?;
    }
    Ok(())
}

type Refusal = (&'static str, &'static str);

fn add_parameter(
    object: &mut Map<String, Value>,
    message: &MessageDescriptor,
    path: &str,
    text: &str,
) -> Result<(), Refusal> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let field = json::field(message, name).ok_or(json::UNKNOWN)?;
    let slot = object.entry(field.name());
    match (rest, field.kind()) {
        (Some(rest), Kind::Message(inner)) if !field.is_list() && !field.is_map() => {
            let nested = slot.or_insert_with(|| Value::Object(Map::new()));
            add_parameter(nested.as_object_mut().ok_or(json::UNKNOWN)?, &inner, rest, text)
        }
        (Some(_), _) => Err(json::UNKNOWN),
        (None, _) if field.is_list() => {
            let list = slot.or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().ok_or(json::UNKNOWN)?.push(parameter_value(&field, text));
            Ok(())
        }
        (None, _) => match slot {
            Entry::Vacant(slot) => {
                slot.insert(parameter_value(&field, text));
                Ok(())
            }
            Entry::Occupied(_) => Err(("query.repeated", "must be given once")),
        },
    }
}

/// The text as `ProtoJSON` writes a value of the field's type. Numbers may be strings there; booleans may not.
fn parameter_value(field: &FieldDescriptor, text: &str) -> Value {
    let is_bool = match field.kind() {
        Kind::Bool => true,
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.BoolValue" => true,
            "google.protobuf.FieldMask" => return lower_camel_case(text).into(),
            _ => false,
        },
        Kind::Enum(_) => return text.parse::<i32>().map_or_else(|_| text.into(), Value::from),
        _ => false,
    };
    match text {
        "true" if is_bool => Value::Bool(true),
        "false" if is_bool => Value::Bool(false),
        _ => text.into(),
    }
}

/// Field paths as `ProtoJSON` writes a field mask; the original names are accepted too.
fn lower_camel_case(paths: &str) -> String {
    let mut camel = String::with_capacity(paths.len());
    let mut raise = false;
    for character in paths.chars() {
        if character == '_' {
            raise = true;
        } else if std::mem::take(&mut raise) {
            camel.push(character.to_ascii_uppercase());
        } else {
            camel.push(character);
        }
    }
    camel
}
