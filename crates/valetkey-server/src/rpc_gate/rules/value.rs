//! The rules of one value.

use prost_reflect::{MapKey, Value};
use regex::Regex;
use valetkey_proto::buf::validate::UInt32Rules;
use valetkey_proto::buf::validate::u_int32_rules::{GreaterThan, LessThan};

use super::{Findings, SharedRules};

#[derive(Debug)]
pub(super) enum ValueRule {
    Uint32(UInt32Rules),
    Text(Text),
    /// The declared numbers.
    Enum(Vec<i32>),
    Message(SharedRules),
    List {
        min: u64,
        max: u64,
        item: Option<Box<ValueRule>>,
    },
    Map {
        min: u64,
        max: u64,
        key: Option<Box<ValueRule>>,
        value: Option<Box<ValueRule>>,
    },
}

/// Rules of a string; lengths count code points.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) min: u64,
    pub(super) max: u64,
    pub(super) pattern: Option<Regex>,
    pub(super) prefix: Option<String>,
    pub(super) one_of: Vec<String>,
}

impl ValueRule {
    /// A value of another type than the rule's cannot occur: both come from the same descriptor.
    pub(super) fn check(&self, value: &Value, found: &mut Findings) {
        match (self, value) {
            (Self::Uint32(rules), Value::U32(number)) => check_uint32(rules, *number, found),
            (Self::Text(rules), Value::String(text)) => rules.check(text, found),
            (Self::Enum(declared), Value::EnumNumber(number)) if !declared.contains(number) => {
                found.add("enum.defined_only", "must be one of the declared values");
            }
            (Self::Message(rules), Value::Message(message)) => rules.check(message, found),
            (Self::List { min, max, item }, Value::List(items)) => {
                check_size(
                    items.len(),
                    (*min, *max),
                    ("repeated.min_items", "repeated.max_items"),
                    "items",
                    found,
                );
                for (index, value) in items.iter().enumerate() {
                    check_inner(item.as_deref(), value, index, found);
                }
            }
            (Self::Map { min, max, key, value }, Value::Map(pairs)) => {
                check_size(pairs.len(), (*min, *max), ("map.min_pairs", "map.max_pairs"), "pairs", found);
                let mut pairs: Vec<_> =
                    pairs.iter().filter_map(|(key, value)| Some((key.as_str()?, value))).collect();
                pairs.sort_unstable_by_key(|(key, _)| *key);
                for (name, content) in pairs {
                    let index = format!("{name:?}");
                    check_inner(key.as_deref(), &Value::from(MapKey::String(name.to_owned())), &index, found);
                    check_inner(value.as_deref(), content, &index, found);
                }
            }
            _ => {}
        }
    }
}

fn check_inner(rule: Option<&ValueRule>, value: &Value, index: impl std::fmt::Display, found: &mut Findings) {
    if let Some(rule) = rule {
        found.at(index, |found| rule.check(value, found));
    }
}

fn check_size(size: usize, limits: (u64, u64), constraints: (&str, &str), what: &str, found: &mut Findings) {
    if (size as u64) < limits.0 {
        found.add(constraints.0, &format!("must have at least {} {what}", limits.0));
    }
    if size as u64 > limits.1 {
        found.add(constraints.1, &format!("must have at most {} {what}", limits.1));
    }
}

fn check_uint32(rules: &UInt32Rules, number: u32, found: &mut Findings) {
    match rules.less_than {
        Some(LessThan::Lt(limit)) if number >= limit => {
            found.add("uint32.lt", &format!("must be less than {limit}"));
        }
        Some(LessThan::Lte(limit)) if number > limit => {
            found.add("uint32.lte", &format!("must be at most {limit}"));
        }
        _ => {}
    }
    match rules.greater_than {
        Some(GreaterThan::Gt(limit)) if number <= limit => {
            found.add("uint32.gt", &format!("must be greater than {limit}"));
        }
        Some(GreaterThan::Gte(limit)) if number < limit => {
            found.add("uint32.gte", &format!("must be at least {limit}"));
        }
        _ => {}
    }
}

impl Text {
    fn check(&self, text: &str, found: &mut Findings) {
        // A string has at most as many code points as bytes, so most need no counting.
        let length =
            if self.min == 0 && text.len() as u64 <= self.max { 0 } else { text.chars().count() as u64 };
        if length < self.min {
            found.add("string.min_len", &format!("must have at least {} characters", self.min));
        }
        if length > self.max {
            found.add("string.max_len", &format!("must have at most {} characters", self.max));
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
            found.add("string.pattern", &format!("must match {}", pattern.as_str()));
        }
        if let Some(prefix) = self.prefix.as_ref().filter(|prefix| !text.starts_with(prefix.as_str())) {
            found.add("string.prefix", &format!("must start with {prefix}"));
        }
        if !self.one_of.is_empty() && !self.one_of.iter().any(|allowed| allowed == text) {
            found.add("string.in", &format!("must be one of {:?}", self.one_of));
        }
    }
}
