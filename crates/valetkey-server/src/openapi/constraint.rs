//! Field rules as JSON Schema keywords.

use serde_json::{Value, json};
use valetkey_proto::buf::validate::field_rules::Type;
use valetkey_proto::buf::validate::u_int32_rules::{GreaterThan, LessThan};
use valetkey_proto::buf::validate::{FieldRules, StringRules, UInt32Rules};

/// Adds the keywords of `rules` to the schema of the value they hold for.
pub(super) fn apply(schema: &mut Value, rules: &Type) {
    match rules {
        Type::String(rules) => text(schema, rules),
        Type::Uint32(rules) => number(schema, *rules),
        // The enum's own schema lists its values.
        Type::Enum(_) => {}
        Type::Repeated(rules) => {
            set(schema, "minItems", rules.min_items);
            set(schema, "maxItems", rules.max_items);
            inner(&mut schema["items"], rules.items.as_deref());
        }
        Type::Map(rules) => {
            set(schema, "minProperties", rules.min_pairs);
            set(schema, "maxProperties", rules.max_pairs);
            inner(&mut schema["additionalProperties"], rules.values.as_deref());
            let mut names = json!({});
            inner(&mut names, rules.keys.as_deref());
            schema["propertyNames"] = names;
        }
    }
}

fn inner(schema: &mut Value, rules: Option<&FieldRules>) {
    if let Some(rules) = rules.and_then(|rules| rules.r#type.as_ref()) {
        apply(schema, rules);
    }
}

fn set<T: Into<Value>>(schema: &mut Value, keyword: &str, value: Option<T>) {
    if let Some(value) = value {
        schema[keyword] = value.into();
    }
}

fn text(schema: &mut Value, rules: &StringRules) {
    set(schema, "minLength", rules.min_len);
    set(schema, "maxLength", rules.max_len);
    set(schema, "pattern", rules.pattern.clone().or_else(|| Some(format!("^{}", rules.prefix.as_ref()?))));
    if !rules.r#in.is_empty() {
        schema["enum"] = json!(rules.r#in);
    }
}

fn number(schema: &mut Value, rules: UInt32Rules) {
    match rules.less_than {
        Some(LessThan::Lt(limit)) => schema["exclusiveMaximum"] = limit.into(),
        Some(LessThan::Lte(limit)) => schema["maximum"] = limit.into(),
        None => {}
    }
    match rules.greater_than {
        Some(GreaterThan::Gt(limit)) => schema["exclusiveMinimum"] = limit.into(),
        Some(GreaterThan::Gte(limit)) => schema["minimum"] = limit.into(),
        None => {}
    }
}
