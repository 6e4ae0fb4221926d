//! The `OpenAPI` 3.1 document of the REST API, derived from the descriptors.

mod comments;
mod constraint;
mod operation;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::get;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use prost_reflect::ServiceDescriptor;
use serde_json::{Map, Value, json};

use crate::rest::{Binding, bindings};
use crate::rpc_gate::Methods;
use schema::Schemas;

/// Serves [`document`] at `/openapi.json`, written once.
pub fn router(methods: &Methods) -> Router {
    let content = Bytes::from(document(methods).to_string());
    let handler = move || async move { ([(CONTENT_TYPE, "application/json")], content).into_response() };
    Router::new().route("/openapi.json", get(handler))
}

/// The document of the whole API, as a server publishes it.
pub fn published() -> Value {
    document(&Methods::of(valetkey_proto::descriptor_pool()))
}

/// The document of every binding of those of `methods` that are built.
pub fn document(methods: &Methods) -> Value {
    let mut schemas = Schemas::new(valetkey_proto::descriptor_pool());
    let mut all: Vec<Binding> = bindings(methods).filter(|binding| !binding.method.unbuilt).collect();
    all.sort_by(|a, b| (&a.path, a.http.as_str()).cmp(&(&b.path, b.http.as_str())));
    let paths = paths(&all, &mut schemas);
    let error = error_schema(&mut schemas);
    let flat = flat_error_schema(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Valetkey",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Connected accounts of the users of AI agents. The same calls are served as gRPC.",
        },
        "servers": [{ "url": "/" }],
        "tags": tags(&all, &schemas),
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": { "Error": failed(&error), "ConnectError": failed(&flat) },
            "securitySchemes": security_schemes(&all),
        },
    })
}

fn paths(all: &[Binding], schemas: &mut Schemas) -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    for binding in all {
        let item = paths.entry(binding.path.clone()).or_insert_with(|| json!({}));
        item[binding.http.as_str().to_lowercase()] = operation::operation(binding, schemas);
    }
    paths
}

fn tags(all: &[Binding], schemas: &Schemas) -> Vec<Value> {
    let services = all.iter().map(|binding| binding.method.descriptor.parent_service().clone());
    let by_name: BTreeMap<String, ServiceDescriptor> =
        services.map(|service| (service.name().to_owned(), service)).collect();
    let tag = |(name, service): (String, ServiceDescriptor)| json!({ "name": name, "description": schemas.comments.at(&service.parent_file(), service.path()) });
    by_name.into_iter().map(tag).collect()
}

/// `google.rpc.Status` in JSON, whose details are of the one type that this server sends.
fn error_schema(schemas: &mut Schemas) -> Value {
    let pool = valetkey_proto::descriptor_pool();
    let info = pool.get_message_by_name("scalekit.v1.errdetails.ErrorInfo");
    let info = info.map_or_else(|| json!({}), |info| schemas.message(&info));
    json!({
        "type": "object",
        "required": ["code", "message", "details"],
        "properties": {
            "code": { "type": "integer", "description": "Number of the gRPC status code." },
            "message": { "type": "string" },
            "details": { "type": "array", "items": { "allOf": [
                { "type": "object", "required": ["@type"], "properties": { "@type": { "type": "string" } } },
                info,
            ] } },
        },
    })
}

/// The answer of a call that failed.
fn failed(schema: &Value) -> Value {
    json!({ "description": "The call failed.", "content": { "application/json": { "schema": schema } } })
}

/// The flat object of `/v1/connect`, all of whose members are always there.
fn flat_error_schema(schemas: &mut Schemas) -> Value {
    let Some(answer) = valetkey_proto::descriptor_pool().get_message_by_name("valetkey.v1.ErrorAnswer")
    else {
        return json!({});
    };
    let required: Vec<String> = answer.fields().map(|field| field.name().to_owned()).collect();
    json!({ "allOf": [schemas.message(&answer), { "required": required }] })
}

fn security_schemes(all: &[Binding]) -> Value {
    let permissions: BTreeSet<&str> = all.iter().map(|binding| binding.method.permission.as_str()).collect();
    let scopes: BTreeMap<&str, String> = permissions
        .into_iter()
        .map(|permission| (permission, format!("Calls that need {permission}.")))
        .collect();
    json!({
        "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
        "oauth2": {
            "type": "oauth2",
            "flows": { "clientCredentials": { "tokenUrl": "/oauth/token", "scopes": scopes } },
        },
    })
}
