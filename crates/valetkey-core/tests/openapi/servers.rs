//! Servers become the base address, and their variables fields.

use serde_json::{Value, json};
use url::Url;
use valetkey_core::openapi::{ImportOptions, NoteKind};

use crate::imported::{Written, document, fixture, written, written_with};

fn with_servers(servers: Value, source: Option<&str>) -> Written {
    let mut document = document(json!({"/a": {"get": {"operationId": "a"}}}));
    document["servers"] = servers;
    let source = source.map(|url| Url::parse(url).unwrap());
    written_with(&document, &ImportOptions { source, ..ImportOptions::default() }).unwrap()
}

fn base(written: &Written) -> &str {
    written.connector.api.base_url.as_str()
}

#[test]
fn a_workspace_in_the_host_is_asked_of_each_user_and_a_version_is_set_by_the_operator() {
    let issues = written(&fixture("issues.yaml"));
    assert_eq!(base(&issues), "https://{{workspace}}.trackwell.example/api/{{version}}");
    let definition = issues.definition();
    assert_eq!(definition["account_fields"][0]["name"], "workspace");
    assert_eq!(definition["account_fields"][0]["hint"], "The name of your workspace.");
    assert_eq!(definition["account_fields"][0].get("default"), None, "nobody's workspace is the example's");
    assert_eq!(definition["connection_fields"][0]["name"], "version");
    assert_eq!(definition["connection_fields"][0]["default"], "v3");
    let hosts = ["{{workspace}}.trackwell.example", "files.trackwell.example"];
    assert_eq!(definition["api"]["allowed_hosts"], json!(hosts));
}

#[test]
fn a_region_is_a_choice_and_a_protocol_or_port_a_constant() {
    let messages = written(&fixture("messages.yaml"));
    assert_eq!(base(&messages), "https://{{region}}.pigeon.example/rest");
    let region = &messages.definition()["connection_fields"][0];
    assert_eq!((&region["input"], &region["default"]), (&json!("select"), &json!("eu")));
    assert_eq!(region["options"][1]["value"], "us");
}

#[test]
fn a_server_without_a_host_is_relative_to_the_document_or_asked_of_the_operator() {
    let pets = written(&fixture("pets.yaml"));
    assert_eq!(base(&pets), "https://{{host}}/api/v2");
    assert!(pets.notes(NoteKind::Definition)[0].contains("--base-url"));
    let relative =
        |url: &str, source: &str| base(&with_servers(json!([{"url": url}]), Some(source))).to_owned();
    assert_eq!(relative("/v2", "https://a.example/docs/openapi.json?x=1"), "https://a.example/v2");
    assert_eq!(relative("./v2", "https://a.example/docs/openapi.json"), "https://a.example/docs/v2");
    assert_eq!(base(&with_servers(json!([]), Some("https://a.example/openapi.json"))), "https://a.example");
}

#[test]
fn a_whole_host_is_set_by_the_operator_and_http_becomes_https() {
    let own = with_servers(
        json!([{"url": "http://{host}/x/", "variables": {"host": {"default": "a.example"}}}]),
        None,
    );
    assert_eq!(base(&own), "https://{{host}}/x");
    assert_eq!(own.definition()["connection_fields"][0]["format"], "hostname");
    assert!(own.notes(NoteKind::Definition)[0].contains("by https"));
}

#[test]
fn a_base_path_with_slashes_is_a_constant() {
    let variables = json!({"base": {"default": "/sell/v1"}, "more": {"default": "a/b"}});
    let written =
        with_servers(json!([{"url": "https://a.example{base}/{more}", "variables": variables}]), None);
    assert_eq!(base(&written), "https://a.example/sell/v1/a/b");
}

#[test]
fn a_local_server_is_passed_over_and_a_given_address_goes_first() {
    let servers = json!([{"url": "http://localhost:8080"}, {"url": "https://b.example"}]);
    let chosen = with_servers(servers, None);
    assert_eq!(base(&chosen), "https://b.example");
    assert!(chosen.notes(NoteKind::Definition)[0].contains("https://b.example was taken"));
    let options =
        ImportOptions { base_url: Some("https://c.example/v9/".into()), ..ImportOptions::default() };
    assert_eq!(base(&written_with(&fixture("issues.yaml"), &options).unwrap()), "https://c.example/v9");
    let wrong = ImportOptions { base_url: Some("ftp://c.example".into()), ..ImportOptions::default() };
    let refused = written_with(&fixture("issues.yaml"), &wrong).err().unwrap().to_string();
    assert_eq!(refused, "--base-url must be an https:// address");
}

#[test]
fn an_operation_with_its_own_server_calls_that() {
    let upload = written(&fixture("issues.yaml")).json("trackwell_upload");
    assert_eq!(upload["request"]["path"], "https://files.trackwell.example/v1/upload");
}
