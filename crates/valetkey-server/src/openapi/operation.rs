//! One operation: an HTTP binding of an RPC.

use prost_reflect::{Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use valetkey_core::error_code::Dialect;
use valetkey_proto::valetkey::options::v1::AuditClass;

use super::schema::{Schemas, describe, well_known};
use crate::rest::Binding;

/// The operation object. The id of a further binding of an RPC has its place behind it.
pub(super) fn operation(binding: &Binding, schemas: &mut Schemas) -> Value {
    let rpc = &binding.method.descriptor;
    let service = rpc.parent_service();
    let suffix = if binding.number == 0 { String::new() } else { format!("_{}", binding.number + 1) };
    let mut operation = json!({
        "operationId": format!("{}_{}{suffix}", service.name(), rpc.name()),
        "tags": [service.name()],
        "security": [{ "bearer": [] }, { "oauth2": [binding.method.permission] }],
    });
    describe(&mut operation, schemas.comments.at(&service.parent_file(), rpc.path()));
    let parameters = parameters(binding, schemas);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(schema) = body(binding, schemas) {
        operation["requestBody"] = json!({ "required": true, "content": content(&schema) });
    }
    operation["responses"] = responses(binding, schemas);
    operation
}

fn body(binding: &Binding, schemas: &mut Schemas) -> Option<Value> {
    let request = binding.method.descriptor.input();
    match binding.body.as_str() {
        "" => None,
        "*" if binding.variables.is_empty() => Some(schemas.message(&request)),
        "*" => Some(schemas.object(&request, &binding.variables)),
        field => request.get_field_by_name(field).map(|field| schemas.field(&field)),
    }
}

fn parameters(binding: &Binding, schemas: &mut Schemas) -> Vec<Value> {
    let request = binding.method.descriptor.input();
    let in_path = binding.variables.iter().filter_map(|name| request.get_field_by_name(name));
    let mut parameters: Vec<Value> =
        in_path.map(|field| parameter(field.name(), "path", true, schemas.field(&field))).collect();
    if binding.body != "*" {
        query(&request, "", binding, schemas, &mut parameters);
    }
    if binding.method.takes_key() {
        parameters.push(idempotency_key());
    }
    parameters
}

/// The header with which a request is carried out once.
fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "Makes it safe to send the request again: with the same key and the same body it is carried out \
            once, and answered the same for 24 hours. With another body it is refused.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
    })
}

/// The fields that are neither in the path nor in the body; messages are entered with dots.
fn query(
    message: &MessageDescriptor,
    prefix: &str,
    binding: &Binding,
    schemas: &mut Schemas,
    found: &mut Vec<Value>,
) {
    for field in message.fields() {
        let name = format!("{prefix}{}", field.name());
        if name == binding.body || binding.variables.contains(&name) || field.is_map() {
            continue;
        }
        match field.kind() {
            Kind::Message(inner) if well_known(&inner).is_none() => {
                if !field.is_list() {
                    query(&inner, &format!("{name}."), binding, schemas, found);
                }
            }
            _ => {
                let required = prefix.is_empty() && schemas.is_required(&field);
                found.push(parameter(&name, "query", required, schemas.field(&field)));
            }
        }
    }
}

fn parameter(name: &str, place: &str, required: bool, mut schema: Value) -> Value {
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    let mut parameter = json!({ "name": name, "in": place, "required": required, "schema": schema });
    if let Some(description) = description {
        parameter["description"] = description;
    }
    parameter
}

/// Errors in the form of the dialect. Everything can meet the common ones; only what writes can meet a conflict, and wait
/// for a provider in vain.
fn responses(binding: &Binding, schemas: &mut Schemas) -> Value {
    let error = match binding.method.dialect() {
        Dialect::Scalekit => "#/components/responses/Error",
        Dialect::Valetkey => "#/components/responses/ConnectError",
    };
    let writes = binding.method.audit != AuditClass::Read;
    let common = ["400", "401", "403", "404", "429", "500", "501", "503"];
    let answer = schemas.message(&binding.method.descriptor.output());
    let mut responses = Map::new();
    responses.insert("200".to_owned(), json!({ "description": "OK", "content": content(&answer) }));
    for status in common.into_iter().chain(["409", "504"].into_iter().filter(|_| writes)) {
        responses.insert(status.to_owned(), json!({ "$ref": error }));
    }
    responses.into()
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}
