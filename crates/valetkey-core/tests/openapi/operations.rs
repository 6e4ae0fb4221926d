//! Operations become tools: names, words, effects.

use serde_json::json;
use valetkey_core::openapi::NoteKind;

use crate::imported::{document, fixture, tool_of, written};

#[test]
fn a_tool_is_named_after_its_operation_or_its_method_and_path() {
    let names = |file: &str| -> Vec<String> {
        written(&fixture(file)).tools.into_iter().map(|tool| tool.name).collect()
    };
    assert_eq!(
        names("pets.yaml"),
        [
            "happypaws_find_pets",
            "happypaws_add_pet",
            "happypaws_get_pet",
            "happypaws_replace_pet",
            "happypaws_delete_pets_pet_id",
            "happypaws_add_photo",
            "happypaws_replace_photo",
        ]
    );
    let twice = names("messages.yaml");
    assert!(
        twice.contains(&"pigeonmessaging_export".to_owned())
            && twice.contains(&"pigeonmessaging_export_2".to_owned())
    );
}

#[test]
fn the_method_says_what_a_tool_does() {
    let pets = written(&fixture("pets.yaml"));
    let effect = |name: &str| {
        let tool = pets.json(name);
        (tool["effect"].as_str().unwrap().to_owned(), tool["idempotent"].as_bool().unwrap())
    };
    assert_eq!(effect("happypaws_find_pets"), ("read".into(), false));
    assert_eq!(effect("happypaws_add_pet"), ("write".into(), false));
    assert_eq!(effect("happypaws_replace_pet"), ("write".into(), true));
    assert_eq!(effect("happypaws_delete_pets_pet_id"), ("destroy".into(), false));
    assert_eq!(
        pets.notes(NoteKind::Skipped),
        ["HEAD /pets/{petId} (hasPet): skipped: tools have no such method"]
    );
}

#[test]
fn title_and_description_are_plain_words_within_their_limits() {
    let find = written(&fixture("pets.yaml")).json("happypaws_find_pets");
    assert_eq!(find["title"], "Find pets");
    assert_eq!(find["description"], "Find pets that wait for a home. Newest come first.");
    assert_eq!(find["documentation"], "https://paws.example/docs");
    let replace = written(&fixture("pets.yaml")).json("happypaws_replace_pet");
    assert_eq!(replace["description"], "Deprecated. Replace a pet.");
    let (_, long) =
        tool_of(json!({"summary": "word ".repeat(40), "description": "More words than fit. ".repeat(60)}));
    assert!(long["title"].as_str().unwrap().chars().count() <= 80);
    assert!(long["description"].as_str().unwrap().chars().count() <= 600);
    let (_, bare) = tool_of(json!({}));
    assert_eq!((&bare["title"], &bare["description"]), (&json!("Call"), &json!("Call.")));
}

#[test]
fn an_answer_that_is_not_json_is_asked_for_by_its_type() {
    let messages = written(&fixture("messages.yaml"));
    assert_eq!(messages.json("pigeonmessaging_export")["request"]["headers"], json!({"accept": "text/csv"}));
    assert_eq!(messages.definition()["api"]["headers"], json!({"accept": "application/json"}));
}

#[test]
fn the_example_shows_the_request_with_the_values_of_the_document() {
    let issues = written(&fixture("issues.yaml"));
    let create = &issues.json("trackwell_issues_create")["example"];
    assert_eq!(create["request"]["url"], "https://demo.trackwell.example/api/v3/projects/OPS/issues");
    assert_eq!(create["request"]["method"], "POST");
    assert_eq!(create["account"], json!({"version": "v3", "workspace": "demo"}));
    assert_eq!(create["input"]["project_key"], "OPS");
}

#[test]
fn a_tool_that_the_format_refuses_is_skipped_with_the_reason() {
    let paths = json!({"/ok": {"get": {"operationId": "ok"}}, "wrong": {"get": {"operationId": "w"}}, "/../up": {"get": {"operationId": "u"}}});
    let skipped = written(&document(paths)).notes(NoteKind::Skipped);
    assert_eq!(
        skipped,
        [
            "GET wrong (w): skipped: its path does not start with /",
            "GET /../up (u): skipped: its path is none that a request can have",
        ]
    );
}
