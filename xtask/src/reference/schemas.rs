//! The reference of the formats that people write by hand, from their JSON Schemas.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;

use super::{
    Outcome, Pages,
    text::{GENERATED, code, inline, table},
};

/// A format.
struct Format {
    /// File name of the page and of the schema.
    names: [&'static str; 2],
    title: &'static str,
    /// What to read beside it.
    opening: &'static str,
}

const FORMATS: [Format; 2] = [
    Format {
        names: ["connector-definition", "connector"],
        title: "Connector definition",
        opening: "The keys of `connector.yaml`. An editor completes them from `connectors/connector.schema.json`. \
                  [An own connector](../how-to/own-connector.md) shows how one is made.",
    },
    Format {
        names: ["tool-definition", "tools"],
        title: "Tool definition",
        opening: "The keys of `tools/*.yaml` of a connector. An editor completes them from \
                  `connectors/tools.schema.json`.",
    },
];

/// A page for each format.
pub(super) fn pages(folder: &Path) -> Outcome<Pages> {
    let mut pages = Pages::new();
    for Format { names: [page, schema], title, opening } in FORMATS {
        let schema: Value =
            serde_json::from_str(&fs::read_to_string(folder.join(format!("{schema}.schema.json")))?)?;
        let mut text = format!("# {title}\n\n{GENERATED}\n{opening}\n\n## The file\n\n");
        write_type(&mut text, &schema)?;
        for (name, defined) in schema["$defs"].as_object().into_iter().flatten() {
            write!(text, "## {name}\n\n")?;
            write_type(&mut text, defined)?;
        }
        pages.insert(format!("reference/{page}.md"), text.trim_end().to_owned() + "\n");
    }
    Ok(pages)
}

fn write_type(text: &mut String, schema: &Value) -> Outcome {
    let about = inline(schema["description"].as_str().unwrap_or_default());
    if !about.is_empty() {
        write!(text, "{about}\n\n")?;
    }
    if schema["properties"].is_object() {
        text.push_str(&properties(schema));
    }
    let variants = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
    let rows = variants.flat_map(variant);
    text.push_str(&table(&["one of", "type", "meaning"], rows.collect::<Vec<_>>()));
    if let Some(values) = schema["enum"].as_array() {
        write!(text, "One of {}.\n\n", values.iter().map(shown).collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}

fn properties(schema: &Value) -> String {
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.into_iter().flatten().any(|needed| needed == name);
    let properties = schema["properties"].as_object().into_iter().flatten();
    let rows = properties.map(|(name, property)| {
        let default = match property.get("default") {
            _ if is_required(name) => "required".to_owned(),
            Some(value) if !value.is_null() => shown(value),
            _ => String::new(),
        };
        let about = inline(property["description"].as_str().unwrap_or_default());
        vec![code(name), kind(property), default, about]
    });
    table(&["key", "type", "default", "meaning"], rows.collect::<Vec<_>>())
}

/// A variant of an enum: a text, or an object whose only key is its name.
fn variant(variant: &Value) -> Vec<Vec<String>> {
    let about = inline(variant["description"].as_str().unwrap_or_default());
    if let Some(value) = variant.get("const") {
        return vec![vec![shown(value), String::new(), about]];
    }
    if let Some(values) = variant["enum"].as_array() {
        return values.iter().map(|value| vec![shown(value), String::new(), about.clone()]).collect();
    }
    match variant["properties"].as_object() {
        Some(properties) => {
            properties.iter().map(|(name, value)| vec![code(name), kind(value), about.clone()]).collect()
        }
        None => vec![vec![String::new(), kind(variant), about]],
    }
}

fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if schema["items"].is_object() {
        return format!("list of {}", kind(&schema["items"]));
    }
    if schema["additionalProperties"].is_object() {
        return format!("map of {}", kind(&schema["additionalProperties"]));
    }
    let several = ["anyOf", "oneOf"].into_iter().find_map(|key| schema[key].as_array());
    if let Some(several) = several {
        let kinds: Vec<String> = several.iter().map(kind).filter(|kind| kind != "null").collect();
        return kinds.join(" or ");
    }
    match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds: Vec<&str> =
                kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect();
            kinds.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => code(text),
        other => code(&other.to_string()),
    }
}
