//! The check behind `valetkey connector check`.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use serde_json::Value;

use super::{super::Connector, DefinitionError, registry};
use crate::tool::parse_tools;

/// The errors of definitions and of files of tools, each given as name and text; empty where all is good.
///
/// A definition may extend a built-in one. Tools belong to the definition in the folder above theirs, or to the built-in
/// connector whose slug that folder has; those of a definition with errors are not looked at. The `Display` of an error
/// is `file:line:column: path: reason`.
pub fn check(definitions: &[(String, String)], tools: &[(String, String)]) -> Vec<DefinitionError> {
    let builtin = builtin_values();
    let mut errors = Vec::new();
    let mut owners: HashMap<String, &str> = HashMap::new();
    let mut connectors: BTreeMap<&Path, Option<Connector>> = BTreeMap::new();
    for (file, text) in definitions {
        let read = match registry::read(file, text, &builtin) {
            Err(more) => {
                errors.extend(more);
                None
            }
            Ok((document, _, connector)) => {
                for (path, name) in [("slug", &connector.slug), ("provider_key", &connector.provider_key)] {
                    let owner = *owners.entry(name.to_lowercase()).or_insert(file);
                    if owner != file {
                        errors.push(document.error(path, &format!("is the name of {owner} too")));
                    }
                }
                Some(connector)
            }
        };
        connectors.insert(Path::new(file).parent().unwrap_or(Path::new("")), read);
    }
    errors.extend(check_tools(tools, &connectors, &builtin));
    errors
}

fn builtin_values() -> BTreeMap<String, Value> {
    registry::builtin()
        .iter()
        .filter_map(|(file, text)| registry::read(file, text, &BTreeMap::new()).ok())
        .map(|(_, value, connector)| (connector.slug, value))
        .collect()
}

fn check_tools(
    tools: &[(String, String)],
    connectors: &BTreeMap<&Path, Option<Connector>>,
    builtin: &BTreeMap<String, Value>,
) -> Vec<DefinitionError> {
    let mut errors = Vec::new();
    let mut owners: HashMap<String, &str> = HashMap::new();
    for (file, text) in tools {
        let folder = Path::new(file).ancestors().nth(2).unwrap_or(Path::new(""));
        let known = || {
            let value = builtin.get(folder.file_name()?.to_str()?)?;
            serde_json::from_value::<Connector>(value.clone()).ok()
        };
        let connector = match connectors.get(folder) {
            Some(None) => continue,
            Some(Some(connector)) => Some(connector.clone()),
            None => known(),
        };
        let Some(connector) = connector else {
            errors.push(at_start(file, "is not in the folder tools/ of a connector"));
            continue;
        };
        match parse_tools(file, text, &connector) {
            Err(more) => errors.extend(more),
            Ok(tools) => {
                for tool in tools {
                    if let Some(owner) = owners.insert(tool.name.clone(), file) {
                        errors.push(at_start(file, &format!("has the tool {}, as {owner} has", tool.name)));
                    }
                }
            }
        }
    }
    errors
}

fn at_start(file: &str, reason: &str) -> DefinitionError {
    DefinitionError {
        file: file.to_owned(),
        line: 1,
        column: 1,
        path: String::new(),
        reason: reason.to_owned(),
    }
}
