//! Schemas become JSON Schema without references.

use serde_json::{Value, json};
use valetkey_core::openapi::NoteKind;

use crate::imported::{fixture, tool_of, written};

/// The input of a tool whose body has one member with this schema.
fn cleaned(schema: Value) -> Value {
    let body = json!({"schema": {"type": "object", "properties": {"p": schema}}});
    tool_of(json!({"requestBody": {"content": {"application/json": body}}})).1["input"]["properties"]["p"]
        .clone()
}

#[test]
fn a_schema_that_contains_itself_ends_with_its_type() {
    let node = written(&fixture("shapes.yaml")).json("shapesofthings_add_node");
    let properties = &node["input"]["properties"];
    assert_eq!(properties["parent"], json!({"type": "object", "description": "The node above."}));
    assert_eq!(properties["children"]["items"], json!({"type": "object"}));
    assert!(!node.to_string().contains("$ref"));
}

#[test]
fn references_that_lead_nowhere_or_to_themselves_are_told() {
    let shapes = written(&fixture("shapes.yaml"));
    let skipped = shapes.notes(NoteKind::Skipped);
    assert_eq!(
        skipped,
        [
            "POST /lost (lost): skipped: its body refers to elsewhere.yaml#/bodies/Lost, which is outside of the document",
            "GET /loop (loop): skipped: a parameter refers to itself",
        ]
    );
    let reduced = shapes.notes(NoteKind::Reduced);
    assert!(
        reduced.iter().any(|note| note.contains("#/components/schemas/Missing, which is not there")),
        "{reduced:?}"
    );
    assert!(reduced.iter().any(|note| note.contains("the pattern (unclosed cannot be read")), "{reduced:?}");
}

#[test]
fn a_reference_with_escapes_is_followed() {
    let escaped = written(&fixture("shapes.yaml")).json("shapesofthings_escaped");
    assert_eq!(escaped["request"]["path"], "/escaped/{{a_b}}");
}

#[test]
fn null_is_a_further_type_within_and_an_absent_input_at_the_top() {
    let top = cleaned(json!({"type": "string", "nullable": true, "enum": ["a", null]}));
    assert_eq!((&top["type"], &top["enum"]), (&json!("string"), &json!(["a"])));
    let nested =
        json!({"type": "object", "properties": {"q": {"type": "string", "nullable": true, "enum": ["a"]}}});
    let nested = &cleaned(nested)["properties"]["q"];
    assert_eq!((&nested["type"], &nested["enum"]), (&json!(["string", "null"]), &json!(["a", null])));
    let node = written(&fixture("shapes.yaml")).json("shapesofthings_add_node");
    assert_eq!(node["input"]["properties"]["weight"]["type"], "number");
    assert_eq!(node["input"]["properties"]["shape"]["properties"]["kind"]["const"], "circle");
}

#[test]
fn bounds_of_both_versions_are_kept_and_wrong_ones_dropped() {
    let old = cleaned(
        json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false}),
    );
    assert_eq!((&old["exclusiveMinimum"], &old["maximum"], old.get("minimum")), (&json!(0), &json!(9), None));
    let new = cleaned(json!({"type": "integer", "exclusiveMinimum": 3, "multipleOf": 2}));
    assert_eq!((&new["exclusiveMinimum"], &new["multipleOf"]), (&json!(3), &json!(2)));
    let wrong = cleaned(
        json!({"type": "wrong", "minLength": "4", "multipleOf": 0, "format": 5, "enum": "a", "required": "p"}),
    );
    assert_eq!(wrong, json!({"description": "P."}));
}

#[test]
fn all_of_is_merged_and_one_of_becomes_any_of() {
    let part = |name: &str| json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}, "additionalProperties": false});
    let all = cleaned(json!({"allOf": [part("a"), part("b")]}));
    assert_eq!(all["required"], json!(["a", "b"]));
    assert_eq!(all["properties"].as_object().unwrap().len(), 2);
    let either = cleaned(json!({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "string"}]}));
    assert_eq!(either["anyOf"], json!([{"type": "string"}, {"type": "integer"}]));
    assert_eq!(cleaned(json!({"oneOf": [{"type": "string"}]}))["type"], "string");
}

#[test]
fn each_input_is_described_by_its_name_where_the_document_says_nothing() {
    let words = |schema: Value| cleaned(schema)["description"].clone();
    assert_eq!(words(json!({"type": "string", "description": "Said <b>so</b>"})), "Said so.");
    assert_eq!(words(json!({"type": "string", "title": "Its title"})), "Its title.");
    assert_eq!(
        words(json!({"type": "boolean", "deprecated": true, "description": "Old"})),
        "Deprecated. Old."
    );
    assert_eq!(words(json!({"type": "boolean"})), "Whether p.");
    assert_eq!(words(json!({"type": "array"})), "List of p.");
    assert!(
        words(json!({"type": "string", "format": "date-time"}))
            .as_str()
            .unwrap()
            .contains("2025-01-31T09:30:00Z")
    );
}

#[test]
fn an_example_of_a_schema_is_kept_where_it_fits() {
    assert_eq!(cleaned(json!({"type": "string", "example": "x"}))["examples"], json!(["x"]));
    assert_eq!(cleaned(json!({"type": "integer", "example": "x"})).get("examples"), None);
}

#[test]
fn a_schema_that_is_too_deep_or_too_large_is_left_open() {
    let deep = (0..20)
        .fold(json!({"type": "string"}), |inner, _| json!({"type": "object", "properties": {"n": inner}}));
    let found = cleaned(deep).to_string();
    assert!(found.matches("properties").count() < 10, "{found}");
    let wide: serde_json::Map<String, Value> = (0..2_000)
        .map(|index| (format!("m{index}"), json!({"type": "string", "enum": ["a"], "maxLength": 3})))
        .collect();
    let found = cleaned(json!({"type": "object", "properties": wide}));
    assert_eq!(found["properties"]["m1"]["maxLength"], 3);
    assert_eq!(found["properties"]["m1999"], json!({"type": "string"}));
}
