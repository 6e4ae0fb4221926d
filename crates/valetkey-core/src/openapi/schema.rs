//! Schemas of a document as JSON Schema (draft 2020-12) without references, for the input of a tool.
//!
//! References are replaced by what they name. Where that would not end, or becomes too much for a model to read, the
//! rest is left open: only its type stays, and the provider checks the value. What answers alone have (`readOnly`) is
//! left out. Defaults are words of the description and not filled in: a PATCH with defaults would overwrite what the
//! caller did not mean.

use serde_json::{Map, Number, Value, json};

use super::{
    schema_merge::{choose, merge, variants},
    spec::{Spec, is_set, list_of, members_of, text_of},
    text::{plain, sentence, shorten},
};

/// How deep a schema may be nested before the rest is left open.
const MAX_DEPTH: usize = 8;

/// How many schemas one tool may have before the rest is left open.
const MAX_NODES: usize = 400;

/// The longest description of a property, in characters.
const DESCRIPTION: usize = 300;

const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// Cleans the schemas of one tool.
pub(super) struct Cleaner<'a> {
    spec: Spec<'a>,
    /// The references that are being replaced, the outermost first.
    within: Vec<&'a str>,
    nodes: usize,
    /// What a person should know, such as a reference that leads nowhere.
    pub(super) losses: Vec<String>,
}

impl<'a> Cleaner<'a> {
    pub(super) const fn new(spec: Spec<'a>) -> Self {
        Self { spec, within: Vec::new(), nodes: 0, losses: Vec::new() }
    }

    /// The schema, ready for a tool.
    pub(super) fn clean(&mut self, schema: &'a Value) -> Value {
        Value::Object(self.node(schema, 0))
    }

    /// The description of a parameter or a part.
    pub(super) fn words(node: &Value) -> Map<String, Value> {
        let mut out = Map::new();
        describe(node, &mut out);
        out
    }

    fn node(&mut self, schema: &'a Value, depth: usize) -> Map<String, Value> {
        self.nodes += 1;
        let Some(given) = schema.as_object() else { return Map::new() };
        if let Some(reference) = given.get("$ref").and_then(Value::as_str) {
            return self.reference(reference, schema, depth);
        }
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return open(schema);
        }
        let mut out = Map::new();
        describe(schema, &mut out);
        kind(schema, &mut out);
        limits(schema, &mut out);
        self.pattern(schema, &mut out);
        self.members(schema, depth, &mut out);
        if let Some(items) = given.get("items") {
            out.insert("items".into(), Value::Object(self.node(items, depth + 1)));
        }
        self.combined(schema, depth, &mut out);
        sample(schema, &mut out);
        out
    }

    fn reference(&mut self, reference: &'a str, schema: &'a Value, depth: usize) -> Map<String, Value> {
        let target = match self.spec.target(reference) {
            Ok(target) => target,
            Err(reason) => {
                self.losses.push(format!("a schema {reason}; any value is taken there"));
                return open(schema);
            }
        };
        let mut out = if self.within.contains(&reference) || self.within.len() > 4 * MAX_DEPTH {
            open(target)
        } else {
            self.within.push(reference);
            let out = self.node(target, depth);
            self.within.pop();
            out
        };
        // What stands beside a reference goes before what it names (3.1).
        let mut own = Map::new();
        describe(schema, &mut own);
        out.extend(own);
        out
    }

    /// Whether answers alone have it.
    fn is_of_answers(&self, schema: &'a Value) -> bool {
        is_set(schema, "readOnly") || self.spec.resolve(schema).is_ok_and(|schema| is_set(schema, "readOnly"))
    }

    fn members(&mut self, schema: &'a Value, depth: usize, out: &mut Map<String, Value>) {
        let mut properties = Map::new();
        for (name, member) in members_of(schema, "properties") {
            if !self.is_of_answers(member) {
                properties.insert(name.clone(), Value::Object(self.node(member, depth + 1)));
            }
        }
        let required: Vec<Value> = list_of(schema, "required")
            .iter()
            .filter(|name| name.as_str().is_some_and(|name| properties.contains_key(name)))
            .cloned()
            .collect();
        if !properties.is_empty() {
            out.insert("properties".into(), Value::Object(properties));
        }
        if !required.is_empty() {
            out.insert("required".into(), Value::Array(required));
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(whether)) => {
                out.insert("additionalProperties".into(), Value::Bool(*whether));
            }
            Some(more @ Value::Object(_)) => {
                out.insert("additionalProperties".into(), Value::Object(self.node(more, depth + 1)));
            }
            _ => {}
        }
    }

    fn combined(&mut self, schema: &'a Value, depth: usize, out: &mut Map<String, Value>) {
        for part in list_of(schema, "allOf") {
            let part = self.node(part, depth);
            merge(out, part);
        }
        for key in ["oneOf", "anyOf"] {
            let given = list_of(schema, key);
            if !given.is_empty() {
                let cleaned: Vec<_> = given.iter().map(|variant| self.node(variant, depth + 1)).collect();
                choose(out, variants(cleaned));
            }
        }
    }

    /// A pattern in the dialect of ECMA 262, where ours can read it.
    fn pattern(&mut self, schema: &Value, out: &mut Map<String, Value>) {
        let Some(pattern) = text_of(schema, "pattern") else { return };
        if jsonschema::validator_for(&json!({ "pattern": pattern })).is_ok() {
            out.insert("pattern".into(), json!(pattern));
        } else {
            self.losses.push(format!("the pattern {pattern} cannot be read; any text is taken there"));
        }
    }
}

