//! Several schemas as one.

use serde_json::{Map, Value, json};

type Schema = Map<String, Value>;

/// Adds what `part` demands to `out` (`allOf`). What both say about the same member is said by both.
pub(super) fn merge(out: &mut Schema, part: Schema) {
    for (key, value) in part {
        match (key.as_str(), out.get_mut(&key)) {
            ("properties", Some(Value::Object(known))) => {
                let Value::Object(more) = value else { continue };
                for (name, member) in more {
                    match (known.get_mut(&name), member) {
                        (Some(Value::Object(known)), Value::Object(member)) => merge(known, member),
                        (_, member) => drop(known.insert(name, member)),
                    }
                }
            }
            ("required", Some(Value::Array(known))) => {
                let Value::Array(more) = value else { continue };
                let fresh: Vec<Value> = more.into_iter().filter(|name| !known.contains(name)).collect();
                known.extend(fresh);
            }
            ("additionalProperties", Some(known)) => {
                // Each part alone would refuse the members of the others.
                if *known == Value::Bool(false) {
                    *known = value;
                }
            }
            (_, Some(_)) => {}
            (_, None) => drop(out.insert(key, value)),
        }
    }
}

/// The variants of `oneOf` or `anyOf`, each once.
pub(super) fn variants(cleaned: Vec<Schema>) -> Vec<Schema> {
    let mut kept: Vec<Schema> = Vec::with_capacity(cleaned.len());
    for variant in cleaned {
        if !kept.contains(&variant) {
            kept.push(variant);
        }
    }
    kept
}

/// Demands one of `variants` of `out`. They are `anyOf`, as a document often has variants that exclude each other in
/// words only.
pub(super) fn choose(out: &mut Schema, mut variants: Vec<Schema>) {
    if variants.len() == 1 {
        return merge(out, variants.remove(0));
    }
    // An empty variant takes anything, and so does the whole.
    if variants.iter().any(Schema::is_empty) || out.contains_key("anyOf") {
        return;
    }
    out.insert("anyOf".into(), json!(variants));
}

/// Takes null away from what is accepted: a null input is an absent one.
pub(super) fn without_null(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            map.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(variants)) = map.get_mut("anyOf") {
        variants.retain(|variant| variant.get("type") != Some(&json!("null")));
        if variants.len() == 1
            && let Value::Object(only) = variants.remove(0)
        {
            map.shift_remove("anyOf");
            merge(map, only);
        }
    }
}

/// The variants of a schema, or itself.
pub(super) fn alternatives(schema: &Value) -> Vec<&Value> {
    match schema.get("anyOf").and_then(Value::as_array) {
        Some(variants) => variants.iter().collect(),
        None => vec![schema],
    }
}
