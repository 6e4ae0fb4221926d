//! Security schemes become the one way in which accounts authenticate.

use serde_json::{Value, json};
use valetkey_core::openapi::{ImportOptions, NoteKind};

use crate::imported::{Written, document, fixture, written, written_with};

fn with_scheme(scheme: Value) -> Written {
    let mut document = document(json!({"/a": {"get": {"operationId": "a"}}}));
    document["components"] = json!({"securitySchemes": {"only": scheme}});
    document["security"] = json!([{"only": []}]);
    written(&document)
}

#[test]
fn an_authorization_code_flow_becomes_oauth_with_endpoints_and_scopes() {
    let issues = written(&fixture("issues.yaml"));
    let oauth2 = &issues.definition()["auth"]["oauth2"];
    assert_eq!(oauth2["authorization"]["url"], "https://trackwell.example/oauth/authorize");
    assert_eq!(oauth2["token"]["url"], "https://trackwell.example/oauth/token");
    assert_eq!(oauth2["refresh"]["url"], "https://trackwell.example/oauth/refresh");
    // What only reads is asked for at first.
    assert_eq!(oauth2["scopes"]["default"], json!(["issues.read"]));
    let available = oauth2["scopes"]["available"].as_array().unwrap();
    assert_eq!(available[0], json!({"scope": "issues.read", "description": "read your issues"}));
    assert_eq!(
        available[2],
        json!({"scope": "issues.admin", "description": "use issues admin"}),
        "one that is not documented"
    );
}

#[test]
fn each_tool_needs_the_scopes_of_its_operation() {
    let issues = written(&fixture("issues.yaml"));
    assert_eq!(issues.json("trackwell_issues_list")["scopes"], json!({"all_of": ["issues.read"]}));
    assert_eq!(issues.json("trackwell_issues_create")["scopes"], json!({"all_of": ["issues.write"]}));
    assert_eq!(
        issues.json("trackwell_issues_update")["scopes"],
        json!({"any_of": ["issues.write", "issues.admin"]})
    );
}

#[test]
fn an_operation_that_needs_another_scheme_is_skipped_with_the_reason() {
    let skipped = written(&fixture("issues.yaml")).notes(NoteKind::Skipped);
    let reason = "it needs robot, which accounts of this connector do not have";
    assert_eq!(skipped, [format!("DELETE /issues/{{id}} (issues/delete): skipped: {reason}")]);
}

#[test]
fn http_bearer_becomes_a_token_and_http_basic_a_user_name_and_password() {
    let bearer =
        with_scheme(json!({"type": "http", "scheme": "Bearer", "description": "Made under Settings"}));
    let auth = &bearer.definition()["auth"]["bearer"];
    assert_eq!(
        (&auth["token"], &auth["fields"][0]["hint"]),
        (&json!("{{token}}"), &json!("Made under Settings."))
    );
    assert_eq!(auth["fields"][0]["input"], "password");
    let basic = with_scheme(json!({"type": "http", "scheme": "basic"}));
    let auth = &basic.definition()["auth"]["basic"];
    assert_eq!((&auth["username"], &auth["password"]), (&json!("{{username}}"), &json!("{{password}}")));
    assert_eq!(auth["fields"][1]["required"], false, "many take a key as user name and no password");
}

#[test]
fn a_key_goes_into_its_header_or_query_parameter() {
    for place in ["header", "query"] {
        let key = with_scheme(json!({"type": "apiKey", "in": place, "name": "X-Key"}));
        assert_eq!(
            key.definition()["auth"]["api_key"]["place"],
            json!([{place: {"name": "X-Key", "value": "{{api_key}}"}}])
        );
    }
}

#[test]
fn several_keys_that_are_needed_together_are_asked_for_together() {
    let shapes = written(&fixture("shapes.yaml"));
    let auth = &shapes.definition()["auth"]["api_key"];
    assert_eq!(auth["place"][0]["header"], json!({"name": "X-First", "value": "{{api_key_first}}"}));
    assert_eq!(auth["place"][1]["query"], json!({"name": "second", "value": "{{api_key_second}}"}));
}

#[test]
fn a_token_is_an_input_where_the_connector_has_no_credential() {
    let token = json!({"name": "token", "in": "query", "description": "To authenticate.", "schema": {"type": "string"}});
    let open = document(json!({"/a": {"get": {"operationId": "a", "parameters": [token]}}}));
    assert_eq!(written(&open).json("things_a")["request"]["query"], json!({"token": "{{token}}"}));
}

