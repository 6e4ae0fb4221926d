//! What holds for every binding of the descriptors.

use http::Method;
use valetkey_proto::google::api::http_rule::Pattern;

use crate::harness::{GUEST, Wire};

/// Every binding as method, path with filled variables, and the RPC it belongs to.
fn every_binding(wire: &Wire) -> Vec<(Method, String, String)> {
    let mut found = Vec::new();
    for method in wire.gate.methods().iter() {
        for rule in &method.bindings {
            let (http, path) = match rule.pattern.clone().unwrap() {
                Pattern::Get(path) => (Method::GET, path),
                Pattern::Put(path) => (Method::PUT, path),
                Pattern::Post(path) => (Method::POST, path),
                Pattern::Delete(path) => (Method::DELETE, path),
                Pattern::Patch(path) => (Method::PATCH, path),
            };
            let filled = path.replace('{', "some_").replace('}', "");
            found.push((http, filled, method.descriptor.full_name().to_owned()));
        }
    }
    assert!(found.len() > 70);
    found
}

#[tokio::test]
async fn every_binding_leads_to_its_rpc() {
    let wire = Wire::new();
    for (http, path, rpc) in every_binding(&wire) {
        let answer = wire.rest_as(Some(GUEST), http.clone(), &path, "").await;
        assert_eq!(answer.status, 403, "{http} {path}: {}", answer.json);
        let message = answer.json["message"].as_str().unwrap_or_default();
        assert!(message.starts_with(&format!("{rpc} needs the permission ")), "{http} {path}: {message}");
    }
}

#[tokio::test]
async fn no_binding_answers_without_a_token() {
    let wire = Wire::new();
    for (http, path, _) in every_binding(&wire) {
        assert_eq!(wire.rest_as(None, http.clone(), &path, "not json").await.status, 401, "{http} {path}");
    }
    assert_eq!(wire.recorder.count(), 0);
}
