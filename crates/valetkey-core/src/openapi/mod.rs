//! From an `OpenAPI` 3 document to a connector with tools, as files that a person edits.
//!
//! [`read`] takes the document, [`import`] makes of it the text of `connector.yaml` and of `tools/<tag>.yaml`, which
//! are valid by the same checks as files written by hand. What the formats cannot express is left out, and a [`Note`]
//! says what and why. Nothing here reads files or sends anything.

mod answer;
mod body;
mod definition;
mod draft;
mod example;
mod import;
mod names;
mod note;
mod operation;
mod parameter;
mod schema;
mod schema_merge;
mod security;
mod server;
mod spec;
mod style;
mod text;
mod write;

use url::Url;

pub use import::import;
pub use note::{Note, NoteKind};
pub use spec::read;

use crate::connector::DefinitionError;

/// What is wanted of an import.
#[derive(Clone, Default, Debug)]
pub struct ImportOptions {
    /// The slug of the connector; made of the title where absent.
    pub slug: Option<String>,
    /// Operations with one of these tags only; all where empty.
    pub tags: Vec<String>,
    /// How many tools to make at the most.
    pub max: Option<usize>,
    /// The base address, in place of the first server of the document.
    pub base_url: Option<String>,
    /// The security scheme that accounts use, in place of the one that opens most operations.
    pub security: Option<String>,
    /// Where the document came from, which relative addresses are relative to.
    pub source: Option<Url>,
}

/// The files of a connector.
#[derive(Clone, PartialEq, Debug)]
pub struct Imported {
    /// The slug, which names the folder.
    pub slug: String,
    /// `connector.yaml`.
    pub definition: String,
    /// The files in `tools/`.
    pub tools: Vec<ToolsText>,
    /// What was left out or decided, in the order of the document.
    pub notes: Vec<Note>,
    /// How many operations the document has.
    pub operations: usize,
}

/// A file in `tools/`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToolsText {
    /// The name of the file, without `.yaml`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// How many tools it has.
    pub tools: usize,
}

impl Imported {
    /// How many tools were made.
    pub fn tool_count(&self) -> usize {
        self.tools.iter().map(|file| file.tools).sum()
    }

    /// How many operations became no tool.
    pub fn skipped(&self) -> usize {
        self.operations - self.tool_count()
    }
}

/// Why a document becomes no connector.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum ImportError {
    /// It is neither JSON nor YAML.
    #[error("the document is neither JSON nor YAML: {0}")]
    Syntax(String),
    /// It is something else.
    #[error("the document is no OpenAPI document: {0}")]
    NotOpenApi(String),
    /// An option does not fit the document.
    #[error("{option} {reason}")]
    Option {
        /// The option, as the command names it.
        option: &'static str,
        /// What is wrong and what is expected.
        reason: String,
    },
    /// The definition that was made breaks a rule of the format.
    #[error("the definition cannot be made: {}", listed(.0))]
    Definition(Vec<DefinitionError>),
    /// No operation is left.
    #[error("no operation of the document can be imported")]
    Nothing(Vec<Note>),
}

fn listed(errors: &[DefinitionError]) -> String {
    let each = errors.iter().map(|error| format!("{}: {}", error.path, error.reason));
    each.collect::<Vec<_>>().join("; ")
}
