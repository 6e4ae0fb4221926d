//! From servers and their variables to the base address and fields.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::{Position, Url};

use super::{
    ImportError, ImportOptions, Note,
    names::{snake, words},
    spec::{Spec, list_of, text_of},
    text::{capitalized, plain, sentence, shorten},
};

/// Names of fields that credentials have.
const TAKEN: [&str; 4] = ["token", "username", "password", "access_token"];

/// The address of the API.
#[derive(Default)]
pub(super) struct Server {
    /// `api.base_url`.
    pub(super) base_url: String,
    /// The server as the document has it.
    given: String,
    pub(super) connection_fields: Vec<Value>,
    pub(super) account_fields: Vec<Value>,
    /// Values of the fields, for examples.
    pub(super) samples: BTreeMap<String, String>,
}

impl Server {
    /// The first server of the document that can be called, or the one that `options` name.
    pub(super) fn of(
        spec: Spec<'_>,
        options: &ImportOptions,
        notes: &mut Vec<Note>,
    ) -> Result<Self, ImportError> {
        if let Some(base_url) = &options.base_url {
            let fine = Url::parse(base_url).is_ok_and(|url| url.scheme() == "https" && url.has_host());
            if !fine {
                let reason = "must be an https:// address".to_owned();
                return Err(ImportError::Option { option: "--base-url", reason });
            }
            return Ok(Self { base_url: trimmed(base_url), ..Self::default() });
        }
        let servers = list_of(spec.root, "servers");
        let local = |server: &&Value| {
            let url = text_of(server, "url").unwrap_or_default();
            url.contains("://localhost") || url.contains("://127.0.0.1")
        };
        let chosen = servers.iter().find(|server| !local(server)).or_else(|| servers.first());
        let given = chosen.and_then(|server| text_of(server, "url")).unwrap_or("/");
        if servers.len() > 1 {
            notes.push(Note::definition(
                "servers",
                format!("{given} was taken; name another with --base-url"),
            ));
        }
        let mut server = Self { given: given.to_owned(), ..Self::default() };
        let absolute = server.absolute(given, options.source.as_ref(), notes);
        server.fill(&absolute, chosen.unwrap_or(&Value::Null));
        Ok(server)
    }

    /// The address with its scheme and host.
    fn absolute(&mut self, given: &str, source: Option<&Url>, notes: &mut Vec<Note>) -> String {
        if let Some(rest) = given.strip_prefix("http://") {
            notes.push(Note::definition("servers", format!("{given} is taken by https")));
            return format!("https://{rest}");
        }
        if given.contains("://") {
            return given.to_owned();
        }
        if let Some(rest) = given.strip_prefix("//") {
            return format!("https://{rest}");
        }
        if let Some(source) = source {
            return relative(source, given);
        }
        notes.push(Note::definition(
            "servers",
            "the document names no host, so each connection does; or name one with --base-url",
        ));
        self.connection_fields.push(json!({
            "name": "host", "label": "API host", "hint": "The host name of the API, such as api.example.com.",
            "format": "hostname",
        }));
        self.samples.insert("host".into(), "api.example.com".into());
        format!("https://{{{{host}}}}/{}", given.trim_start_matches('/'))
    }

