//! Each tool that comes with Valetkey makes the request that its provider documents.

use std::{fs, path::Path};

use valetkey_core::{
    connector::{Connector, parse_yaml},
    tool::{Shape, Tool, builtin_tools, parse_tools},
};

/// The tools of the folders in `connectors/`, with their connector and the name of their file.
fn all() -> Vec<(Connector, String, Tool)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
    let only = std::env::var("CONNECTOR").ok();
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for folder in fs::read_dir(root).expect("connectors/").flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        let file = folder.path().join("connector.yaml");
        let Ok(text) = fs::read_to_string(&file) else { continue };
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let connector = match parse_yaml(&file.display().to_string(), &text) {
            Ok(connector) => connector,
            Err(more) => {
                errors.extend(more);
                continue;
            }
        };
        let Ok(files) = fs::read_dir(folder.path().join("tools")) else { continue };
        for file in files.flatten() {
            let file = file.path().display().to_string();
            let text = fs::read_to_string(&file).expect("a file of tools");
            match parse_tools(&file, &text, &connector) {
                Ok(tools) => {
                    found.extend(tools.into_iter().map(|tool| (connector.clone(), file.clone(), tool)));
                }
                Err(more) => errors.extend(more),
            }
        }
    }
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    found
}

#[test]
fn each_tool_makes_the_request_that_its_provider_documents() {
    let mut wrong = Vec::new();
    for (connector, file, tool) in all() {
        let Some(example) = &tool.example else {
            wrong.push(format!("{file}: {}: has no example", tool.name));
            continue;
        };
        if tool.answer != Shape::default() && (example.answer.is_none() || example.output.is_none()) {
            wrong
                .push(format!("{file}: {}: the example does not show what becomes of the answer", tool.name));
        }
        let differences = tool.differences(&connector.api.base_url, example);
        wrong
            .extend(differences.into_iter().map(|difference| format!("{file}: {}: {difference}", tool.name)));
        let required = tool.input.get("required").and_then(|names| names.as_array()).into_iter().flatten();
        for name in required.filter_map(|name| name.as_str()) {
            if !example.input.contains_key(name) {
                wrong.push(format!("{file}: {}: the example lacks \"{name}\"", tool.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_tool_says_where_it_is_documented_and_asks_for_scopes_that_its_connector_offers() {
    let mut wrong = Vec::new();
    for (connector, file, tool) in all() {
        if !tool.documentation.as_ref().is_some_and(|page| page.starts_with("https://")) {
            wrong.push(format!("{file}: {}: names no page of the provider", tool.name));
        }
        let offered = connector.offered_scopes();
        for scope in tool.scopes.all() {
            if !offered.contains(&scope) {
                wrong.push(format!("{file}: {}: the connector does not offer the scope {scope}", tool.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_embedded_is_what_is_in_the_folder() {
    let embedded: usize = builtin_tools().values().map(Vec::len).sum();
    if std::env::var("CONNECTOR").is_err() {
        assert_eq!(embedded, all().len());
    }
    let mut names: Vec<&str> = builtin_tools().values().flatten().map(|tool| tool.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), embedded, "a name is used twice");
}
