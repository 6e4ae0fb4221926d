//! The body of a request.

use serde_json::{Map, Value, json};

use super::{
    draft::{Draft, Given, placeholder},
    parameter::{CREDENTIAL, is_token},
    schema_merge::{alternatives, without_null},
    spec::{is_set, members_of, text_of},
    style::{Shape, Style, shape},
};

/// A way to send a body, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Json,
    Form,
    Multipart,
    Text,
    Bytes,
}

/// Adds the body of an operation to its tool.
///
/// # Errors
/// Why the operation cannot be called without it.
pub(super) fn add<'a>(draft: &mut Draft<'a>, operation: &'a Value, method: &str) -> Result<(), String> {
    let Some(node) = operation.get("requestBody") else { return Ok(()) };
    let body = draft.spec.resolve(node).map_err(|reason| format!("its body {reason}"))?;
    let required = is_set(body, "required");
    let best = members_of(body, "content")
        .map(|(name, media)| (kind(name), name, media))
        .min_by_key(|(kind, ..)| *kind);
    let Some((kind, name, media)) = best else { return Ok(()) };
    if says_nothing(draft, media) {
        draft.body = (kind == Kind::Json && required && method != "GET").then(|| json!({ "json": {} }));
        return Ok(());
    }
    if method == "GET" {
        return refused(draft, required, "it is a body of a GET");
    }
    match kind {
        Kind::Json => as_json(draft, name, media, required),
        Kind::Form => as_form(draft, media, required)?,
        Kind::Multipart => as_parts(draft, media, required)?,
        Kind::Text | Kind::Bytes => as_content(draft, (kind, name), body, required),
    }
    Ok(())
}

fn kind(media_type: &str) -> Kind {
    let name = essence(media_type);
    let textual = |name: &str| {
        name.starts_with("text/")
            || name.ends_with("xml")
            || name.ends_with("yaml")
            || name.contains("javascript")
    };
    match name.as_str() {
        "application/json" | "*/*" | "text/json" => Kind::Json,
        name if name.ends_with("+json") => Kind::Json,
        "application/x-www-form-urlencoded" => Kind::Form,
        "multipart/form-data" => Kind::Multipart,
        name if textual(name) => Kind::Text,
        _ => Kind::Bytes,
    }
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a body has no content that a caller could give, as generators write for a request without one.
fn says_nothing<'a>(draft: &Draft<'a>, media: &'a Value) -> bool {
    let schema = media.get("schema").and_then(|schema| draft.spec.resolve(schema).ok());
    let Some(Value::Object(schema)) = schema else { return false };
    let more = ["allOf", "anyOf", "oneOf"].into_iter().any(|key| schema.contains_key(key))
        || schema.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false));
    !more && schema.get("properties").and_then(Value::as_object).is_some_and(Map::is_empty)
}

fn schema_of<'a>(draft: &mut Draft<'a>, media: &'a Value) -> Value {
    let mut schema = media.get("schema").map_or_else(|| json!({}), |schema| draft.cleaner.clean(schema));
    without_null(&mut schema);
    without_credentials(draft, &mut schema);
    schema
}

fn without_credentials(draft: &mut Draft<'_>, schema: &mut Value) {
    if !draft.has_credential {
        return;
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    let found: Vec<String> = properties
        .iter()
        .filter(|(name, member)| is_token(name, member))
        .map(|(name, _)| name.clone())
        .collect();
    for name in found {
        properties.shift_remove(&name);
        draft.losses.push(format!("the member \"{name}\" is left out: {CREDENTIAL}"));
    }
}

fn is_required(schema: &Value, member: &str) -> bool {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).any(|name| name == member)
}

/// The members of an object, each with whether it is needed; `None` where the body is something else.
fn members(schema: &Value, required: bool) -> Option<Vec<(String, Value, bool)>> {
    let properties = schema.get("properties")?.as_object().filter(|members| !members.is_empty())?;
    if schema.get("anyOf").is_some_and(|variants| !only_demands(variants)) {
        return None;
    }
    let each = properties
        .iter()
        .map(|(name, member)| (name.clone(), member.clone(), required && is_required(schema, name)));
    Some(each.collect())
}

/// Whether variants say only which members are needed.
fn only_demands(variants: &Value) -> bool {
    let known = |key: &String| matches!(key.as_str(), "required" | "description" | "type");
    let demand = |variant: &Value| variant.as_object().is_some_and(|map| map.keys().all(known));
    variants.as_array().is_some_and(|variants| variants.iter().all(demand))
}

fn as_json<'a>(draft: &mut Draft<'a>, media_type: &str, media: &'a Value, required: bool) {
    let schema = schema_of(draft, media);
    let template = match members(&schema, required) {
        Some(members) if !members.iter().any(|(name, ..)| name.starts_with('$')) => {
            if schema.get("additionalProperties").is_some_and(Value::is_object) {
                draft.losses.push("further members of the body are left out: they have no names".to_owned());
            }
            let mut template = Map::new();
            for (name, schema, required) in members {
                let input = draft.input(Given { name: &name, place: "body", schema, required });
                template.insert(name, placeholder(&input));
            }
            Value::Object(template)
        }
        _ => placeholder(&draft.input(Given { name: "body", place: "body", schema, required })),
    };
    let name = essence(media_type);
    draft.body = Some(if matches!(name.as_str(), "application/json" | "*/*" | "text/json") {
        json!({ "json": template })
    } else {
        json!({"raw": {"content_type": name, "json": template}})
    });
}