#[test]
fn several_flows_for_the_same_token_are_one() {
    let flow = |kind: &str| {
        let urls = json!({"authorizationUrl": "https://a.example/auth", "tokenUrl": "https://a.example/token", "scopes": {"read": "Read"}});
        json!({"type": "oauth2", "flows": {kind: urls}})
    };
    let mut document = document(
        json!({"/a": {"get": {"operationId": "a", "security": [{"one": ["read"], "two": ["read"]}]}}}),
    );
    document["components"] =
        json!({"securitySchemes": {"one": flow("implicit"), "two": flow("authorizationCode")}});
    let google = written(&document);
    assert_eq!(google.definition()["auth"]["oauth2"]["token"]["url"], "https://a.example/token");
    assert_eq!(google.json("things_a")["scopes"], json!({"all_of": ["read"]}));
}

#[test]
fn of_several_schemes_the_best_is_taken_and_the_others_are_named() {
    let payments = fixture("payments.json");
    let best = written(&payments);
    assert_eq!(best.definition()["auth"]["bearer"]["token"], "{{token}}");
    assert_eq!(
        best.notes(NoteKind::Definition),
        ["security: accounts use bearer; the document also offers basic, which --security NAME takes"]
    );
    let wanted = |name: &str| ImportOptions { security: Some(name.into()), ..ImportOptions::default() };
    let basic = written_with(&payments, &wanted("basic")).unwrap();
    assert_eq!(basic.definition()["auth"]["basic"]["username"], "{{username}}");
    let unknown = written_with(&payments, &wanted("other")).err().unwrap().to_string();
    assert!(unknown.starts_with("--security \"other\" is no security scheme"), "{unknown}");
}

#[test]
fn the_scheme_that_opens_most_operations_goes_before_a_better_one() {
    let operation = |id: &str, scheme: &str| json!({"operationId": id, "security": [{scheme: []}]});
    let mut document = document(json!({
        "/a": {"get": operation("a", "rare")}, "/b": {"get": operation("b", "usual")}, "/c": {"get": operation("c", "usual")},
    }));
    document["components"]["securitySchemes"] = json!({
        "rare": {"type": "http", "scheme": "bearer"}, "usual": {"type": "apiKey", "in": "header", "name": "k"},
    });
    let chosen = written(&document);
    assert!(chosen.definition()["auth"]["api_key"].is_object());
    assert_eq!(chosen.tools.len(), 2);
}

#[test]
fn oauth_without_a_usable_flow_and_openid_become_a_token_with_a_note() {
    let implicit = json!({"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://a.example", "scopes": {}}}});
    let openid = json!({"type": "openIdConnect", "openIdConnectUrl": "https://a.example/.well-known/openid-configuration"});
    for scheme in [implicit, openid] {
        let token = with_scheme(scheme);
        assert!(token.definition()["auth"]["bearer"].is_object());
        assert!(token.notes(NoteKind::Definition)[0].contains("users enter"), "{:?}", token.imported.notes);
    }
}

#[test]
fn a_document_without_a_usable_scheme_becomes_a_connector_without_a_credential_and_says_so() {
    let open = written(&document(json!({"/a": {"get": {"operationId": "a"}}})));
    assert_eq!(open.definition()["auth"], "none");
    assert!(open.notes(NoteKind::Definition)[0].contains("no credential"));
}

#[test]
fn a_model_is_never_asked_for_the_credential() {
    let mut document = fixture("shapes.yaml");
    document["paths"]["/escaped/{a~b}"]["get"]["parameters"] = json!([
        {"name": "a~b", "in": "path", "required": true, "schema": {"type": "string"}},
        {"name": "x-first", "in": "header", "required": true, "schema": {"type": "string"}},
        {"name": "second", "in": "query", "required": true, "schema": {"type": "string"}},
        {"name": "Authorization", "in": "header", "required": true, "schema": {"type": "string"}},
    ]);
    let tool = written(&document).json("shapesofthings_escaped");
    assert_eq!(tool["input"]["required"], json!(["a_b"]));
    let messages = written(&fixture("messages.yaml"));
    let read = messages.json("pigeonmessaging_get_channels_channel_messages");
    assert_eq!(read["input"]["properties"].get("token"), None);
    let reduced = messages.notes(NoteKind::Reduced);
    assert!(
        reduced[0]
            .ends_with("the parameter \"token\" is left out: it is a credential, which the connector sends"),
        "{reduced:?}"
    );
}
