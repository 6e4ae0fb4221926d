//! The `buf.validate` rules of request messages, compiled once.
//!
//! Presence decides as the published rules define it: a field with presence is only checked when it is set; a field
//! without (proto3 scalars, lists, maps) is always checked, its zero value included. `required` asks a field with
//! presence to be set and any other not to be zero or empty.

mod compile;
mod declared;
mod value;

use std::fmt::Write as _;
use std::sync::Arc;

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use valetkey_proto::scalekit::v1::errdetails::validation_error_info::FieldViolation;

pub(crate) use compile::Compiler;
pub(crate) use declared::Declared;
use value::ValueRule;

/// The rules of one message and of the messages inside it.
#[derive(Debug, Default)]
pub(crate) struct MessageRules {
    fields: Vec<FieldRule>,
    groups: Vec<Group>,
}

#[derive(Debug)]
struct FieldRule {
    field: FieldDescriptor,
    required: bool,
    value: Option<ValueRule>,
}

/// Fields of which at most one, or if `required` exactly one, may be set.
#[derive(Debug)]
struct Group {
    fields: Vec<FieldDescriptor>,
    required: bool,
}

impl MessageRules {
    /// Every broken rule of `message`, in field order.
    pub(crate) fn violations(&self, message: &DynamicMessage) -> Vec<FieldViolation> {
        let mut found = Findings::default();
        self.check(message, &mut found);
        found.violations
    }

    /// The same, and every text with a zero character, which PostgreSQL cannot keep.
    pub(crate) fn violations_and_zeros(&self, message: &DynamicMessage) -> Vec<FieldViolation> {
        let mut found = Findings { path: String::new(), violations: self.violations(message) };
        zeros(message, &mut found);
        found.violations
    }

    fn check(&self, message: &DynamicMessage, found: &mut Findings) {
        for rule in &self.fields {
            found.inside(rule.field.name(), |found| rule.check(message, found));
        }
        for group in &self.groups {
            group.check(message, found);
        }
    }
}

/// Finds texts with a zero character. Free JSON is left alone: it is kept in a form that has none.
fn zeros(message: &DynamicMessage, found: &mut Findings) {
    if message.descriptor().full_name().starts_with("google.protobuf.") {
        return;
    }
    for (field, value) in message.fields() {
        found.inside(field.name(), |found| zeros_in(value, found));
    }
}

fn zeros_in(value: &Value, found: &mut Findings) {
    match value {
        Value::String(text) if text.contains('\0') => {
            found.add("string.zero", "must not contain the character U+0000");
        }
        Value::Message(message) => zeros(message, found),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                found.at(index, |found| zeros_in(item, found));
            }
        }
        Value::Map(entries) => {
            if entries.keys().any(|key| key.as_str().is_some_and(|key| key.contains('\0'))) {
                found.add("string.zero", "must not have a key that contains the character U+0000");
            }
            for entry in entries.values() {
                zeros_in(entry, found);
            }
        }
        _ => {}
    }
}

impl FieldRule {
    fn check(&self, message: &DynamicMessage, found: &mut Findings) {
        // `has_field` is false for the zero value of a field without presence.
        let set = message.has_field(&self.field);
        if !set && self.required {
            found.add("required", "must be set");
        } else if let Some(rule) = self.value.as_ref().filter(|_| set || !self.field.supports_presence()) {
            rule.check(&message.get_field(&self.field), found);
        }
    }
}

impl Group {
    fn check(&self, message: &DynamicMessage, found: &mut Findings) {
        let names = || self.fields.iter().map(FieldDescriptor::name).collect::<Vec<_>>().join(", ");
        let mut set = self.fields.iter().filter(|field| message.has_field(field));
        let Some(first) = set.next() else {
            if let (true, Some(field)) = (self.required, self.fields.first()) {
                let description = format!("must be set, or another one of {}", names());
                found.inside(field.name(), |found| found.add("message.oneof", &description));
            }
            return;
        };
        for field in set {
            let description = format!("cannot be combined with {}", first.name());
            found.inside(field.name(), |found| found.add("message.oneof", &description));
        }
    }
}

/// The path that is being checked, and what was found so far.
#[derive(Default)]
struct Findings {
    path: String,
    violations: Vec<FieldViolation>,
}

impl Findings {
    fn add(&mut self, constraint: &str, description: &str) {
        self.violations.push(FieldViolation {
            field: self.path.clone(),
            description: description.to_owned(),
            constraint: constraint.to_owned(),
        });
    }

    /// Runs `check` with the path inside field `name`.
    fn inside(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        check(self);
        self.path.truncate(length);
    }

    /// Runs `check` with the path at an index or key of a list or map.
    fn at(&mut self, index: impl std::fmt::Display, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        // Writing into a string cannot fail.
        let _ = write!(self.path, "[{index}]");
        check(self);
        self.path.truncate(length);
    }
}

/// Shared, because the same message is the request of several RPCs.
type SharedRules = Arc<MessageRules>;
