//! What the types of a tool cannot say: names, placeholders, forms, and schemas.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    Body, Effect, Part, RequestMethod, Tool, ValueTemplate,
    template::{Piece, form, form_of, pieces},
};
use crate::connector::{Connector, Violation};

/// The longest name of a tool that models accept, in characters.
const NAME_CHARS: usize = 64;

/// Checks the meaning of the tools of one file; an empty list means that they can be used.
pub(super) fn check(tools: &[Tool], connector: &Connector) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    for (index, tool) in tools.iter().enumerate() {
        let path = format!("tools[{index}]");
        let mut check = Check { tool, connector, path: path.clone(), found: &mut found };
        check.whole();
        if !names.insert(tool.name.as_str()) {
            found.push(Violation { path: format!("{path}.name"), reason: "is used twice".into() });
        }
    }
    found
}

struct Check<'a> {
    tool: &'a Tool,
    connector: &'a Connector,
    path: String,
    found: &'a mut Vec<Violation>,
}

impl Check<'_> {
    fn require(&mut self, holds: bool, place: &str, reason: &str) {
        if !holds {
            let path = format!("{}.{place}", self.path);
            self.found.push(Violation { path, reason: reason.to_owned() });
        }
    }

    fn whole(&mut self) {
        let tool = self.tool;
        let prefix = format!("{}_", self.connector.slug.replace('-', "_"));
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        self.require(
            tool.name.starts_with(&prefix)
                && tool.name.len() > prefix.len()
                && tool.name.len() <= NAME_CHARS
                && tool.name.bytes().all(word),
            "name",
            &format!(
                "must be {prefix} and words in lower case, digits and _; at most {NAME_CHARS} characters"
            ),
        );
        for (place, text) in [("title", &tool.title), ("description", &tool.description)] {
            self.require(!text.trim().is_empty(), place, "must not be empty");
        }
        let reads = tool.effect == Effect::Read;
        let method = tool.request.method;
        self.require(
            !reads || matches!(method, RequestMethod::Get | RequestMethod::Post),
            "effect",
            "is read, but the request changes something",
        );
        self.require(
            !(tool.request.body.is_some() && method == RequestMethod::Get),
            "request.body",
            "cannot be sent with GET",
        );
        self.schemas();
        self.request();
    }

    fn schemas(&mut self) {
        let tool = self.tool;
        let schema = tool.input_schema();
        if let Err(error) = jsonschema::validator_for(&schema) {
            self.require(false, "input", &format!("is not a JSON Schema: {error}"));
        }
        let known = |key: &str| matches!(key, "properties" | "required" | "additionalProperties" | "$defs");
        for key in tool.input.keys() {
            self.require(known(key), &format!("input.{key}"), "is not used; properties and required are");
        }
        let Some(properties) = schema["properties"].as_object() else {
            return self.require(false, "input.properties", "must be an object");
        };
        for (name, property) in properties {
            let described = property["description"].as_str().is_some_and(|text| !text.trim().is_empty());
            self.require(described, &format!("input.properties.{name}"), "has no description");
        }
        for name in required(tool) {
            self.require(
                properties.contains_key(name),
                "input.required",
                &format!("names \"{name}\", which is no property"),
            );
        }
        if let Some(output) = &tool.output
            && let Err(error) = jsonschema::validator_for(&Value::Object(output.clone()))
        {
            self.require(false, "output", &format!("is not a JSON Schema: {error}"));
        }
    }

    fn request(&mut self) {
        let request = &self.tool.request;
        self.require(
            request.path.starts_with('/') || request.path.starts_with("https://"),
            "request.path",
            "must start with / or be an https:// address",
        );
        let present: BTreeSet<&str> = required(self.tool).chain(defaults(self.tool)).collect();
        for piece in pieces(&request.path) {
            let Piece::Name(name) = piece else { continue };
            let name = name.trim_start_matches('+');
            self.name("request.path", name, false);
            let root = name.split('.').next().unwrap_or_default();
            self.require(
                root == "account" || present.contains(root),
                "request.path",
                &format!("needs \"{name}\", which is neither required nor has a default"),
            );
        }
        for (place, templates) in [("query", &request.query), ("headers", &request.headers)] {
            for (name, template) in templates {
                self.template(&format!("request.{place}.{name}"), template);
            }
        }
        match &request.body {
            None => {}
            Some(Body::Json(template)) => self.template("request.body.json", template),
            Some(Body::Form(fields)) => {
                for (name, template) in fields {
                    self.template(&format!("request.body.form.{name}"), template);
                }
            }
            Some(Body::Raw(part)) => self.part("request.body.raw", part),
            Some(Body::FormData(parts)) => {
                for (name, part) in parts {
                    self.part(&format!("request.body.form_data.{name}"), part);
                }
            }
            Some(Body::Related(parts)) => {
                for (index, part) in parts.iter().enumerate() {
                    self.part(&format!("request.body.related[{index}]"), part);
                }
            }
        }
    }

    fn part(&mut self, place: &str, part: &Part) {
        let contents = [&part.json, &part.text, &part.base64];
        self.require(
            contents.iter().filter(|content| content.is_some()).count() == 1,
            place,
            "must have exactly one of json, text and base64",
        );
        let all = contents.into_iter().chain([&part.content_type, &part.filename]);
        for template in all.flatten() {
            self.template(place, template);
        }
    }

    fn template(&mut self, place: &str, template: &ValueTemplate) {
        self.value(place, template.source(), false);
    }

    fn value(&mut self, place: &str, value: &Value, in_each: bool) {
        match value {
            Value::String(text) => {
                for piece in pieces(text) {
                    if let Piece::Name(name) = piece {
                        self.name(place, name, in_each);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(place, item, in_each)),
            Value::Object(map) => match form_of(map) {
                Some((name, given)) => self.form(place, name, given, in_each),
                None => self.members(place, map, in_each),
            },
            _ => {}
        }
    }

    fn members(&mut self, place: &str, map: &Map<String, Value>, in_each: bool) {
        for (key, value) in map {
            self.require(!key.starts_with('$') || map.len() == 1, place, "has a form beside other keys");
            self.value(place, value, in_each);
        }
    }

    fn form(&mut self, place: &str, name: &str, given: &Value, in_each: bool) {
        self.require(form::ALL.contains(&name), place, &format!("\"{name}\" is not a form"));
        let keys: &[&str] = match name {
            form::EACH => &["in", "give"],
            form::JOIN => &["items", "with"],
            form::CHOOSE => &["by", "of"],
            form::MAIL => &[
                "from",
                "to",
                "cc",
                "bcc",
                "reply_to",
                "subject",
                "in_reply_to",
                "references",
                "text",
                "html",
                "attachments",
            ],
            form::FIRST | form::MERGE | form::CONCAT => {
                self.require(given.is_array(), place, &format!("{name} takes a list"));
                &[]
            }
            _ => &[],
        };
        if let (Some(map), false) = (given.as_object(), keys.is_empty()) {
            for key in map.keys() {
                self.require(keys.contains(&key.as_str()), place, &format!("{name} has no \"{key}\""));
            }
        }
        if name == form::EACH {
            self.value(place, &given["in"], in_each);
            self.value(place, &given["give"], true);
        } else {
            match given.as_object() {
                Some(map) if form_of(map).is_none() => self.members(place, map, in_each),
                _ => self.value(place, given, in_each),
            }
        }
    }

    /// A placeholder names an input, an item within a form, or a field of the account.
    fn name(&mut self, place: &str, name: &str, in_each: bool) {
        let (root, rest) = name.split_once('.').unwrap_or((name, ""));
        let known = match root {
            "account" => self.connector.field(rest).is_some(),
            "item" if in_each => true,
            _ => self.tool.input.get("properties").and_then(|properties| properties.get(root)).is_some(),
        };
        self.require(known, place, &format!("names \"{name}\", which is not an input"));
    }
}

fn required(tool: &Tool) -> impl Iterator<Item = &str> {
    tool.input.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn defaults(tool: &Tool) -> impl Iterator<Item = &str> {
    let properties = tool.input.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.filter(|(_, property)| property.get("default").is_some()).map(|(name, _)| name.as_str())
}
