//! JSON Schema (2020-12, as `OpenAPI` 3.1 uses it) of messages and fields as `ProtoJSON` writes them.

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use valetkey_proto::buf::validate::FieldRules;

use super::comments::Comments;
use super::constraint;
use crate::rpc_gate::DeclaredRules;

/// Builds schemas and collects the components they refer to.
pub(super) struct Schemas {
    rules: DeclaredRules,
    pub(super) comments: Comments,
    pub(super) components: BTreeMap<String, Value>,
}

impl Schemas {
    pub(super) fn new(pool: &DescriptorPool) -> Self {
        Self { rules: DeclaredRules::new(pool), comments: Comments::new(pool), components: BTreeMap::new() }
    }

    /// A reference to the schema of `message`, or the schema itself for a well-known type.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        if let Some(schema) = well_known(message) {
            return schema;
        }
        let name = component_name(message.full_name());
        if !self.components.contains_key(&name) {
            // Reserved before its fields, which may refer to it again.
            self.components.insert(name.clone(), Value::Null);
            let schema = self.object(message, &[]);
            self.components.insert(name.clone(), schema);
        }
        reference(&name)
    }

    /// The schema of `message` without the fields in `except`.
    pub(super) fn object(&mut self, message: &MessageDescriptor, except: &[String]) -> Value {
        let fields = message.fields().filter(|field| !except.iter().any(|name| name == field.name()));
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in fields {
            if self.is_required(&field) {
                required.push(Value::from(field.name()));
            }
            properties.insert(field.name().to_owned(), self.field(&field));
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        describe(&mut schema, self.comments.at(&message.parent_file(), message.path()));
        schema
    }

    /// Whether a request without the field is refused.
    pub(super) fn is_required(&self, field: &FieldDescriptor) -> bool {
        self.rules.field(field).required.unwrap_or_default()
    }

    /// The schema of a field: its type, its rules, its comment.
    pub(super) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let FieldRules { r#type: rules, .. } = self.rules.field(field);
        let mut schema = if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
            json!({ "type": "object", "additionalProperties": self.kind(&entry.map_entry_value_field().kind()) })
        } else if field.is_list() {
            json!({ "type": "array", "items": self.kind(&field.kind()) })
        } else {
            self.kind(&field.kind())
        };
        if let Some(rules) = rules {
            constraint::apply(&mut schema, &rules);
        }
        describe(&mut schema, self.comments.at(&field.parent_message().parent_file(), field.path()));
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Message(message) => self.message(message),
            Kind::Enum(declared) => self.enumeration(declared),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Double | Kind::Float => json!({ "type": "number" }),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({ "type": "string", "format": "int64" }),
            Kind::Uint64 | Kind::Fixed64 => json!({ "type": "string", "format": "uint64" }),
            Kind::Uint32 | Kind::Fixed32 => json!({ "type": "integer", "format": "uint32", "minimum": 0 }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({ "type": "integer", "format": "int32" }),
        }
    }

    fn enumeration(&mut self, declared: &EnumDescriptor) -> Value {
        let name = component_name(declared.full_name());
        if !self.components.contains_key(&name) {
            let values: Vec<String> = declared.values().map(|value| value.name().to_owned()).collect();
            let mut schema = json!({ "type": "string", "enum": values });
            describe(&mut schema, self.comments.at(&declared.parent_file(), declared.path()));
            self.components.insert(name.clone(), schema);
        }
        reference(&name)
    }
}

/// The schema of a `google.protobuf` type, which `ProtoJSON` writes in a form of its own.
pub(super) fn well_known(message: &MessageDescriptor) -> Option<Value> {
    let name = message.full_name().strip_prefix("google.protobuf.")?;
    Some(match name {
        "Timestamp" => json!({ "type": "string", "format": "date-time" }),
        "Duration" => json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$" }),
        "FieldMask" => json!({ "type": "string", "description": "Field paths, separated by commas." }),
        "StringValue" => json!({ "type": ["string", "null"] }),
        "BoolValue" => json!({ "type": ["boolean", "null"] }),
        "ListValue" => json!({ "type": "array" }),
        "Value" => json!({}),
        "Any" => {
            json!({ "type": "object", "required": ["@type"], "properties": { "@type": { "type": "string" } } })
        }
        _ => json!({ "type": "object" }),
    })
}

pub(super) fn describe(schema: &mut Value, comment: &str) {
    if !comment.is_empty() {
        schema["description"] = comment.into();
    }
}

fn component_name(full_name: &str) -> String {
    full_name.trim_start_matches("scalekit.v1.").trim_start_matches("valetkey.v1.").to_owned()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
