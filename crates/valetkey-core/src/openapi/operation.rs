//! From an operation to a tool.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    answer, body,
    draft::{Draft, Given},
    names::{Names, snake, words},
    parameter,
    security::{Kind, Plan, Requirement, is_scope, opened, requirements},
    server::Server,
    spec::{OTHER_METHODS, Spec, external_docs, is_set, list_of, text_of},
    text::{capitalized, plain, sentence, shorten},
};
use crate::{openapi::ImportOptions, tool::Tool};

/// The longest description of a tool, in characters.
const DESCRIPTION: usize = 600;

/// The longest title of a tool, in characters.
const TITLE: usize = 80;

/// What all operations of an import share.
pub(super) struct Context<'a> {
    pub(super) spec: Spec<'a>,
    pub(super) server: &'a Server,
    pub(super) plan: &'a Plan,
    pub(super) options: &'a ImportOptions,
    pub(super) slug: &'a str,
    /// Where the whole is documented.
    pub(super) documentation: Option<&'a str>,
}

/// An operation of the document.
#[derive(Clone, Copy)]
pub(super) struct Operation<'a> {
    /// In lower case.
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// The path item.
    pub(super) item: &'a Value,
    pub(super) node: &'a Value,
}

impl<'a> Operation<'a> {
    /// The place, for notes.
    pub(super) fn place(&self) -> String {
        let method = self.method.to_ascii_uppercase();
        match text_of(self.node, "operationId") {
            Some(id) => format!("{method} {} ({id})", self.path),
            None => format!("{method} {}", self.path),
        }
    }

    /// Its tags.
    pub(super) fn tags(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        list_of(self.node, "tags").iter().filter_map(Value::as_str)
    }

    /// What it is about: its first tag, or the first word of its path that is neither a version nor a parameter.
    pub(super) fn subject(&self) -> Option<String> {
        let version = |word: &str| {
            word.strip_prefix('v').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let of_path = self.path.split(['/', '.', '#']).filter(|word| !word.contains('{')).map(snake);
        let of_path = of_path.filter(|word| !version(word) && !matches!(word.as_str(), "api" | "rest"));
        self.tags().map(snake).chain(of_path).find(|word| !word.is_empty())
    }

    fn action(&self) -> String {
        let id = text_of(self.node, "operationId")
            .filter(|id| id.bytes().any(|byte| byte.is_ascii_alphanumeric()));
        id.map_or_else(|| format!("{} {}", self.method, self.path), str::to_owned)
    }
}

/// A tool, and what of its operation it lacks.
pub(super) struct Made {
    pub(super) tool: Value,
    pub(super) losses: Vec<String>,
    /// The scopes that it needs, and whether it only reads.
    pub(super) scopes: Vec<String>,
    pub(super) reads: bool,
}

/// Makes the tool of an operation.
///
/// # Errors
/// Why there can be none.
pub(super) fn make<'a>(
    context: &Context<'a>,
    operation: Operation<'a>,
    names: &mut Names,
) -> Result<Made, String> {
    let Context { spec, server, plan, options, .. } = *context;
    if OTHER_METHODS.contains(&operation.method) {
        return Err("tools have no such method".to_owned());
    }
    let ways = requirements(spec, operation.node);
    let ways = opened(&ways, &plan.names).ok_or_else(|| needs(&ways))?;
    let mut draft = Draft::new(spec, literal_path(operation.path)?, !plan.names.is_empty());
    for parameter in parameter::all(spec, operation.item, operation.node)? {
        parameter::add(&mut draft, parameter, &plan.places)?;
    }
    undeclared(&mut draft);
    let method = operation.method.to_ascii_uppercase();
    body::add(&mut draft, operation.node, &method)?;
    if let Some(kind) = answer::accept(spec, operation.node) {
        draft.headers.insert("accept".into(), json!(kind));
    }
    if let Some(other) = server.other(operation.item, operation.node, options.source.as_ref())? {
        draft.path = format!("{other}{}", draft.path);
    }
    let effect = match operation.method {
        "get" => "read",
        "delete" => "destroy",
        _ => "write",
    };
    let (scopes, needed) = scopes(plan, &ways);
    let mut tool = head(context, operation, names);
    tool.insert("effect".into(), json!(effect));
    if operation.method == "put" {
        tool.insert("idempotent".into(), json!(true));
    }
    tool.extend(scopes.map(|scopes| ("scopes".to_owned(), scopes)));
    let input = draft.input_schema();
    if input.as_object().is_some_and(|input| !input.is_empty()) {
        tool.insert("input".into(), input);
    }
    tool.insert("request".into(), draft.request(&method));
    Ok(Made {
        tool: Value::Object(tool),
        losses: draft.all_losses(),
        scopes: needed,
        reads: effect == "read",
    })
}