/// What is left of a schema that is not looked into.
fn open(schema: &Value) -> Map<String, Value> {
    let mut out = Map::new();
    describe(schema, &mut out);
    kind(schema, &mut out);
    out.shift_remove("enum");
    out
}

fn describe(schema: &Value, out: &mut Map<String, Value>) {
    let words = ["description", "title"].into_iter().find_map(|key| text_of(schema, key).map(plain));
    let mut text = sentence(&shorten(&words.unwrap_or_default(), DESCRIPTION));
    if is_set(schema, "deprecated") {
        text = format!("Deprecated. {text}");
    }
    let said = schema.get("default").and_then(|default| match default {
        Value::String(word) if !word.is_empty() => Some(shorten(&plain(word), 80)),
        Value::Number(_) | Value::Bool(_) => Some(default.to_string()),
        _ => None,
    });
    if let Some(default) = said {
        text = format!("{text} {default} where absent.");
    }
    if !text.trim().is_empty() {
        out.insert("description".into(), json!(text.trim()));
    }
}

/// The type and the values, in the way of 3.1: `nullable` is a further type.
fn kind(schema: &Value, out: &mut Map<String, Value>) {
    let nullable = is_set(schema, "nullable");
    let named = match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut types: Vec<&str> = TYPES.into_iter().filter(|known| named.contains(known)).collect();
    let values = list_of(schema, "enum");
    if nullable && !types.is_empty() && !types.contains(&"null") {
        types.push("null");
    }
    match types[..] {
        [] => {}
        [one] => drop(out.insert("type".into(), json!(one))),
        _ => drop(out.insert("type".into(), json!(types))),
    }
    if !values.is_empty() {
        let null = (nullable && !values.contains(&Value::Null)).then_some(Value::Null);
        out.insert("enum".into(), values.iter().cloned().chain(null).collect());
    }
    if let Some(constant) = schema.get("const") {
        out.insert("const".into(), constant.clone());
    }
    if let Some(format) = text_of(schema, "format") {
        out.insert("format".into(), json!(format));
    }
}

fn limits(schema: &Value, out: &mut Map<String, Value>) {
    let number = |key: &str| schema.get(key).and_then(Value::as_number).cloned();
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        // In 3.0 the exclusive bound is a flag of the other.
        let key = if is_set(schema, exclusive) { exclusive } else { bound };
        out.extend(number(bound).map(|number| (key.to_owned(), Value::Number(number))));
        out.extend(number(exclusive).map(|number| (exclusive.to_owned(), Value::Number(number))));
    }
    let step = number("multipleOf").filter(|step| step.as_f64().is_some_and(|step| step > 0.0));
    out.extend(step.map(|step| ("multipleOf".to_owned(), Value::Number(step))));
    for key in ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"] {
        let count = number(key).and_then(|number| number.as_u64());
        out.extend(count.map(|count| (key.to_owned(), Value::Number(Number::from(count)))));
    }
    if is_set(schema, "uniqueItems") {
        out.insert("uniqueItems".into(), Value::Bool(true));
    }
}

/// An example of a plain value, which helps models and the example of the tool.
fn sample(schema: &Value, out: &mut Map<String, Value>) {
    let one = schema.get("example").or_else(|| list_of(schema, "examples").first());
    let plain = one.filter(|value| matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)));
    if let Some(value) = plain
        && !out.contains_key("enum")
        && jsonschema::is_valid(&Value::Object(out.clone()), value)
    {
        out.insert("examples".into(), json!([value]));
    }
}
