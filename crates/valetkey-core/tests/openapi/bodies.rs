//! Bodies: JSON, forms, parts, and other content.

use serde_json::{Value, json};
use valetkey_core::openapi::NoteKind;

use crate::imported::{fixture, one, tool_of, written};

/// The tool with a body of this media type.
fn with_body(media_type: &str, media: Value, required: bool) -> Value {
    tool_of(json!({"requestBody": {"required": required, "content": {media_type: media}}})).1
}

#[test]
fn members_of_a_json_object_are_inputs_and_the_body_goes_before_other_formats() {
    let add = written(&fixture("pets.yaml")).json("happypaws_add_pet");
    let body = json!({"name": "{{name}}", "kind": "{{kind}}", "friends": "{{friends}}", "born": "{{born}}"});
    assert_eq!(add["request"]["body"], json!({"json": body}), "the id is of answers alone");
    assert_eq!(add["input"]["required"], json!(["name"]));
    assert_eq!(add["example"]["request"]["json"], json!({"name": "Rex"}));
}

#[test]
fn what_an_optional_body_needs_is_optional_too() {
    let replace = written(&fixture("pets.yaml")).json("happypaws_replace_pet");
    assert_eq!(replace["input"]["required"], json!(["petId"]));
}

#[test]
fn json_that_is_no_object_with_named_members_is_one_input() {
    let list = with_body(
        "application/json",
        json!({"schema": {"type": "array", "items": {"type": "integer"}}}),
        true,
    );
    assert_eq!(list["request"]["body"], json!({"json": "{{body}}"}));
    assert_eq!(list["example"]["request"]["json"], json!([1]));
    let open = with_body(
        "application/json",
        json!({"schema": {"type": "object", "additionalProperties": true}}),
        true,
    );
    assert_eq!(open["request"]["body"], json!({"json": "{{body}}"}));
    let dollar = json!({"schema": {"type": "object", "properties": {"$set": {"type": "object"}, "a": {"type": "string"}}}});
    assert_eq!(with_body("application/json", dollar, true)["request"]["body"], json!({"json": "{{body}}"}));
    let either = written(&fixture("shapes.yaml")).json("shapesofthings_either");
    assert_eq!(either["input"]["properties"]["body"]["anyOf"].as_array().unwrap().len(), 2);
    assert_eq!(either["example"]["request"]["json"], json!({"kind": "circle", "radius": 0.5}));
}

#[test]
fn json_of_another_type_is_sent_as_that() {
    let update = written(&fixture("issues.yaml")).json("trackwell_issues_update");
    let raw = &update["request"]["body"]["raw"];
    assert_eq!(raw["content_type"], "application/merge-patch+json");
    assert_eq!(raw["json"], json!({"title": "{{title}}", "private": "{{private}}"}));
    assert_eq!(update["request"]["headers"]["accept"], "application/vnd.trackwell+json");
}

#[test]
fn defaults_are_told_and_not_sent_as_a_change_would_overwrite_what_nobody_meant() {
    let update = written(&fixture("issues.yaml")).json("trackwell_issues_update");
    let private = &update["input"]["properties"]["private"];
    assert_eq!(private.get("default"), None);
    assert_eq!(private["description"], "Whether only members see it. true where absent.");
}

#[test]
fn fields_of_a_form_are_written_by_their_encoding() {
    let payments = written(&fixture("payments.json"));
    let form = &payments.json("paylane_post_charges")["request"]["body"]["form"];
    assert_eq!(
        *form,
        json!({
            "amount": "{{amount}}",
            "currency": "{{currency}}",
            "capture": "{{capture}}",
            "card[number]": "{{card.number}}",
            "card[address][city]": "{{card.address.city}}",
            "tags": "{{tags}}",
            "extra": {"$json": "{{extra}}"},
        })
    );
    let reduced = payments.notes(NoteKind::Reduced);
    for left_out in ["\"metadata\"", "\"items\"", "\"card\" is taken in one of its forms only"] {
        assert!(reduced.iter().any(|note| note.contains(left_out)), "{left_out}: {reduced:?}");
    }
    let skipped = payments.notes(NoteKind::Skipped);
    assert!(skipped[0].contains("(PostChargesCharge): skipped: it needs the field \"lines\""), "{skipped:?}");
}

#[test]
fn files_are_given_in_base64_with_their_name() {
    let pets = written(&fixture("pets.yaml"));
    let add = pets.json("happypaws_add_photo");
    assert_eq!(
        add["request"]["body"]["form_data"],
        json!({
            "photo": {"content_type": "image/png", "filename": "{{photo_filename}}", "base64": "{{photo}}"},
            "caption": {"text": "{{caption}}"},
            "places": {"json": "{{places}}"},
        })
    );
    assert_eq!(add["input"]["properties"]["photo"]["description"], "The picture. In base64.");
    assert!(pets.notes(NoteKind::Reduced).iter().any(|note| note.contains("\"more\" is left out")));
}

#[test]
fn other_content_is_text_or_bytes() {
    let upload = written(&fixture("issues.yaml")).json("trackwell_upload");
    assert_eq!(
        upload["request"]["body"],
        json!({"raw": {"content_type": "text/markdown", "text": "{{body}}"}})
    );
    assert_eq!(upload["input"]["properties"]["body"]["description"], "The text to keep.");
    let image = written(&fixture("pets.yaml")).json("happypaws_replace_photo");
    let raw = json!({"content_type": "{{content_type}}", "base64": "{{body}}"});
    assert_eq!(image["request"]["body"], json!({ "raw": raw }));
    assert_eq!(image["input"]["required"], json!(["petId", "body", "content_type"]));
}

#[test]
fn the_body_of_a_get_is_left_out_unless_it_is_needed() {
    let body =
        json!({"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {}}}}}});
    let mut document = one(json!({"requestBody": body}));
    let post = document["paths"]["/things"]["post"].take();
    document["paths"]["/things"] = json!({"get": post});
    assert!(written(&document).notes(NoteKind::Reduced)[0].contains("the body is left out"));
    document["paths"]["/things"]["get"]["requestBody"]["required"] = json!(true);
    document["paths"]["/other"] = json!({"get": {"operationId": "other"}});
    assert!(written(&document).notes(NoteKind::Skipped)[0].contains("it is a body of a GET"));
}

#[test]
fn a_body_that_says_nothing_is_none() {
    let payments = written(&fixture("payments.json"));
    assert!(payments.notes(NoteKind::Reduced).iter().all(|note| !note.contains("(GetCharges): the body")));
    let empty = json!({"schema": {"type": "object", "properties": {}}});
    assert_eq!(with_body("application/json", empty.clone(), true)["request"]["body"], json!({"json": {}}));
    assert_eq!(with_body("application/x-www-form-urlencoded", empty, true)["request"].get("body"), None);
}
