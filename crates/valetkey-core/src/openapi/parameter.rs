//! Parameters of an operation: in the path, the query, headers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    draft::{Draft, Given, placeholder},
    schema::Cleaner,
    spec::{Spec, is_set, list_of, members_of, text_of},
    style::{Shape, Style, shape},
};

/// Headers that are no parameters of an operation (`OpenAPI` 3 says so).
const NOT_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// Why an input is left out that is a credential.
pub(super) const CREDENTIAL: &str = "it is a credential, which the connector sends";

/// The parameters of an operation; those of the path item come first, unless the operation has them too.
pub(super) fn all<'a>(
    spec: Spec<'a>,
    item: &'a Value,
    operation: &'a Value,
) -> Result<Vec<&'a Value>, String> {
    let resolved = |node: &'a Value| {
        let given = list_of(node, "parameters").iter();
        given.map(|parameter| spec.resolve(parameter)).collect::<Result<Vec<_>, _>>()
    };
    let key = |parameter: &'a Value| (text_of(parameter, "name"), text_of(parameter, "in"));
    let own = resolved(operation).map_err(|reason| format!("a parameter {reason}"))?;
    let known: BTreeSet<_> = own.iter().map(|parameter| key(parameter)).collect();
    let mut found = resolved(item).map_err(|reason| format!("a parameter {reason}"))?;
    found.retain(|parameter| !known.contains(&key(parameter)));
    found.extend(own);
    Ok(found)
}

/// Adds a parameter to a tool, unless it is one of `credential`, which the connector sends.
///
/// # Errors
/// Why the operation cannot be called without it.
pub(super) fn add<'a>(
    draft: &mut Draft<'a>,
    parameter: &'a Value,
    credential: &[(&'static str, String)],
) -> Result<(), String> {
    let Some(name) = text_of(parameter, "name") else {
        draft.losses.push("a parameter is left out: it has no name".to_owned());
        return Ok(());
    };
    let place = text_of(parameter, "in").unwrap_or_default();
    let sent = |(kind, own): &(&str, String)| *kind == place && own.eq_ignore_ascii_case(name);
    if credential.iter().any(sent) {
        return Ok(());
    }
    if place != "path" && draft.has_credential && is_token(name, parameter) {
        draft.losses.push(format!("the parameter \"{name}\" is left out: {CREDENTIAL}"));
        return Ok(());
    }
    let required = is_set(parameter, "required") || place == "path";
    let added = match place {
        "path" => in_path(draft, name, parameter),
        "query" => in_query(draft, name, parameter, required),
        "header" if NOT_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) => Ok(()),
        "header" => in_header(draft, name, parameter, required),
        "cookie" => Err("is a cookie".to_owned()),
        _ => Err("has an unknown place".to_owned()),
    };
    match added {
        Err(reason) if required => Err(format!("it needs the parameter \"{name}\", which {reason}")),
        Err(reason) => {
            draft.losses.push(format!("the parameter \"{name}\" is left out: it {reason}"));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Whether an input is a credential by its name and its description, where no security scheme says so. A model must
/// not be asked for one.
pub(super) fn is_token(name: &str, node: &Value) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    let named =
        matches!(name.as_str(), "token" | "accesstoken" | "oauthtoken" | "apikey" | "apitoken" | "authtoken");
    named
        && text_of(node, "description").is_some_and(|words| words.to_ascii_lowercase().contains("authentic"))
}

/// The schema of a parameter, with its description, and whether it is sent as JSON.
fn schema_of<'a>(draft: &mut Draft<'a>, parameter: &'a Value) -> (Value, bool) {
    let content = members_of(parameter, "content").next();
    let node = content.map_or(parameter, |(_, media)| media);
    let mut schema = node.get("schema").map_or_else(|| json!({}), |schema| draft.cleaner.clean(schema));
    let words = Cleaner::words(parameter);
    if let Some(map) = schema.as_object_mut() {
        map.extend(words);
    }
    example_of(parameter, &mut schema);
    (schema, content.is_some())
}

/// Adds the example of a parameter, which stands beside its schema, where it fits.
fn example_of(parameter: &Value, schema: &mut Value) {
    let Some(example) = parameter.get("example").filter(|value| value.is_string() || value.is_number())
    else {
        return;
    };
    let free = schema.get("enum").is_none() && schema.get("examples").is_none();
    if free && jsonschema::is_valid(schema, example) {
        schema["examples"] = json!([example]);
    }
}

fn in_path<'a>(draft: &mut Draft<'a>, name: &str, parameter: &'a Value) -> Result<(), String> {
    if !matches!(text_of(parameter, "style").unwrap_or("simple"), "simple") {
        return Err("is written in a style that a path of a tool has not".to_owned());
    }
    let (mut schema, _) = schema_of(draft, parameter);
    match shape(&schema) {
        Shape::Scalar => {}
        Shape::List => {
            let text = schema["description"].as_str().unwrap_or_default();
            schema = json!({"type": "string", "description": format!("{text} Several with commas between them.").trim()});
        }
        Shape::Object => return Err("is an object in the path".to_owned()),
    }
    let hole = format!("{{{name}}}");
    if !draft.path.contains(&hole) {
        draft.losses.push(format!("the parameter \"{name}\" is left out: the path has no place for it"));
        return Ok(());
    }
    let input = draft.input(Given { name, place: "path", schema, required: true });
    draft.path = fill(&draft.path, &hole, &input);
    Ok(())
}

/// The path with `{{input}}` for `{name}`; what is filled already stays.
fn fill(path: &str, hole: &str, input: &str) -> String {
    let mut out = String::with_capacity(path.len() + input.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once(hole) {
        out.push_str(before);
        let filled = out.ends_with('{') && after.starts_with('}');
        if filled {
            out.push_str(hole);
        } else {
            out.extend(["{{", input, "}}"]);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn in_query<'a>(
    draft: &mut Draft<'a>,
    name: &str,
    parameter: &'a Value,
    required: bool,
) -> Result<(), String> {
    let (schema, as_json) = schema_of(draft, parameter);
    let style = if as_json { Some(Style::Json) } else { Style::of(parameter) };
    let style = style.ok_or_else(|| "has an unknown style".to_owned())?;
    let written = draft.spread(style, Given { name, place: "query", schema, required })?;
    draft.query.extend(written);
    Ok(())
}

fn in_header<'a>(
    draft: &mut Draft<'a>,
    name: &str,
    parameter: &'a Value,
    required: bool,
) -> Result<(), String> {
    let (schema, as_json) = schema_of(draft, parameter);
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(token) {
        return Err("has a name that no header can have".to_owned());
    }
    let kind = shape(&schema);
    if kind == Shape::Object && !as_json {
        return Err("is an object in a header".to_owned());
    }
    let input = draft.input(Given { name, place: "header", schema, required });
    let template = match kind {
        _ if as_json => json!({ "$json": placeholder(&input) }),
        Shape::List => json!({"$join": {"items": placeholder(&input), "with": ","}}),
        Shape::Scalar | Shape::Object => placeholder(&input),
    };
    draft.headers.insert(name.to_owned(), template);
    Ok(())
}
