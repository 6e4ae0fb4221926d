//! The import as a whole.

use serde_json::{Value, json};

use super::{
    ImportError, ImportOptions, Imported, Note, NoteKind, ToolsText, definition,
    names::{self, Names},
    operation::{Context, Made, Operation, exemplify, make},
    security,
    server::Server,
    spec::{METHODS, OTHER_METHODS, Spec},
    write::yaml,
};
use crate::{
    connector::{Connector, parse_yaml},
    tool::parse_tools,
};

/// Makes the files of a connector from a document that [`read`](super::read) has read.
///
/// # Errors
/// Where it is no document of `OpenAPI` 3, where an option does not fit it, or where nothing of it can be imported.
pub fn import(document: &Value, options: &ImportOptions) -> Result<Imported, ImportError> {
    let spec = Spec::new(document)?;
    let mut notes = Vec::new();
    let slug = slug(spec, options)?;
    let server = Server::of(spec, options, &mut notes)?;
    let plan = security::choose(spec, &server.base_url, options.security.as_deref(), &mut notes)?;
    let documentation = definition::documentation(spec, options.source.as_ref());
    let context = Context {
        spec,
        server: &server,
        plan: &plan,
        options,
        slug: &slug,
        documentation: documentation.as_deref(),
    };
    let all = operations(spec, &mut notes);
    let made = tools(&context, &all, &mut notes);
    let parts: Vec<&Made> = made.iter().map(|(_, made)| made).collect();
    let text = |made: &[&Made]| {
        let value = definition::definition(spec, &slug, (&server, &plan), documentation.as_deref(), made);
        yaml(&definition::heading(spec), &value)
    };
    let connector = parse_yaml("connector.yaml", &text(&parts)?).map_err(ImportError::Definition)?;
    let checked = check(&context, &connector, made, &mut notes)?;
    if checked.is_empty() {
        return Err(ImportError::Nothing(notes));
    }
    let kept: Vec<&Made> = checked.iter().map(|(_, made)| made).collect();
    let definition = text(&kept)?;
    Ok(Imported { definition, tools: files(spec, &slug, &checked)?, slug, notes, operations: all.len() })
}

fn slug(spec: Spec<'_>, options: &ImportOptions) -> Result<String, ImportError> {
    let slug = match &options.slug {
        Some(slug) => slug.clone(),
        None => names::slug(spec.info("title").unwrap_or_default()),
    };
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    let fine = slug.starts_with(|c: char| c.is_ascii_alphanumeric()) && slug.bytes().all(word);
    if fine && slug.len() <= names::SLUG {
        return Ok(slug);
    }
    let reason = format!("must be given: up to {} lower-case letters, digits, _ and -", names::SLUG);
    Err(ImportError::Option { option: "--slug", reason })
}

/// The operations of the document.
fn operations<'a>(spec: Spec<'a>, notes: &mut Vec<Note>) -> Vec<Operation<'a>> {
    let mut found = Vec::new();
    for (path, item) in spec.paths() {
        let item = match spec.resolve(item) {
            Ok(item) => item,
            Err(reason) => {
                notes.push(Note::new(NoteKind::Skipped, path, format!("the path {reason}")));
                continue;
            }
        };
        for method in METHODS.into_iter().chain(OTHER_METHODS) {
            found.extend(item.get(method).map(|node| Operation { method, path, item, node }));
        }
    }
    found
}

/// The tools of the operations that are wanted, each with its operation.
fn tools<'a>(
    context: &Context<'a>,
    all: &[Operation<'a>],
    notes: &mut Vec<Note>,
) -> Vec<(Operation<'a>, Made)> {
    let ImportOptions { tags, max, .. } = context.options;
    let wanted = |operation: &&Operation<'_>| {
        tags.is_empty()
            || operation.tags().any(|tag| tags.iter().any(|wanted| wanted.eq_ignore_ascii_case(tag)))
    };
    let wanted: Vec<&Operation<'a>> = all.iter().filter(wanted).collect();
    let untagged = all.len() - wanted.len();
    if untagged > 0 {
        let reason = format!("{untagged} operations have none of the tags of --tags");
        notes.push(Note::new(NoteKind::Skipped, "paths", reason));
    }
    let mut names = Names::default();
    let mut made = Vec::new();
    for (index, operation) in wanted.iter().enumerate() {
        if max.is_some_and(|max| made.len() >= max) {
            let rest = wanted.len() - index;
            notes.push(Note::new(
                NoteKind::Skipped,
                "paths",
                format!("{rest} operations are more than --max"),
            ));
            break;
        }
        match make(context, **operation, &mut names) {
            Ok(tool) => made.push((**operation, tool)),
            Err(reason) => notes.push(Note::new(NoteKind::Skipped, operation.place(), reason)),
        }
    }
    made
}

/// The tools that the format accepts, with their examples.
fn check<'a>(
    context: &Context<'a>,
    connector: &Connector,
    made: Vec<(Operation<'a>, Made)>,
    notes: &mut Vec<Note>,
) -> Result<Vec<(Operation<'a>, Made)>, ImportError> {
    let base = context.server.sample_base();
    let mut kept = Vec::with_capacity(made.len());
    for (operation, mut one) in made {
        let place = operation.place();
        let text = yaml("one tool", &json!({"tools": [one.tool]}))?;
        if let Err(errors) = parse_tools("tools.yaml", &text, connector) {
            let reasons: Vec<String> =
                errors.iter().map(|error| format!("{} {}", error.path, error.reason)).collect();
            notes.push(Note::new(NoteKind::Skipped, place, reasons.join("; ")));
            continue;
        }
        let losses = one.losses.iter().map(|loss| Note::new(NoteKind::Reduced, place.clone(), loss.as_str()));
        notes.extend(losses);
        if let Err(reason) = exemplify(&mut one.tool, &base, &context.server.samples) {
            let reason = format!("it has no example: {reason}");
            notes.push(Note::new(NoteKind::Reduced, place, reason));
        }
        kept.push((operation, one));
    }
    Ok(kept)
}

/// A file for each subject, in the order of the document; operations without one are in a file named after the slug.
fn files(spec: Spec<'_>, slug: &str, made: &[(Operation<'_>, Made)]) -> Result<Vec<ToolsText>, ImportError> {
    let mut groups: Vec<(String, Vec<&Value>)> = Vec::new();
    for (operation, made) in made {
        let subject = operation.subject();
        let name: String = subject.unwrap_or_else(|| slug.to_owned()).chars().take(64).collect();
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, tools)) => tools.push(&made.tool),
            None => groups.push((name, vec![&made.tool])),
        }
    }
    let heading = definition::heading(spec);
    let each = groups.into_iter().map(|(name, tools)| {
        let text = yaml(&heading, &json!({ "tools": tools }))?;
        Ok(ToolsText { name, text, tools: tools.len() })
    });
    each.collect()
}
