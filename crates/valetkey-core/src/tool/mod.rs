//! Tools: what an agent can do with an account, as data.
//!
//! A tool is an entry of `connectors/<slug>/tools/*.yaml`. It says what it is good for, which input it takes, how the
//! input becomes one request to the API of its connector, and what of the answer is passed on. Nothing here sends
//! anything: [`Tool::render`] gives the request, [`Tool::shape`] reads the answer.

mod answer;
mod check;
mod effect;
mod example;
mod file;
mod input;
mod mail;
mod request;
mod scopes;
pub mod search;
mod template;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use answer::{Failure, Reply, Shape};
pub use effect::Effect;
pub use example::{Example, ExampleAnswer, ExampleRequest};
pub use file::{ToolFile, builtin_tools, json_schema, parse_tools};
pub use input::{InputError, InputProblem};
pub use request::{Body, Part, Rendered, Request, RequestMethod};
pub use scopes::ToolScopes;
pub use template::{RenderError, ValueTemplate};

/// A tool of a connector.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// The slug of the connector, `_` and what is done: `gmail_send_email`. At most 64 characters, which is what models
    /// accept.
    pub name: String,
    /// The name shown to people.
    pub title: String,
    /// When to use it and what it does, for a model that has to choose.
    pub description: String,
    /// Where the provider documents the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Further words by which it is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// What it does to the data of the user.
    pub effect: Effect,
    /// Whether a second call with the same input changes nothing more. What only reads always is.
    #[serde(default)]
    pub idempotent: bool,
    /// Scopes that the account must have granted.
    #[serde(default)]
    pub scopes: ToolScopes,
    /// JSON Schema (draft 2020-12) of the input: an object with `properties` and `required`. Further properties are
    /// refused. Defaults of properties are filled in.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// The request.
    pub request: Request,
    /// What of the answer is passed on; all of it where absent.
    #[serde(default)]
    pub answer: Shape,
    /// JSON Schema of what is passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Map<String, Value>>,
    /// An input with the request that the provider documents for it. Each tool that comes with Valetkey has one, and a
    /// test compares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
}

impl Tool {
    /// The schema of the input, complete.
    pub fn input_schema(&self) -> Value {
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        schema.extend(self.input.clone());
        schema.entry("properties").or_insert_with(|| json!({}));
        schema.entry("additionalProperties").or_insert(Value::Bool(false));
        Value::Object(schema)
    }

    /// The definition as clients read it: name, description, schemas, annotations.
    pub fn definition(&self, connector: &str) -> Value {
        let mut definition = json!({
            "name": self.name,
            "display_name": self.title,
            "description": self.description,
            "provider": connector,
            "input_schema": self.input_schema(),
            "output_schema": self.output.clone().map_or_else(|| json!({"type": "object"}), Value::Object),
            "annotations": {
                "title": self.title,
                "read_only_hint": self.effect.reads_only(),
                "destructive_hint": self.effect.destroys(),
                "idempotent_hint": self.is_idempotent(),
                "open_world_hint": true,
            },
        });
        if let Some(page) = &self.documentation {
            definition["documentation_url"] = json!(page);
        }
        let scopes = self.scopes.all();
        if !scopes.is_empty() {
            definition["required_scopes"] = json!(scopes);
        }
        definition
    }

    /// Whether a second call with the same input changes nothing more.
    pub fn is_idempotent(&self) -> bool {
        self.idempotent || self.effect.reads_only()
    }
}
