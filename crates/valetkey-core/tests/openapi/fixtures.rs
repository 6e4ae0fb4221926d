//! Each fixture becomes a connector whose tools are accepted and make the requests of their examples.

use valetkey_core::openapi::{NoteKind, import, read};

use crate::imported::{Written, fixture, written};

const FIXTURES: [(&str, usize, usize); 5] = [
    ("pets.yaml", 8, 7),
    ("issues.yaml", 6, 5),
    ("payments.json", 4, 3),
    ("messages.yaml", 5, 4),
    ("shapes.yaml", 5, 3),
];

fn wrong_examples(written: &Written) -> Vec<String> {
    let base = &written.connector.api.base_url;
    let mut wrong = Vec::new();
    for tool in &written.tools {
        let Some(example) = &tool.example else {
            wrong.push(format!("{} has no example", tool.name));
            continue;
        };
        wrong.extend(tool.differences(base, example).iter().map(|found| format!("{}: {found}", tool.name)));
        for name in tool.input.get("required").and_then(|names| names.as_array()).into_iter().flatten() {
            if !example.input.contains_key(name.as_str().unwrap()) {
                wrong.push(format!("{}: the example lacks {name}", tool.name));
            }
        }
    }
    wrong
}

#[test]
fn each_fixture_becomes_a_definition_and_tools_with_examples_and_tells_what_it_skips() {
    for (file, operations, tools) in FIXTURES {
        let written = written(&fixture(file));
        assert_eq!((written.imported.operations, written.tools.len()), (operations, tools), "{file}");
        assert_eq!(written.imported.tool_count(), tools, "{file}");
        let skipped = written.notes(NoteKind::Skipped);
        assert_eq!(skipped.len(), written.imported.skipped(), "{file}: {skipped:?}");
        assert_eq!(wrong_examples(&written), Vec::<String>::new(), "{file}");
        for scope in written.tools.iter().flat_map(|tool| tool.scopes.all()) {
            assert!(written.connector.offered_scopes().contains(scope), "{file}: {scope}");
        }
    }
}

#[test]
fn an_import_is_the_same_each_time() {
    for (file, ..) in FIXTURES {
        let document = fixture(file);
        let again = || import(&document, &valetkey_core::openapi::ImportOptions::default()).unwrap();
        assert_eq!(again(), again(), "{file}");
    }
}

#[test]
#[ignore = "real documents are not part of this repository; OPENAPI_DOCUMENTS names a directory with some"]
fn each_document_of_a_directory_becomes_a_connector() {
    let directory = std::env::var_os("OPENAPI_DOCUMENTS").expect("OPENAPI_DOCUMENTS names a directory");
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let document = read(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let written = written(&document);
        let examples = written.tools.iter().filter(|tool| tool.example.is_some()).count();
        let wrong: Vec<String> =
            wrong_examples(&written).into_iter().filter(|wrong| !wrong.ends_with("has no example")).collect();
        assert_eq!(wrong, Vec::<String>::new(), "{}", path.display());
        assert_eq!(written.notes(NoteKind::Skipped).len(), written.imported.skipped(), "{}", path.display());
        assert!(examples * 100 >= written.tools.len() * 95, "{}: {examples}", path.display());
    }
}
