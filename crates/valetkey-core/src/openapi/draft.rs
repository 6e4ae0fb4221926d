//! A tool in the making.

use serde_json::{Map, Value, json};

use super::{
    names::{Names, words},
    schema::Cleaner,
    schema_merge::without_null,
    spec::Spec,
    style::{Style, pairs},
    text::{capitalized, sentence},
};

/// The input and the request of a tool in the making.
pub(super) struct Draft<'a> {
    pub(super) spec: Spec<'a>,
    /// Whether the connector sends a credential, so that no input need be one.
    pub(super) has_credential: bool,
    pub(super) cleaner: Cleaner<'a>,
    names: Names,
    properties: Map<String, Value>,
    required: Vec<String>,
    pub(super) path: String,
    pub(super) query: Map<String, Value>,
    pub(super) headers: Map<String, Value>,
    pub(super) body: Option<Value>,
    /// What the operation has and the tool lacks.
    pub(super) losses: Vec<String>,
}

/// A value that a caller gives.
pub(super) struct Given<'n> {
    pub(super) name: &'n str,
    /// Where it goes: `path`, `query`, `header` or `body`.
    pub(super) place: &'static str,
    pub(super) schema: Value,
    pub(super) required: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn new(spec: Spec<'a>, path: String, has_credential: bool) -> Self {
        Self {
            spec,
            has_credential,
            cleaner: Cleaner::new(spec),
            names: Names::default(),
            properties: Map::new(),
            required: Vec::new(),
            path,
            query: Map::new(),
            headers: Map::new(),
            body: None,
            losses: Vec::new(),
        }
    }

    /// Adds an input and returns its name. A required one that can have one value only is filled in.
    pub(super) fn input(&mut self, given: Given<'_>) -> String {
        let Given { name, place, mut schema, required } = given;
        without_null(&mut schema);
        let key = self.names.input(name, place);
        let only = only_value(&schema).filter(|_| required);
        if let Some(map) = schema.as_object_mut() {
            let described =
                map.get("description").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
            if !described {
                let text = sentence(&capitalized(&described_by(name, map)));
                map.insert("description".into(), json!(text));
            }
            if let Some(only) = only.clone() {
                map.insert("default".into(), only);
            }
        }
        if required && only.is_none() {
            self.required.push(key.clone());
        }
        self.properties.insert(key.clone(), schema);
        key
    }

    /// Adds an input that becomes one or several parameters or fields, and returns these.
    pub(super) fn spread(&mut self, style: Style, given: Given<'_>) -> Result<Vec<(String, Value)>, String> {
        let Given { name, place, mut schema, required } = given;
        without_null(&mut schema);
        let mut losses = Vec::new();
        // The name of the input comes last, as one that cannot be written gets none.
        let written = pairs(style, (name, HOLE), &mut schema, &mut losses)?;
        self.losses.append(&mut losses);
        let input = self.input(Given { name, place, schema, required });
        Ok(written.into_iter().map(|(key, template)| (key, renamed(template, &input))).collect())
    }

    /// `input` of the tool.
    pub(super) fn input_schema(&self) -> Value {
        let mut input = Map::new();
        if !self.properties.is_empty() {
            input.insert("properties".into(), Value::Object(self.properties.clone()));
        }
        if !self.required.is_empty() {
            input.insert("required".into(), json!(self.required));
        }
        Value::Object(input)
    }

    /// `request` of the tool.
    pub(super) fn request(&self, method: &str) -> Value {
        let mut request = Map::new();
        request.insert("method".into(), json!(method));
        request.insert("path".into(), json!(self.path));
        for (key, map) in [("query", &self.query), ("headers", &self.headers)] {
            if !map.is_empty() {
                request.insert(key.into(), Value::Object(map.clone()));
            }
        }
        request.extend(self.body.clone().map(|body| ("body".to_owned(), body)));
        Value::Object(request)
    }

    /// All that the tool lacks, each once.
    pub(super) fn all_losses(mut self) -> Vec<String> {
        self.losses.append(&mut self.cleaner.losses);
        let mut kept: Vec<String> = Vec::with_capacity(self.losses.len());
        for loss in self.losses {
            if !kept.contains(&loss) {
                kept.push(loss);
            }
        }
        kept
    }
}

fn only_value(schema: &Value) -> Option<Value> {
    if let Some(constant) = schema.get("const") {
        return Some(constant.clone()).filter(|constant| !constant.is_null());
    }
    match schema.get("enum")?.as_array()?.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Words about a property that the document does not describe.
fn described_by(name: &str, schema: &Map<String, Value>) -> String {
    let name = words(name);
    let name = if name.is_empty() { "value".to_owned() } else { name };
    match (schema.get("format").and_then(Value::as_str), schema.get("type").and_then(Value::as_str)) {
        (Some("date-time"), _) => format!("{name}, as a time such as 2025-01-31T09:30:00Z"),
        (Some("date"), _) => format!("{name}, as a date such as 2025-01-31"),
        (_, Some("array")) => format!("list of {name}"),
        (_, Some("boolean")) => format!("whether {name}"),
        _ => name,
    }
}

/// Stands for the name of an input that has none yet; no name of an input has a blank.
const HOLE: &str = "the input";

/// A template with the name of its input.
fn renamed(template: Value, input: &str) -> Value {
    match template {
        Value::String(text) => Value::String(text.replacen(HOLE, input, 1)),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, renamed(value, input))).collect(),
        other => other,
    }
}

/// The placeholder of an input.
pub(super) fn placeholder(name: &str) -> Value {
    Value::String(format!("{{{{{name}}}}}"))
}
