//! The document says what the server does.

use http::Request;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use valetkey_server::openapi::{document, router};

use crate::harness::Wire;

fn the_document() -> Value {
    document(Wire::new().gate.methods())
}

/// Calls `visit` with every value inside `value`.
fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    visit(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(object) => object.values().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

#[test]
fn it_has_every_built_binding_once_with_description_security_and_unique_id() {
    let wire = Wire::new();
    let document = document(wire.gate.methods());
    let paths = document["paths"].as_object().unwrap();
    let operations: Vec<&Value> =
        paths.values().flat_map(|item| item.as_object().unwrap().values()).collect();
    let built = wire.gate.methods().iter().filter(|method| !method.unbuilt);
    let bindings: usize = built.map(|method| method.bindings.len()).sum();
    assert_eq!(operations.len(), bindings);
    let mut ids = std::collections::BTreeSet::new();
    for operation in operations {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{}", operation["operationId"]);
        assert!(!operation["description"].as_str().unwrap().is_empty());
        let scope = operation["security"][1]["oauth2"][0].as_str().unwrap();
        let scopes =
            &document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"];
        assert!(scopes.get(scope).is_some(), "{scope}");
        for status in ["200", "400", "401", "403", "404", "429", "500", "501", "503"] {
            assert!(operation["responses"].get(status).is_some(), "{} {status}", operation["operationId"]);
        }
    }
}

#[test]
fn every_reference_resolves() {
    let document = the_document();
    let mut checked = 0;
    walk(&document, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = document.pointer(reference.trim_start_matches('#'));
            assert!(target.is_some_and(|target| !target.is_null()), "{reference}");
            checked += 1;
        }
    });
    assert!(checked > 100);
}

#[test]
fn path_variables_are_required_parameters() {
    for (path, item) in the_document()["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let empty = Vec::new();
            let parameters = operation["parameters"].as_array().unwrap_or(&empty);
            let in_path: Vec<&Value> =
                parameters.iter().filter(|parameter| parameter["in"] == "path").collect();
            assert_eq!(in_path.len(), path.matches('{').count(), "{path}");
            assert!(in_path.iter().all(|parameter| parameter["required"] == true), "{path}");
        }
    }
}

#[test]
fn rules_and_comments_are_in_it() {
    let document = the_document();
    let list = &document["paths"]["/api/v1/connected_accounts"]["get"]["parameters"];
    let parameter = |name: &str| list.as_array().unwrap().iter().find(|given| given["name"] == name).unwrap();
    assert_eq!(parameter("page_size")["schema"]["exclusiveMaximum"], 100);
    assert_eq!(parameter("connector")["schema"]["pattern"], "^[a-zA-Z0-9_: -]*$");
    assert_eq!(parameter("connection_names")["schema"]["items"]["maxLength"], 400);
    assert!(parameter("query").get("description").is_some());
    let schemas = &document["components"]["schemas"];
    let create = &schemas["connected_accounts.CreateConnectedAccountRequest"];
    assert_eq!(create["required"], serde_json::json!(["connected_account"]));
    let organization = &schemas["organizations.CreateOrganization"]["properties"]["metadata"];
    assert_eq!(
        (&organization["maxProperties"], &organization["propertyNames"]["minLength"]),
        (&10.into(), &3.into())
    );
}

#[tokio::test]
async fn it_is_served_as_json() {
    let wire = Wire::new();
    let request = Request::get("/openapi.json").body(axum::body::Body::empty()).unwrap();
    let response = router(wire.gate.methods()).oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let content = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(serde_json::from_slice::<Value>(&content).unwrap(), the_document());
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let served = format!("{:#}\n", valetkey_server::openapi::published());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, &served).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(committed == served, "docs/openapi.json has drifted; UPDATE_DOCS=1 writes it anew");
}