    /// Puts fields or constants in the place of variables.
    fn fill(&mut self, absolute: &str, server: &Value) {
        let mut out = String::new();
        let mut rest = absolute;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            // A placeholder that is filled already.
            if let Some(after) = after.strip_prefix('{') {
                let (name, after) = after.split_once("}}").unwrap_or((after, ""));
                out.extend(["{{", name, "}}"]);
                rest = after;
                continue;
            }
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let variable = server.get("variables").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
            let filled = self.variable(name, variable, (&out, after));
            out.push_str(&filled);
            rest = after;
        }
        out.push_str(rest);
        let out = out.strip_prefix("http://").map_or_else(|| out.clone(), |rest| format!("https://{rest}"));
        self.base_url = trimmed(&out);
    }

    /// What stands for a variable: a placeholder, or its default where users have nothing to choose.
    fn variable(&mut self, name: &str, variable: &Value, (before, after): (&str, &str)) -> String {
        let default = text_of(variable, "default").unwrap_or_default();
        let choices: Vec<&str> = list_of(variable, "enum").iter().filter_map(Value::as_str).collect();
        let authority = before.split_once("://").map(|(_, rest)| rest);
        let in_host = authority.is_some_and(|host| !host.contains('/'));
        // A value with a slash is no segment, and in a host it would move the rest of the address.
        let slashed = default.contains('/') && choices.is_empty()
            || in_host && choices.iter().any(|one| one.contains('/'));
        let constant = authority.is_none()
            || slashed
            || (in_host && before.ends_with(':'))
            || choices.len() == 1
            || (!in_host && default.is_empty() && choices.is_empty());
        if constant {
            return default.to_owned();
        }
        let key = field_name(name);
        let mut field = Map::new();
        field.insert("name".into(), json!(key));
        field.insert("label".into(), json!(capitalized(&words(&key))));
        let hint = text_of(variable, "description").map(|text| sentence(&shorten(&plain(text), 200)));
        let whole_host = authority == Some("") && !after.starts_with('.');
        let sample = if choices.is_empty() {
            let hint = hint.unwrap_or_else(|| {
                if default.is_empty() {
                    "As in the address of the API.".into()
                } else {
                    format!("Such as {default}.")
                }
            });
            field.insert("hint".into(), json!(hint));
            if !in_host {
                field.insert("default".into(), json!(default));
            }
            field.insert("format".into(), json!(if whole_host { "hostname" } else { "path_segment" }));
            if whole_host { "api.example.com".to_owned() } else { sample_of(default) }
        } else {
            field.extend(hint.map(|hint| ("hint".to_owned(), json!(hint))));
            field.insert("input".into(), json!("select"));
            let default = if choices.contains(&default) { default } else { choices[0] };
            field.insert("default".into(), json!(default));
            let options = choices.iter().map(|value| json!({"value": value, "label": value}));
            field.insert("options".into(), options.collect());
            default.to_owned()
        };
        if !self.samples.contains_key(&key) {
            // The name of a tenant differs from user to user; a region, a version or an own server does not.
            let of_user = in_host && !whole_host && choices.is_empty();
            let fields = if of_user { &mut self.account_fields } else { &mut self.connection_fields };
            fields.push(Value::Object(field));
            self.samples.insert(key.clone(), sample);
        }
        format!("{{{{{key}}}}}")
    }

    /// The host of the base address, where fields are part of it.
    pub(super) fn variable_host(&self) -> Option<&str> {
        let rest = self.base_url.split_once("://")?.1;
        let host = rest.split('/').next()?;
        host.contains("{{").then_some(host)
    }

    /// The base address with the values of examples.
    pub(super) fn sample_base(&self) -> String {
        self.samples.iter().fold(self.base_url.clone(), |base, (name, value)| {
            base.replace(&format!("{{{{{name}}}}}"), value)
        })
    }

    /// The address of an operation that does not use the server of the document; `None` where it does.
    pub(super) fn other(
        &self,
        item: &Value,
        operation: &Value,
        source: Option<&Url>,
    ) -> Result<Option<String>, String> {
        let own = list_of(operation, "servers").first().or_else(|| list_of(item, "servers").first());
        let Some(url) = own.and_then(|server| text_of(server, "url")) else { return Ok(None) };
        if url == self.given {
            return Ok(None);
        }
        let absolute = match source {
            Some(source) if !url.contains("://") => relative(source, url),
            _ => url.replacen("http://", "https://", 1),
        };
        let fine = !absolute.contains('{') && Url::parse(&absolute).is_ok_and(|url| url.scheme() == "https");
        if !fine {
            return Err(format!("its own server {url} is no complete https:// address"));
        }
        let absolute = trimmed(&absolute);
        Ok((absolute != self.base_url).then_some(absolute))
    }
}

/// The address without its query, the port that https has anyway, and slashes at its end.
fn trimmed(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (scheme, rest) = url[..end].split_once("://").unwrap_or(("", &url[..end]));
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.strip_suffix(":443").unwrap_or(host);
    format!("{scheme}://{host}{}", path.trim_end_matches('/'))
}

/// `given` relative to the address of the document. Not by `Url::join`, which escapes variables.
fn relative(source: &Url, given: &str) -> String {
    if given.starts_with('/') {
        return format!("{}{given}", &source[..Position::BeforePath]);
    }
    let folder = source[..Position::AfterPath].rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{}", given.trim_start_matches("./"))
}

fn field_name(name: &str) -> String {
    let key = snake(name);
    let fine = key.starts_with(|c: char| c.is_ascii_alphabetic());
    if fine && !TAKEN.contains(&key.as_str()) && !key.starts_with("api_key") {
        key
    } else {
        format!("server_{key}")
    }
}

fn sample_of(default: &str) -> String {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if !default.is_empty() && default.bytes().all(fine) { default.to_owned() } else { "example".to_owned() }
}
