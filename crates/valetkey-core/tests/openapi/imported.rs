//! An import, read back by the rules of the formats.

use std::{fs, path::Path};

use serde_json::{Value, json};
use valetkey_core::{
    connector::{Connector, parse_yaml},
    openapi::{ImportError, ImportOptions, Imported, NoteKind, import, read},
    tool::{Tool, parse_tools},
};

/// What was written, and what it says.
pub(crate) struct Written {
    pub(crate) imported: Imported,
    pub(crate) connector: Connector,
    pub(crate) tools: Vec<Tool>,
}

/// The document of a fixture.
pub(crate) fn fixture(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi/fixtures").join(file);
    read(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Imports a document and reads the files back.
pub(crate) fn written_with(document: &Value, options: &ImportOptions) -> Result<Written, ImportError> {
    let imported = import(document, options)?;
    let connector = parse_yaml("connector.yaml", &imported.definition).unwrap();
    let mut tools = Vec::new();
    for file in &imported.tools {
        tools.extend(parse_tools(&file.name, &file.text, &connector).unwrap());
    }
    Ok(Written { imported, connector, tools })
}

/// [`written_with`] without options.
pub(crate) fn written(document: &Value) -> Written {
    written_with(document, &ImportOptions::default()).unwrap()
}

impl Written {
    pub(crate) fn tool(&self, name: &str) -> &Tool {
        let names: Vec<&str> = self.tools.iter().map(|tool| tool.name.as_str()).collect();
        self.tools
            .iter()
            .find(|tool| tool.name == name)
            .unwrap_or_else(|| panic!("{name} is none of {names:?}"))
    }

    /// A tool as JSON.
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::to_value(self.tool(name)).unwrap()
    }

    /// The connector as JSON.
    pub(crate) fn definition(&self) -> Value {
        serde_json::to_value(&self.connector).unwrap()
    }

    /// The notes of a kind, as a person reads them.
    pub(crate) fn notes(&self, kind: NoteKind) -> Vec<String> {
        self.imported.notes.iter().filter(|note| note.kind == kind).map(ToString::to_string).collect()
    }
}

/// A document with these operations on `/things/{id}`-like paths, given as `paths`.
pub(crate) fn document(paths: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://things.example/v1"}],
        "paths": paths,
    })
}

/// The document of one operation, a GET or, where it has a body, a POST at `/things`.
pub(crate) fn one(operation: Value) -> Value {
    let method = if operation.get("requestBody").is_some() { "post" } else { "get" };
    let mut operation = operation;
    operation["operationId"] = json!("call");
    operation["responses"] = json!({"200": {"description": "Fine"}});
    document(json!({"/things": {method: operation}}))
}

/// The tool of [`one`], as JSON.
pub(crate) fn tool_of(operation: Value) -> (Written, Value) {
    let written = written(&one(operation));
    let tool = written.json("things_call");
    (written, tool)
}
