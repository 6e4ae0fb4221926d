//! All tools of an installation, by name and by what they do.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;
use valetkey_core::{
    connector::{Connector, Registry},
    tool::{
        Tool,
        search::{Hit, Searched, ToolIndex},
    },
};

use crate::{Error, Result};

/// A tool with what callers see of it.
#[derive(Debug)]
pub struct ListedTool {
    /// The tool.
    pub tool: Arc<Tool>,
    /// The connector that it belongs to.
    pub connector: Arc<Connector>,
    /// Name, description, schemas and annotations.
    pub definition: Value,
}

impl ListedTool {
    /// The id on the wire. Names are unique and do not change, so that it is made of the name.
    pub fn id(&self) -> String {
        format!("tol_{}", self.tool.name)
    }
}

/// All tools of an installation, in the order of their connectors.
#[derive(Debug)]
pub(crate) struct Catalogue {
    all: Vec<Arc<ListedTool>>,
    by_name: HashMap<String, Arc<ListedTool>>,
    index: ToolIndex,
}

impl Catalogue {
    pub(crate) fn new(registry: &Registry) -> Self {
        let all: Vec<Arc<ListedTool>> =
            registry.iter().flat_map(|connector| of(registry, connector)).collect();
        let by_name = all.iter().map(|listed| (listed.tool.name.clone(), listed.clone())).collect();
        let names: Vec<String> = all.iter().map(|listed| spoken_name(listed)).collect();
        let index = ToolIndex::new(all.iter().zip(&names).map(|(listed, name)| Searched {
            name,
            title: &listed.tool.title,
            keywords: &listed.tool.keywords,
            description: &listed.tool.description,
            connector: (&listed.connector.slug, &listed.connector.name),
            priority: listed.connector.display_priority,
        }));
        Self { all, by_name, index }
    }

    /// All tools.
    pub(super) fn all(&self) -> &[Arc<ListedTool>] {
        &self.all
    }

    /// The tool of this name.
    pub(super) fn named(&self, name: &str) -> Result<&Arc<ListedTool>> {
        self.by_name.get(name).ok_or_else(|| {
            if name.len() > LONGEST_NAME {
                return Error::not_found(format!(
                    "tool not found: names have at most {LONGEST_NAME} characters"
                ));
            }
            let near = self.by_name.keys().max_by(|a, b| likeness(a, name).total_cmp(&likeness(b, name)));
            let near = near.filter(|near| likeness(near, name) >= 0.85);
            let help = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            Error::not_found(format!("tool not found: \"{name}\"{help}"))
        })
    }

    /// The tools of a connector, by its slug.
    pub(super) fn of_connector<'a>(&'a self, slug: &'a str) -> impl Iterator<Item = &'a Arc<ListedTool>> {
        self.all.iter().filter(move |listed| listed.connector.slug == slug)
    }

    /// The tools that fit a request best.
    pub(super) fn search(&self, request: &str, limit: usize) -> Vec<(&Arc<ListedTool>, f64)> {
        let hits = self.index.search(request, limit).into_iter();
        hits.filter_map(|Hit { tool, score }| Some((self.all.get(tool)?, score))).collect()
    }
}

/// The longest name that is compared with those of the catalogue, in bytes.
const LONGEST_NAME: usize = 100;

fn likeness(known: &str, name: &str) -> f64 {
    strsim::jaro_winkler(known, name)
}

fn of<'a>(
    registry: &'a Registry,
    connector: &'a Arc<Connector>,
) -> impl Iterator<Item = Arc<ListedTool>> + 'a {
    registry.tools(&connector.slug).iter().map(|tool| {
        Arc::new(ListedTool {
            tool: tool.clone(),
            connector: connector.clone(),
            definition: tool.definition(&connector.provider_key),
        })
    })
}

/// The name in words, without the slug.
fn spoken_name(listed: &ListedTool) -> String {
    let name = &listed.tool.name;
    let slug = listed.connector.slug.replace('-', "_");
    name.strip_prefix(&slug).unwrap_or(name).replace('_', " ")
}
