//! The check behind `valetkey connector check`.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{DefinitionError, registry};

/// The errors of each of `files`, given as name and text, in order; an empty list means that a file is good. A file
/// may extend a built-in definition. The `Display` of an error is `file:line:column: path: reason`.
pub fn check(files: &[(String, String)]) -> Vec<(String, Vec<DefinitionError>)> {
    let base: BTreeMap<String, Value> = registry::builtin()
        .iter()
        .filter_map(|(file, text)| registry::read(file, text, &BTreeMap::new()).ok())
        .map(|(_, value, connector)| (connector.slug, value))
        .collect();
    let mut owners: HashMap<String, &str> = HashMap::new();
    let mut reports = Vec::with_capacity(files.len());
    for (file, text) in files {
        let errors = match registry::read(file, text, &base) {
            Err(errors) => errors,
            Ok((document, _, connector)) => {
                [("slug", &connector.slug), ("provider_key", &connector.provider_key)]
                    .into_iter()
                    .filter_map(|(path, name)| {
                        let owner = *owners.entry(name.to_lowercase()).or_insert(file);
                        (owner != file).then(|| document.error(path, &format!("is the name of {owner} too")))
                    })
                    .collect()
            }
        };
        reports.push((file.clone(), errors));
    }
    reports
}