fn as_form<'a>(draft: &mut Draft<'a>, media: &'a Value, required: bool) -> Result<(), String> {
    let schema = schema_of(draft, media);
    let Some(members) = members(&schema, required) else {
        if schema.get("properties").is_some_and(|fields| *fields == json!({})) {
            return Ok(());
        }
        return refused(draft, required, "it is a form whose fields are not named");
    };
    let mut fields = Map::new();
    for (name, schema, required) in members {
        let encoding = media.get("encoding").and_then(|encoding| encoding.get(&name));
        let style = match encoding {
            Some(node) if node.get("style").is_some() || node.get("explode").is_some() => Style::of(node),
            _ if shape(&schema) == Shape::List && !has_objects(&schema) => Some(Style::Repeated),
            _ => Some(Style::Json),
        };
        let given = Given { name: &name, place: "body", schema, required };
        let written = style.ok_or_else(|| "has an unknown style".to_owned());
        match written.and_then(|style| draft.spread(style, given)) {
            Ok(pairs) => fields.extend(pairs),
            Err(reason) if required => return Err(format!("it needs the field \"{name}\", which {reason}")),
            Err(reason) => draft.losses.push(format!("the field \"{name}\" is left out: it {reason}")),
        }
    }
    draft.body = Some(json!({ "form": fields }));
    Ok(())
}

fn has_objects(list: &Value) -> bool {
    let items = list.get("items").into_iter().flat_map(alternatives);
    items.into_iter().any(|item| shape(item) != Shape::Scalar)
}

/// Leaves the body out, which is an error where it is needed.
fn refused(draft: &mut Draft<'_>, required: bool, reason: &str) -> Result<(), String> {
    if required {
        return Err(reason.to_owned());
    }
    draft.losses.push(format!("the body is left out: {reason}"));
    Ok(())
}

fn as_parts<'a>(draft: &mut Draft<'a>, media: &'a Value, required: bool) -> Result<(), String> {
    let schema = schema_of(draft, media);
    let Some(members) = members(&schema, required) else {
        return refused(draft, required, "it has parts that are not named");
    };
    let mut parts = Map::new();
    for (name, schema, required) in members {
        let own_type = media.pointer("/encoding").and_then(|all| text_of(all.get(&name)?, "contentType"));
        let own_type = own_type.filter(|kind| !kind.contains([',', '*'])).map(str::to_owned);
        match shape(&schema) {
            Shape::List if schema.get("items").is_some_and(is_file) => {
                let reason = format!("has a list of files as the part \"{name}\"");
                if required {
                    return Err(format!("it {reason}"));
                }
                draft.losses.push(format!("the part \"{name}\" is left out: it is a list of files"));
            }
            _ if is_file(&schema) => {
                let mut part = file(draft, &name, &schema, required);
                part.extend(own_type.map(|kind| ("content_type".to_owned(), json!(kind))));
                parts.insert(name, Value::Object(part));
            }
            Shape::Scalar => {
                let input = draft.input(Given { name: &name, place: "body", schema, required });
                parts.insert(name, json!({ "text": placeholder(&input) }));
            }
            Shape::List | Shape::Object => {
                let input = draft.input(Given { name: &name, place: "body", schema, required });
                parts.insert(name, json!({ "json": placeholder(&input) }));
            }
        }
    }
    draft.body = Some(json!({ "form_data": parts }));
    Ok(())
}

/// Whether a part is bytes, in the way of 3.0 (`format`) or 3.1 (`contentMediaType`, which leaves no type).
fn is_file(schema: &Value) -> bool {
    schema.get("format").is_some_and(|format| format == "binary" || format == "base64")
        || schema.as_object().is_some_and(|map| {
            !map.contains_key("type")
                && shape(schema) == Shape::Scalar
                && !map.contains_key("enum")
                && !map.contains_key("anyOf")
        })
}

fn file(draft: &mut Draft<'_>, name: &str, schema: &Value, required: bool) -> Map<String, Value> {
    let content = Given { name, place: "body", schema: bytes(schema), required };
    let content = draft.input(content);
    let words = format!("The name of the file in {content}, with its extension.");
    let schema = json!({"type": "string", "description": words, "default": "file"});
    let filename =
        draft.input(Given { name: &format!("{name}_filename"), place: "body", schema, required: false });
    let base64 = placeholder(&content);
    Map::from_iter([("filename".to_owned(), placeholder(&filename)), ("base64".to_owned(), base64)])
}

/// The schema of bytes, as a caller gives them.
fn bytes(schema: &Value) -> Value {
    let words = schema.get("description").and_then(Value::as_str).unwrap_or("The content.");
    json!({"type": "string", "description": format!("{words} In base64.")})
}

fn as_content<'a>(draft: &mut Draft<'a>, (kind, media_type): (Kind, &str), body: &'a Value, required: bool) {
    let words = text_of(body, "description").map(super::text::plain).map(|text| super::text::sentence(&text));
    let words = json!({"description": words.unwrap_or_else(|| "The content.".to_owned())});
    let (place, schema) = match kind {
        Kind::Text => ("text", json!({"type": "string", "description": words["description"]})),
        _ => ("base64", bytes(&words)),
    };
    let input = draft.input(Given { name: "body", place: "body", schema, required });
    let name = essence(media_type);
    let content_type = if name.contains('*') {
        let words =
            json!({"type": "string", "description": format!("The media type of {input}, one of {name}.")});
        placeholder(&draft.input(Given { name: "content_type", place: "body", schema: words, required }))
    } else {
        json!(name)
    };
    draft.body = Some(json!({"raw": {"content_type": content_type, place: placeholder(&input)}}));
}