fn needs(ways: &[Requirement]) -> String {
    let way = |way: &Requirement| way.keys().map(String::as_str).collect::<Vec<_>>().join(" with ");
    let ways: Vec<String> = ways.iter().map(way).collect();
    format!("it needs {}, which accounts of this connector do not have", ways.join(" or "))
}

/// The path with its own text escaped.
fn literal_path(path: &str) -> Result<String, String> {
    if !path.starts_with('/') {
        return Err("its path does not start with /".to_owned());
    }
    // A fragment only tells operations with the same address apart; it is never sent.
    let path = path.split('#').next().unwrap_or_default();
    if path.contains('\\') || path.contains("{{") || path.split(['/', '?']).any(|part| part == "..") {
        return Err("its path is none that a request can have".to_owned());
    }
    let escape = |c: char| {
        if c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '^' | '`' | '|') {
            return c.to_string();
        }
        c.to_string().bytes().fold(String::new(), |out, byte| format!("{out}%{byte:02X}"))
    };
    Ok(path.chars().map(escape).collect())
}

/// Makes an input of what the path names and no parameter describes.
fn undeclared(draft: &mut Draft<'_>) {
    let mut from = 0;
    while let Some(start) = draft.path[from..].find('{').map(|at| at + from) {
        let rest = &draft.path[start..];
        let end = rest.find('}').map_or(rest.len(), |at| at + 1);
        if rest.starts_with("{{") {
            from = start + end + 1;
            continue;
        }
        let hole = rest[..end].to_owned();
        let name = hole.trim_matches(['{', '}']).to_owned();
        let input = draft.input(Given {
            name: &name,
            place: "path",
            schema: json!({"type": "string"}),
            required: true,
        });
        draft.path = format!("{}{{{{{input}}}}}{}", &draft.path[..start], &draft.path[start + hole.len()..]);
        from = start + input.len() + 4;
    }
}

/// The name and the words of a tool.
fn head(context: &Context<'_>, operation: Operation<'_>, names: &mut Names) -> Map<String, Value> {
    let words_of =
        |key: &str| text_of(operation.node, key).or_else(|| text_of(operation.item, key)).map(plain);
    let action = operation.action();
    let summary = words_of("summary").filter(|text| text.contains(char::is_alphanumeric));
    let title = summary.clone().unwrap_or_else(|| capitalized(&words(&action)));
    let description = words_of("description").unwrap_or_default();
    let mut text = match summary {
        _ if description.starts_with(title.trim_end_matches('.')) => description,
        Some(_) => format!("{} {description}", sentence(&title)),
        None if description.is_empty() => sentence(&title),
        None => description,
    };
    if is_set(operation.node, "deprecated") {
        text = format!("Deprecated. {text}");
    }
    let mut tool = Map::new();
    tool.insert("name".into(), json!(names.tool(context.slug, &action)));
    tool.insert("title".into(), json!(shorten(title.trim_end_matches('.'), TITLE)));
    tool.insert("description".into(), json!(sentence(&shorten(text.trim(), DESCRIPTION - 1))));
    let page = external_docs(operation.node).or_else(|| context.documentation.map(str::to_owned));
    tool.extend(page.map(|page| ("documentation".to_owned(), json!(page))));
    tool
}

/// `scopes` of the tool, and all that it names. Where one way needs several, that with the fewest counts.
fn scopes(plan: &Plan, ways: &[Requirement]) -> (Option<Value>, Vec<String>) {
    if !matches!(plan.kind, Kind::Oauth2 { .. }) {
        return (None, Vec::new());
    }
    let of = |way: &Requirement| -> Vec<String> {
        let named = way.values().flatten().filter(|scope| is_scope(scope));
        named.fold(Vec::new(), |mut scopes, scope| {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
            scopes
        })
    };
    let sets: Vec<Vec<String>> = ways.iter().map(of).collect();
    let fewest = sets.iter().min_by_key(|scopes| scopes.len()).cloned().unwrap_or_default();
    if fewest.is_empty() {
        return (None, Vec::new());
    }
    if sets.len() > 1 && sets.iter().all(|scopes| scopes.len() == 1) {
        let any: Vec<String> = sets.into_iter().flatten().collect();
        return (Some(json!({ "any_of": any })), any);
    }
    (Some(json!({ "all_of": fewest })), fewest)
}

/// Adds an example to a tool, or says why there is none.
pub(super) fn exemplify(
    tool: &mut Value,
    base: &str,
    account: &BTreeMap<String, String>,
) -> Result<(), String> {
    let typed: Tool = serde_json::from_value(tool.clone()).map_err(|error| error.to_string())?;
    tool["example"] = super::example::example(&typed, base, account)?;
    Ok(())
}
