//! Files of tools, and the tools that come with Valetkey.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Tool, check};
use crate::connector::{Connector, DefinitionError, Document};

/// A file `connectors/<slug>/tools/<subject>.yaml`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolFile {
    /// The tools, in the order in which they are listed.
    pub tools: Vec<Tool>,
}

/// The JSON Schema (draft 2020-12) of a file of tools, for editors.
pub fn json_schema() -> Value {
    schemars::schema_for!(ToolFile).to_value()
}

/// Reads a file of tools of `connector`. Either all of it is valid in type and meaning, or there is at least one error.
pub fn parse_tools(file: &str, text: &str, connector: &Connector) -> Result<Vec<Tool>, Vec<DefinitionError>> {
    let document = Document::parse(file, text).map_err(|error| vec![error])?;
    let read: ToolFile = document.read()?;
    let errors: Vec<DefinitionError> = check::check(&read.tools, connector)
        .into_iter()
        .map(|found| document.error(&found.path, &found.reason))
        .collect();
    if errors.is_empty() { Ok(read.tools) } else { Err(errors) }
}

/// The tools that come with Valetkey, by the slug of their connector, without their examples.
pub fn builtin_tools() -> &'static BTreeMap<String, Vec<Arc<Tool>>> {
    static TOOLS: LazyLock<BTreeMap<String, Vec<Arc<Tool>>>> = LazyLock::new(|| {
        // The text is made by the build from files that a test checks.
        serde_json::from_str::<BTreeMap<String, Vec<Tool>>>(include_str!(concat!(
            env!("OUT_DIR"),
            "/tools.json"
        )))
        .unwrap_or_default()
        .into_iter()
        .map(|(slug, tools)| (slug, tools.into_iter().map(Arc::new).collect()))
        .collect()
    });
    &TOOLS
}
