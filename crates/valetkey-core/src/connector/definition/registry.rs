//! All connectors of an installation, by name.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
};

use serde_json::Value;

use super::{Connector, DefinitionError, Document, EXTENDS, build, merge_patch};
use crate::tool::{Tool, builtin_tools, parse_tools};

/// Path and text of the definitions that come with Valetkey.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/connectors.rs"))
}

/// The connectors of an installation. Names are matched without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    connectors: BTreeMap<String, Arc<Connector>>,
    /// Lower-case slug and provider key, to slug.
    names: HashMap<String, String>,
    /// Tools by slug, in the order in which they are listed.
    tools: BTreeMap<String, Vec<Arc<Tool>>>,
}

impl Registry {
    /// The built-in connectors, changed by `overrides`, each with path and text.
    ///
    /// An override is a complete definition, which takes the place of the one with its slug, or has the key
    /// `extends` with the slug of a built-in one and the keys to change (JSON Merge Patch, RFC 7396). With a slug and
    /// a provider key of its own such a file makes a further connector.
    pub fn from_sources(
        builtin: &[(&str, &str)],
        overrides: &[(String, String)],
    ) -> Result<Self, Vec<DefinitionError>> {
        let mut errors = Vec::new();
        let mut base: BTreeMap<String, Value> = BTreeMap::new();
        let mut found: BTreeMap<String, (Document, Connector)> = BTreeMap::new();
        for (file, text) in builtin {
            match read(file, text, &BTreeMap::new()) {
                Ok((document, value, connector)) => {
                    base.insert(connector.slug.clone(), value);
                    found.insert(connector.slug.clone(), (document, connector));
                }
                Err(more) => errors.extend(more),
            }
        }
        let mut overridden: BTreeMap<String, String> = BTreeMap::new();
        for (file, text) in overrides {
            match read(file, text, &base) {
                Ok((document, _, connector)) => {
                    if let Some(other) = overridden.insert(connector.slug.clone(), file.clone()) {
                        errors.push(document.error("slug", &format!("is defined by {other} too")));
                    }
                    found.insert(connector.slug.clone(), (document, connector));
                }
                Err(more) => errors.extend(more),
            }
        }
        let mut registry = Self::default();
        for (slug, (document, connector)) in found {
            let tools = builtin_tools().get(&slug).cloned().unwrap_or_default();
            registry.tools.insert(slug.clone(), tools);
            if let Err(reason) = registry.add(slug, connector) {
                errors.push(document.error("provider_key", &reason));
            }
        }
        if errors.is_empty() { Ok(registry) } else { Err(errors) }
    }

    fn add(&mut self, slug: String, connector: Connector) -> Result<(), String> {
        for name in [slug.to_lowercase(), connector.provider_key.to_lowercase()] {
            match self.names.insert(name, slug.clone()) {
                Some(other) if other != slug => {
                    return Err(format!("the connector \"{other}\" already has this name"));
                }
                _ => {}
            }
        }
        self.connectors.insert(slug, Arc::new(connector));
        Ok(())
    }

    /// The connector with this slug or provider key.
    pub fn get(&self, name: &str) -> Option<&Arc<Connector>> {
        self.connectors.get(self.names.get(&name.to_lowercase())?)
    }

    /// All connectors in the order of their slugs.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Connector>> {
        self.connectors.values()
    }

    /// The tools of a connector, by its slug.
    pub fn tools(&self, slug: &str) -> &[Arc<Tool>] {
        self.tools.get(slug).map(Vec::as_slice).unwrap_or_default()
    }

    /// Adds files of tools, each with path and text, to the connector of the folder that `tools/` is in. A tool takes the
    /// place of one of the same name.
    pub fn add_tools(&mut self, files: &[(String, String)]) -> Result<(), Vec<DefinitionError>> {
        let mut errors = Vec::new();
        for (file, text) in files {
            let slug =
                Path::new(file).ancestors().nth(2).and_then(Path::file_name).and_then(|name| name.to_str());
            let Some(connector) = slug.and_then(|slug| self.connectors.get(slug)) else {
                let document = Document::parse(file, text).map_err(|error| vec![error])?;
                errors.push(document.error("", "is not in the folder tools/ of a connector"));
                continue;
            };
            match parse_tools(file, text, connector) {
                Ok(tools) => {
                    let known = self.tools.entry(connector.slug.clone()).or_default();
                    known.retain(|old| tools.iter().all(|tool| tool.name != old.name));
                    known.extend(tools.into_iter().map(Arc::new));
                }
                Err(more) => errors.extend(more),
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The slug that is most like `name`, if one is like it at all.
    pub fn suggest(&self, name: &str) -> Option<&str> {
        let name = name.to_lowercase();
        self.names
            .iter()
            .map(|(known, slug)| (strsim::jaro_winkler(known, &name), slug))
            .filter(|(likeness, _)| *likeness >= 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
            .map(|(_, slug)| slug.as_str())
    }
}

/// Reads one file; `base` are the definitions that it may extend.
pub(super) fn read(
    file: &str,
    text: &str,
    base: &BTreeMap<String, Value>,
) -> Result<(Document, Value, Connector), Vec<DefinitionError>> {
    let document = Document::parse(file, text).map_err(|error| vec![error])?;
    let mut value = document.value().clone();
    if let Some(extends) = value.as_object_mut().and_then(|map| map.shift_remove(EXTENDS)) {
        let base = extends.as_str().and_then(|slug| base.get(slug)).ok_or_else(|| {
            vec![document.error(EXTENDS, "must be the slug of a connector that comes with Valetkey")]
        })?;
        value = merge_patch(base.clone(), &value);
    }
    let connector = build(&document, value.clone())?;
    Ok((document, value, connector))
}
