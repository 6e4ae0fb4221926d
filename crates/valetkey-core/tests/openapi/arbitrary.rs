//! No document makes the importer fail in an uncontrolled way.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use valetkey_core::openapi::{ImportOptions, import, read};

use crate::imported::{fixture, written_with};

/// Words that mean something in a document, so that arbitrary values are often looked into.
const WORDS: [&str; 40] = [
    "openapi",
    "paths",
    "get",
    "post",
    "parameters",
    "name",
    "in",
    "query",
    "path",
    "header",
    "schema",
    "type",
    "object",
    "array",
    "string",
    "integer",
    "properties",
    "items",
    "required",
    "$ref",
    "#/components/schemas/a",
    "#",
    "allOf",
    "oneOf",
    "anyOf",
    "enum",
    "requestBody",
    "content",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "components",
    "schemas",
    "securitySchemes",
    "security",
    "servers",
    "url",
    "style",
    "deepObject",
    "null",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => "[a-z{}/\\[\\].$#~é ]{0,8}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..6)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// Every place of a value, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| places(value, &format!("{at}/{}", escape(key)), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_json_is_imported_or_refused(value in value()) {
        let _ = import(&value, &ImportOptions::default());
    }

    #[test]
    fn arbitrary_parts_of_a_document_are_imported_or_refused(paths in value(), components in value(), servers in value()) {
        let document = json!({
            "openapi": "3.1.0", "info": {"title": "Things"}, "paths": {"/a/{b}": {"post": paths, "get": {}}},
            "components": components, "servers": servers,
        });
        let _ = import(&document, &ImportOptions::default());
    }

    #[test]
    fn a_damaged_document_still_gives_files_that_are_valid(
        file in prop::sample::select(&["pets.yaml", "issues.yaml", "payments.json", "messages.yaml", "shapes.yaml"][..]),
        at in any::<prop::sample::Index>(),
        new in value(),
    ) {
        let mut document = fixture(file);
        let mut all = Vec::new();
        places(&document, "", &mut all);
        *document.pointer_mut(&all[at.index(all.len())]).unwrap() = new;
        if let Ok(written) = written_with(&document, &ImportOptions::default()) {
            prop_assert!(!written.tools.is_empty());
            for tool in &written.tools {
                if let Some(example) = &tool.example {
                    let differences = tool.differences(&written.connector.api.base_url, example);
                    prop_assert_eq!(differences, Vec::<String>::new());
                }
            }
        }
    }

    #[test]
    fn arbitrary_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = read(&text);
    }
}
