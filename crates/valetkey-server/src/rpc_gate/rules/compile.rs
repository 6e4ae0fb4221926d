//! From descriptors to rules.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use regex::Regex;
use valetkey_proto::buf::validate::field_rules::Type;
use valetkey_proto::buf::validate::{FieldRules, MessageOneofRule, StringRules};

use super::declared::Declared;
use super::value::{Text, ValueRule};
use super::{FieldRule, Group, MessageRules, SharedRules};

/// Compiles each message once.
///
/// A message inside itself is checked at its outermost level only; the wire has none with rules.
pub(crate) struct Compiler {
    declared: Declared,
    done: HashMap<String, Option<SharedRules>>,
}

impl Compiler {
    pub(crate) fn new(pool: &DescriptorPool) -> Self {
        Self { declared: Declared::new(pool), done: HashMap::new() }
    }

    /// The rules of `message`, or `None` if nothing in it can be violated.
    pub(crate) fn compile(&mut self, message: &MessageDescriptor) -> Option<SharedRules> {
        if let Some(known) = self.done.get(message.full_name()) {
            return known.clone();
        }
        self.done.insert(message.full_name().to_owned(), None);
        let rules = MessageRules {
            fields: message.fields().filter_map(|field| self.field(field)).collect(),
            groups: self.groups(message),
        };
        let rules = (!rules.fields.is_empty() || !rules.groups.is_empty()).then(|| SharedRules::new(rules));
        self.done.insert(message.full_name().to_owned(), rules.clone());
        rules
    }

    fn field(&mut self, field: FieldDescriptor) -> Option<FieldRule> {
        let declared = self.declared.field(&field);
        let required = declared.required.unwrap_or_default();
        let value = match (declared.r#type, field.kind()) {
            (Some(rules), kind) => Some(value_rule(rules, &kind)),
            (None, Kind::Message(inner)) if !field.is_map() => {
                self.compile(&inner).map(|rules| nested(&field, rules))
            }
            (None, _) => None,
        };
        (required || value.is_some()).then_some(FieldRule { field, required, value })
    }

    fn groups(&self, message: &MessageDescriptor) -> Vec<Group> {
        let group = |declared: MessageOneofRule| Group {
            required: declared.required.unwrap_or_default(),
            fields: declared.fields.iter().filter_map(|name| message.get_field_by_name(name)).collect(),
        };
        self.declared.groups(message).into_iter().map(group).collect()
    }
}

fn nested(field: &FieldDescriptor, rules: SharedRules) -> ValueRule {
    let rule = ValueRule::Message(rules);
    if field.is_list() { ValueRule::List { min: 0, max: u64::MAX, item: Some(Box::new(rule)) } } else { rule }
}

fn value_rule(declared: Type, kind: &Kind) -> ValueRule {
    match declared {
        Type::Uint32(rules) => ValueRule::Uint32(rules),
        Type::String(rules) => ValueRule::Text(text_rule(rules)),
        Type::Enum(_) => ValueRule::Enum(match kind {
            Kind::Enum(declared) => declared.values().map(|value| value.number()).collect(),
            _ => Vec::new(),
        }),
        Type::Repeated(rules) => ValueRule::List {
            min: rules.min_items.unwrap_or_default(),
            max: rules.max_items.unwrap_or(u64::MAX),
            item: inner(rules.items),
        },
        Type::Map(rules) => ValueRule::Map {
            min: rules.min_pairs.unwrap_or_default(),
            max: rules.max_pairs.unwrap_or(u64::MAX),
            key: inner(rules.keys),
            value: inner(rules.values),
        },
    }
}

/// Rules of items, keys or values, which are strings wherever the wire declares some.
fn inner(declared: Option<Box<FieldRules>>) -> Option<Box<ValueRule>> {
    declared?.r#type.map(|rules| Box::new(value_rule(rules, &Kind::String)))
}

#[expect(clippy::expect_used, reason = "patterns are compiled in, and a test compiles each")]
fn text_rule(declared: StringRules) -> Text {
    Text {
        min: declared.min_len.unwrap_or_default(),
        max: declared.max_len.unwrap_or(u64::MAX),
        pattern: declared.pattern.map(|pattern| Regex::new(&pattern).expect("a declared pattern is RE2")),
        prefix: declared.prefix,
        one_of: declared.r#in,
    }
}
