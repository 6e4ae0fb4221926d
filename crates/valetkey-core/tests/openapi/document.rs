//! What is a document, and what options mean.

use serde_json::json;
use valetkey_core::openapi::{ImportError, ImportOptions, NoteKind, import, read};

use crate::imported::{document, fixture, written, written_with};

fn refused(document: &serde_json::Value, options: &ImportOptions) -> String {
    import(document, options).unwrap_err().to_string()
}

#[test]
fn what_is_no_document_of_openapi_3_is_refused_with_the_reason() {
    let none = ImportOptions::default();
    assert!(refused(&json!({"swagger": "2.0"}), &none).contains("convert it to OpenAPI 3"));
    assert!(refused(&json!({"openapi": "4.0.0", "paths": {}}), &none).contains("4.0.0"));
    assert!(refused(&json!({"openapi": "3.0.0"}), &none).contains("no \"paths\""));
    assert!(refused(&json!([1]), &none).contains("no \"openapi\""));
    assert!(matches!(read("a: [").unwrap_err(), ImportError::Syntax(_)));
    let empty = document(json!({}));
    assert!(matches!(import(&empty, &none).unwrap_err(), ImportError::Nothing(_)));
}

#[test]
fn json_and_yaml_are_read_alike() {
    assert_eq!(read("{\"a\": [1, \"x\"]}").unwrap(), read("a:\n  - 1\n  - x\n").unwrap());
}

#[test]
fn a_slug_that_cannot_name_tools_is_refused() {
    let with = |slug: &str| ImportOptions { slug: Some(slug.into()), ..ImportOptions::default() };
    let pets = fixture("pets.yaml");
    for slug in ["", "Pets", "a b", "-a", "a".repeat(33).as_str()] {
        assert!(refused(&pets, &with(slug)).starts_with("--slug must be given"), "{slug}");
    }
    let written = written_with(&pets, &with("paws-2")).unwrap();
    assert_eq!(
        (written.connector.slug.as_str(), written.connector.provider_key.as_str()),
        ("paws-2", "PAWS-2")
    );
    assert!(written.tools.iter().all(|tool| tool.name.starts_with("paws_2_")));
}

#[test]
fn tags_and_max_leave_operations_out_and_say_how_many() {
    let pets = fixture("pets.yaml");
    let photos = ImportOptions { tags: vec!["photos".into()], ..ImportOptions::default() };
    let written_photos = written_with(&pets, &photos).unwrap();
    assert_eq!(written_photos.tools.len(), 2);
    assert_eq!(
        written_photos.notes(NoteKind::Skipped),
        ["paths: skipped: 6 operations have none of the tags of --tags"]
    );
    let two = ImportOptions { max: Some(2), ..ImportOptions::default() };
    let written_two = written_with(&pets, &two).unwrap();
    assert_eq!(written_two.tools.len(), 2);
    assert_eq!(written_two.notes(NoteKind::Skipped), ["paths: skipped: 6 operations are more than --max"]);
}

#[test]
fn the_definition_has_the_words_of_the_document() {
    let pets = written(&fixture("pets.yaml"));
    assert_eq!(pets.connector.slug, "happypaws");
    assert_eq!(pets.connector.name, "Happy Paws");
    assert_eq!(pets.connector.description, "Everything about the animals of Happy Paws.");
    assert_eq!(pets.connector.documentation.as_deref(), Some("https://paws.example/docs"));
    assert!(pets.imported.definition.starts_with("# Imported from Happy Paws 1.4\nslug: happypaws\n"));
    let issues = written(&fixture("issues.yaml"));
    assert_eq!(issues.connector.documentation.as_deref(), Some("https://trackwell.example/developers"));
    assert_eq!(issues.definition()["api"]["check"]["path"], "/me");
}

#[test]
fn there_is_a_file_for_each_tag_or_subject() {
    let files = |name: &str| -> Vec<(String, usize)> {
        let imported = written(&fixture(name)).imported;
        imported.tools.into_iter().map(|file| (file.name, file.tools)).collect()
    };
    assert_eq!(files("pets.yaml"), [("pets".to_owned(), 5), ("photos".to_owned(), 2)]);
    assert_eq!(files("messages.yaml"), [("messages_more".to_owned(), 2), ("export".to_owned(), 2)]);
    assert_eq!(files("payments.json"), [("charges".to_owned(), 2), ("refunds".to_owned(), 1)]);
}
