//! How a value becomes parameters of a query or fields of a form.

use serde_json::{Map, Value, json};

use super::{draft::placeholder, schema_merge::alternatives};

/// How lists and objects are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    /// A list repeats its parameter, and each member of an object is one (`form`, `explode`).
    Repeated,
    /// The items of a list are one text with this between them.
    Joined(&'static str),
    /// `name[member]`, and `name[]` for lists (`deepObject`).
    Deep,
    /// One JSON text.
    Json,
}

impl Style {
    /// The style that a parameter or an encoding names; `None` where it is not known.
    pub(super) fn of(node: &Value) -> Option<Self> {
        let explode = node.get("explode").and_then(Value::as_bool);
        match node.get("style").and_then(Value::as_str).unwrap_or("form") {
            "form" if explode.unwrap_or(true) => Some(Self::Repeated),
            "form" => Some(Self::Joined(",")),
            "spaceDelimited" | "pipeDelimited" if explode == Some(true) => Some(Self::Repeated),
            "spaceDelimited" => Some(Self::Joined(" ")),
            "pipeDelimited" => Some(Self::Joined("|")),
            "deepObject" => Some(Self::Deep),
            _ => None,
        }
    }
}

/// What a schema takes, as far as a style cares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    Scalar,
    List,
    Object,
}

/// The shape of a schema without references.
pub(super) fn shape(schema: &Value) -> Shape {
    let kind = match schema.get("type") {
        Some(Value::Array(several)) => several.iter().find_map(Value::as_str).unwrap_or_default(),
        Some(Value::String(one)) => one,
        _ => "",
    };
    match kind {
        "array" => Shape::List,
        "object" => Shape::Object,
        "" if schema.get("properties").is_some() => Shape::Object,
        "" if schema.get("items").is_some() => Shape::List,
        _ => Shape::Scalar,
    }
}

/// The pairs of name and template for the value of `place`. What cannot be written is taken out of `schema` and told in
/// `losses`.
pub(super) fn pairs(
    style: Style,
    (name, place): (&str, &str),
    schema: &mut Value,
    losses: &mut Vec<String>,
) -> Result<Vec<(String, Value)>, String> {
    let one = |name: &str, template: Value| Ok(vec![(name.to_owned(), template)]);
    if style == Style::Json {
        let template = placeholder(place);
        let plain = alternatives(schema).into_iter().all(|variant| shape(variant) == Shape::Scalar);
        return one(name, if plain { template } else { json!({ "$json": template }) });
    }
    narrow(name, schema, losses);
    match shape(schema) {
        Shape::Scalar => one(name, placeholder(place)),
        Shape::List => {
            let scalar =
                |items: &Value| alternatives(items).into_iter().all(|item| shape(item) == Shape::Scalar);
            if !schema.get("items").is_none_or(scalar) {
                return Err("is a list of lists or objects, which has no place in a query or form".to_owned());
            }
            match style {
                Style::Joined(with) => {
                    one(name, json!({"$join": {"items": placeholder(place), "with": with}}))
                }
                Style::Deep => one(&format!("{name}[]"), placeholder(place)),
                Style::Repeated | Style::Json => one(name, placeholder(place)),
            }
        }
        Shape::Object => members(style, (name, place), schema, losses),
    }
}

/// Keeps the variant that says most where variants have different shapes.
fn narrow(name: &str, schema: &mut Value, losses: &mut Vec<String>) {
    let variants = alternatives(schema);
    let shapes: Vec<Shape> = variants.iter().map(|variant| shape(variant)).collect();
    if variants.len() < 2 || shapes.iter().all(|shape| *shape == Shape::Scalar) {
        return;
    }
    let named = |variant: &&&Value| variant.get("properties").is_some();
    let best = variants.iter().find(named).or_else(|| {
        variants.iter().zip(&shapes).find(|(_, shape)| **shape == Shape::List).map(|(variant, _)| variant)
    });
    let Some(best) = best.and_then(|best| best.as_object().cloned()) else { return };
    let Some(map) = schema.as_object_mut() else { return };
    map.shift_remove("anyOf");
    let description = map.get("description").cloned();
    map.extend(best);
    map.extend(description.map(|text| ("description".to_owned(), text)));
    losses.push(format!("\"{name}\" is taken in one of its forms only"));
}

fn members(
    style: Style,
    (name, place): (&str, &str),
    schema: &mut Value,
    losses: &mut Vec<String>,
) -> Result<Vec<(String, Value)>, String> {
    if matches!(style, Style::Joined(_)) {
        return Err("is an object in one parameter".to_owned());
    }
    let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return Err("is an object whose members are not named".to_owned());
    };
    let mut found = Vec::new();
    let mut kept = Map::new();
    for (member, mut inner) in std::mem::take(properties) {
        let key = if style == Style::Deep { format!("{name}[{member}]") } else { member.clone() };
        let deeper = if member.contains(['.', '{', '}', ' ']) {
            Err("has a name that no placeholder can have".to_owned())
        } else if style == Style::Repeated && shape(&inner) == Shape::Object {
            Err("is an object within an object".to_owned())
        } else {
            pairs(style, (&key, &format!("{place}.{member}")), &mut inner, losses)
        };
        match deeper {
            Ok(more) => {
                found.extend(more);
                kept.insert(member, inner);
            }
            Err(reason) if required.iter().any(|name| *name == member.as_str()) => {
                return Err(format!("needs \"{member}\", which {reason}"));
            }
            Err(reason) => losses.push(format!("\"{key}\" is left out: it {reason}")),
        }
    }
    if kept.is_empty() {
        return Err("has no member that can be written".to_owned());
    }
    *properties = kept;
    if let Some(map) = schema.as_object_mut() {
        map.insert("additionalProperties".into(), Value::Bool(false));
    }
    Ok(found)
}
