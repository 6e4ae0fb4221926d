//! From the text of a definition to a [`Connector`]: parse, merge over a built-in one, check the types, check the
//! meaning. Each error says where it is.

mod check;
mod document;
mod merge;
mod registry;
mod schema;

use std::fmt;

pub use check::check;
pub use document::Document;
pub use merge::merge_patch;
pub use registry::{Registry, builtin};
pub use schema::json_schema;

use super::{Connector, validate::validate};

/// The key of an override that names the built-in definition it changes.
pub const EXTENDS: &str = "extends";

/// What is wrong with a definition, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct DefinitionError {
    /// The file, as it was named to us.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// The place in the definition, such as `auth.oauth2.token.url`; empty for the whole.
    pub path: String,
    /// What is wrong and what is expected.
    pub reason: String,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, path, reason } = self;
        write!(out, "{file}:{line}:{column}: ")?;
        if path.is_empty() { write!(out, "{reason}") } else { write!(out, "{path}: {reason}") }
    }
}

/// Reads a complete definition. Either it is valid in type and meaning, or there is at least one error.
pub fn parse_yaml(file: &str, text: &str) -> Result<Connector, Vec<DefinitionError>> {
    let document = Document::parse(file, text).map_err(|error| vec![error])?;
    build(&document, document.value().clone())
}

/// Makes a connector of `value`, which is the document's own or a merge with it; errors name places of the document.
fn build(document: &Document, value: serde_json::Value) -> Result<Connector, Vec<DefinitionError>> {
    let connector: Connector = document.typed(value)?;
    let violations = validate(&connector);
    if violations.is_empty() {
        return Ok(connector);
    }
    Err(violations.into_iter().map(|found| document.error(&found.path, &found.reason)).collect())
}
