//! Parameters become inputs and places in the request.

use serde_json::{Value, json};
use valetkey_core::openapi::NoteKind;

use crate::imported::{Written, document, fixture, tool_of, written};

/// The query of a tool with one parameter, and the schema of its input.
fn query(parameter: Value) -> (Value, Value) {
    let mut parameter = parameter;
    parameter["in"] = json!("query");
    parameter["name"] = json!("p");
    let (_, tool) = tool_of(json!({"parameters": [parameter]}));
    (tool["request"]["query"].clone(), tool["input"]["properties"]["p"].clone())
}

#[test]
fn lists_are_written_in_the_style_of_their_parameter() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let styled =
        |style: &str, explode: bool| query(json!({"style": style, "explode": explode, "schema": list})).0;
    let joined = |with: &str| json!({"p": {"$join": {"items": "{{p}}", "with": with}}});
    assert_eq!(query(json!({"schema": list})).0, json!({"p": "{{p}}"}));
    assert_eq!(styled("form", true), json!({"p": "{{p}}"}));
    assert_eq!(styled("form", false), joined(","));
    assert_eq!(styled("spaceDelimited", false), joined(" "));
    assert_eq!(styled("pipeDelimited", false), joined("|"));
    assert_eq!(styled("deepObject", true), json!({"p[]": "{{p}}"}));
}

#[test]
fn objects_are_written_member_by_member() {
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}});
    assert_eq!(
        query(json!({"style": "deepObject", "schema": object})).0,
        json!({"p[a]": "{{p.a}}", "p[b]": "{{p.b}}"})
    );
    let (form, schema) = query(json!({"schema": object}));
    assert_eq!(form, json!({"a": "{{p.a}}", "b": "{{p.b}}"}));
    assert_eq!(schema["additionalProperties"], false, "a member that is not sent is refused");
    let content = json!({"content": {"application/json": {"schema": object}}});
    assert_eq!(query(content).0, json!({"p": {"$json": "{{p}}"}}));
}

#[test]
fn a_filter_within_a_filter_is_written_and_what_cannot_be_is_left_out_of_the_input_too() {
    let issues = written(&fixture("issues.yaml"));
    let list = issues.json("trackwell_issues_list");
    assert_eq!(
        list["request"]["query"],
        json!({
            "filter[state]": "{{filter.state}}",
            "filter[labels][]": "{{filter.labels}}",
            "filter[created][after]": "{{filter.created.after}}",
        })
    );
    assert_eq!(list["input"]["properties"]["filter"]["properties"].get("owners"), None);
    let reduced = issues.notes(NoteKind::Reduced);
    assert!(reduced[0].contains("(issues/list): \"filter[owners]\" is left out"), "{reduced:?}");
}

#[test]
fn of_alternatives_with_different_forms_the_richest_is_taken() {
    let charges = written(&fixture("payments.json")).json("paylane_get_charges");
    assert_eq!(
        charges["request"]["query"],
        json!({"created[gte]": "{{created.gte}}", "created[lt]": "{{created.lt}}", "expand[]": "{{expand}}"})
    );
}

#[test]
fn path_and_operation_share_parameters_and_those_of_the_operation_go_first() {
    let given = |id: &str| json!({"name": "id", "in": "path", "required": true, "description": id, "schema": {"type": "string"}});
    let paths = json!({"/things/{id}": {"parameters": [given("Outer.")], "get": {"operationId": "g", "parameters": [given("Inner.")]}}});
    let tool = written(&document(paths)).json("things_g");
    assert_eq!(tool["request"]["path"], "/things/{{id}}");
    assert_eq!(tool["input"]["properties"]["id"]["description"], "Inner.");
    assert_eq!(tool["input"]["required"], json!(["id"]));
}

#[test]
fn a_path_may_name_what_no_parameter_describes_and_several_in_one_segment() {
    let paths = json!({"/a/{x}.{y}/é f#z": {"get": {"operationId": "g"}}});
    let tool = written(&document(paths)).json("things_g");
    assert_eq!(tool["request"]["path"], "/a/{{x}}.{{y}}/%C3%A9%20f");
    assert_eq!(tool["input"]["required"], json!(["x", "y"]));
}

#[test]
fn headers_are_inputs_but_for_those_that_belong_to_the_request_itself() {
    let messages = written(&fixture("messages.yaml"));
    let read = messages.json("pigeonmessaging_get_channels_channel_messages");
    assert_eq!(
        read["request"]["headers"],
        json!({"X-Trace": {"$join": {"items": "{{X-Trace}}", "with": ","}}})
    );
    let send = messages.json("pigeonmessaging_post_channels_channel_messages");
    let version = &send["input"]["properties"]["Pigeon-Version"];
    assert_eq!(version["default"], "2025-01", "a required one with one value is filled in");
    assert_eq!(send["example"]["request"]["headers"], json!({"pigeon-version": "2025-01"}));
}

#[test]
fn a_cookie_or_an_unknown_style_is_left_out_or_the_operation_skipped_where_it_is_needed() {
    let pets = written(&fixture("pets.yaml")).notes(NoteKind::Reduced);
    assert!(pets[0].ends_with("the parameter \"session\" is left out: it is a cookie"), "{pets:?}");
    let skipped = written(&fixture("messages.yaml")).notes(NoteKind::Skipped);
    assert_eq!(skipped.len(), 1);
    assert!(skipped[0].contains("it needs the parameter \"matrix\""), "{skipped:?}");
}

#[test]
fn names_that_meet_are_told_apart_by_their_place() {
    let messages = written(&fixture("messages.yaml"));
    let send = messages.json("pigeonmessaging_post_channels_channel_messages");
    assert_eq!(send["request"]["path"], "/channels/{{channel}}/messages");
    assert_eq!(
        send["request"]["body"]["json"],
        json!({"channel": "{{body_channel}}", "text": "{{text}}", "parts": "{{parts}}"})
    );
    let same = |place: &str| json!({"name": "a.b", "in": place, "schema": {"type": "string"}});
    let (_, tool): (Written, Value) = tool_of(json!({"parameters": [same("query"), same("header")]}));
    assert_eq!(tool["request"]["query"], json!({"a.b": "{{a_b}}"}));
    assert_eq!(tool["request"]["headers"], json!({"a.b": "{{header_a_b}}"}));
}

#[test]
fn the_name_of_a_field_of_the_account_is_not_taken_by_an_input() {
    let create = written(&fixture("issues.yaml")).json("trackwell_issues_create");
    assert_eq!(
        create["request"]["body"]["json"],
        json!({
            "title": "{{title}}", "private": "{{private}}", "project_key": "{{body_project_key}}",
            "account": "{{body_account}}",
        })
    );
}
