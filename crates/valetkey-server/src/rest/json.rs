//! `ProtoJSON` with the original field names.
//!
//! Written: scalars, enums (by name), lists and maps always, empty or not; `optional` fields and messages only when
//! they are set; 64-bit integers as strings. Read: original or lowerCamelCase names; a name that is not a field is an
//! error.

use std::io;

use prost_reflect::{
    DeserializeOptions, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, SerializeOptions,
};
use serde_json::ser::{CompactFormatter, Formatter};
use serde_json::{Map, Value};
use tonic::Status;
use valetkey_proto::scalekit::v1::errdetails::validation_error_info::FieldViolation;

use crate::error::wire;
use crate::rpc_gate::malformed;

/// Constraint and description of a name that is not a field.
pub(super) const UNKNOWN: (&str, &str) = ("json.unknown_field", "is not a field");

/// The field called `name`, in either form.
pub(super) fn field(message: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    message.get_field_by_name(name).or_else(|| message.get_field_by_json_name(name))
}

pub(super) fn violation(field: &str, constraint: &str, description: &str) -> FieldViolation {
    FieldViolation {
        field: field.to_owned(),
        description: description.to_owned(),
        constraint: constraint.to_owned(),
    }
}

/// Writes a message that is in memory. Answers are written by [`writer`](super::writer).
///
/// # Errors
/// Where the message holds what JSON cannot express, such as a timestamp out of range.
pub(super) fn to_json(message: &DynamicMessage, always: bool) -> Result<Vec<u8>, serde_json::Error> {
    let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(!always);
    let mut json = Vec::with_capacity(256);
    message
        .serialize_with_options(&mut serde_json::Serializer::with_formatter(&mut json, Numbers), &options)?;
    Ok(json)
}

/// Writes whole numbers of `google.protobuf.Value` without a fraction: the `1` that a tool answered stays `1`.
pub(super) struct Numbers;

impl Formatter for Numbers {
    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            write!(writer, "{value:.0}")
        } else {
            CompactFormatter.write_f64(writer, value)
        }
    }
}

/// Reads a message.
///
/// # Errors
/// `INVALID_ARGUMENT` naming each wrong field; values are not repeated.
pub(super) fn to_message(descriptor: &MessageDescriptor, value: &Value) -> Result<DynamicMessage, Status> {
    parse(descriptor.clone(), value).map_err(|_| explain(descriptor, value))
}

fn parse(descriptor: MessageDescriptor, value: &Value) -> Result<DynamicMessage, serde_json::Error> {
    DynamicMessage::deserialize_with_options(
        descriptor,
        value,
        &DeserializeOptions::new().deny_unknown_fields(true),
    )
}

/// Finds out which fields of a refused value are wrong.
fn explain(descriptor: &MessageDescriptor, value: &Value) -> Status {
    let mut found = Vec::new();
    explain_message(descriptor, value, "", &mut found);
    if found.is_empty() { malformed("request is not valid ProtoJSON") } else { wire::invalid(found) }
}

fn explain_message(message: &MessageDescriptor, value: &Value, path: &str, found: &mut Vec<FieldViolation>) {
    let Value::Object(object) = value else {
        found.push(violation(path, "json.type", "must be an object"));
        return;
    };
    let mut set: Vec<FieldDescriptor> = Vec::new();
    for (name, value) in object {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match field(message, name) {
            None => found.push(violation(&path, UNKNOWN.0, UNKNOWN.1)),
            Some(field) => {
                let other = set.iter().find(|other| excludes(other, &field));
                if let Some(other) = other.filter(|_| !value.is_null()) {
                    let description = format!("cannot be combined with {}", other.name());
                    found.push(violation(&path, "json.oneof", &description));
                }
                explain_field(message, &field, value, &path, found);
                set.push(field);
            }
        }
    }
}

/// Whether both fields belong to one oneof.
fn excludes(one: &FieldDescriptor, other: &FieldDescriptor) -> bool {
    one.containing_oneof().is_some_and(|oneof| other.containing_oneof().as_ref() == Some(&oneof))
}

fn explain_field(
    message: &MessageDescriptor,
    field: &FieldDescriptor,
    value: &Value,
    path: &str,
    found: &mut Vec<FieldViolation>,
) {
    let alone = |value: Value| Value::Object(Map::from_iter([(field.name().to_owned(), value)]));
    if parse(message.clone(), &alone(value.clone())).is_ok() {
        return;
    }
    match (field.kind(), value) {
        (_, Value::Array(items)) if field.is_list() => {
            for (index, item) in items.iter().enumerate() {
                let one = Value::Array(vec![item.clone()]);
                if parse(message.clone(), &alone(one)).is_err() {
                    explain_value(field, item, &format!("{path}[{index}]"), found);
                }
            }
        }
        _ if field.is_list() => found.push(violation(path, "json.type", "must be an array")),
        _ => explain_value(field, value, path, found),
    }
}

fn explain_value(field: &FieldDescriptor, value: &Value, path: &str, found: &mut Vec<FieldViolation>) {
    match field.kind() {
        Kind::Message(inner) if !field.is_map() && inner.package_name() != "google.protobuf" => {
            explain_message(&inner, value, path, found);
        }
        kind => found.push(violation(path, "json.type", &wanted(&kind, field.is_map()))),
    }
}

/// What a value of `kind` looks like.
fn wanted(kind: &Kind, map: bool) -> String {
    match kind {
        _ if map => "must be an object with values of the declared type".to_owned(),
        Kind::Bool => "must be true or false".to_owned(),
        Kind::String => "must be a string".to_owned(),
        Kind::Bytes => "must be a base64 string".to_owned(),
        Kind::Enum(declared) => {
            let names: Vec<String> = declared.values().map(|value| value.name().to_owned()).collect();
            format!("must be one of {}", names.join(", "))
        }
        Kind::Message(message) => match message.name() {
            "Timestamp" => "must be an RFC 3339 time such as 2026-01-15T10:30:00Z".to_owned(),
            "Duration" => "must be seconds with an s, such as 90s".to_owned(),
            "StringValue" => "must be a string or null".to_owned(),
            "BoolValue" => "must be true, false or null".to_owned(),
            "Struct" => "must be an object".to_owned(),
            "ListValue" => "must be an array".to_owned(),
            name => format!("must be a {name}"),
        },
        _ => "must be a number in the range of its type".to_owned(),
    }
}
