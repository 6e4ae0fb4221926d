//! Where settings come from: layers of text, each of which overrides the ones before.

use std::{collections::BTreeMap, fmt, path::Path};

use toml::{Spanned, de::DeTable, de::DeValue};

use super::{section::Description, value::Raw};

/// The start of the name of every variable that is a setting.
pub const PREFIX: &str = "VALETKEY_";

/// Variables that start like settings and are none: the path of the file itself, and what `dev` and the tests tell
/// the programs that talk to a server.
const NOT_SETTINGS: &[&str] = &["VALETKEY_CONFIG", "VALETKEY_PLAIN_URL", "VALETKEY_TEST_"];

/// Who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: the default of the declaration.
    Default,
    /// The command that runs, such as `dev`, or one of its flags.
    Command(&'static str),
    /// The configuration file.
    File {
        /// Its path, as given.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::Command(command) => out.write_str(command),
            Self::File { path, line } => write!(out, "{path}:{line}"),
            Self::Variable(name) => out.write_str(name),
        }
    }
}

/// All layers, with what is wrong in them.
pub struct Source {
    known: &'static [Description],
    entries: BTreeMap<(&'static str, &'static str), (Raw, Origin)>,
    problems: Vec<String>,
}

impl Source {
    /// No layer yet, of a configuration that consists of `known`.
    pub fn new(known: &'static [Description]) -> Self {
        Self { known, entries: BTreeMap::new(), problems: Vec::new() }
    }

    /// A value that a command sets.
    pub fn command(&mut self, command: &'static str, section: &str, key: &str, value: impl Into<String>) {
        self.put(section, key, Raw::Text(value.into()), Origin::Command(command));
    }

    /// A layer from the text of a TOML file.
    pub fn file(&mut self, path: &Path, text: &str) {
        let path = path.display().to_string();
        let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        let tables = match DeTable::parse(text) {
            Ok(tables) => tables.into_inner(),
            Err(error) => {
                let at = error.span().map_or(1, |span| line(span.start));
                return self.problems.push(format!("{path}:{at} is not TOML: {}", error.message()));
            }
        };
        for (section, value) in tables {
            let at = Origin::File { path: path.clone(), line: line(section.span().start) };
            let DeValue::Table(settings) = value.into_inner() else {
                self.problems.push(format!(
                    "{at}: \"{}\" is outside of a section; put it under [server] or another section",
                    section.get_ref()
                ));
                continue;
            };
            if settings.is_empty() {
                self.known_section(section.get_ref(), &at);
            }
            for (key, value) in settings {
                let origin = Origin::File { path: path.clone(), line: line(key.span().start) };
                match raw(value) {
                    Some(raw) => self.put(section.get_ref(), key.get_ref(), raw, origin),
                    None => self.problems.push(format!(
                        "{origin}: {}.{} must be a text, a number, true or false, or a list of them",
                        section.get_ref(),
                        key.get_ref()
                    )),
                }
            }
        }
    }

    /// A layer from environment variables. Those without the prefix are not ours; empty ones count as not set.
    pub fn variables(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in variables {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            if value.is_empty() || NOT_SETTINGS.iter().any(|known| name.starts_with(known)) {
                continue;
            }
            let lower = rest.to_ascii_lowercase();
            let (section, key) = lower.split_once('_').unwrap_or((&lower, ""));
            self.put(section, key, Raw::Text(value), Origin::Variable(name.clone()));
        }
    }

    /// What is set, and by whom.
    pub fn get(&self, section: &'static str, key: &'static str) -> Option<&(Raw, Origin)> {
        self.entries.get(&(section, key))
    }

    /// Who set it; [`Origin::Default`] where nobody did.
    pub fn origin(&self, section: &'static str, key: &'static str) -> Origin {
        self.get(section, key).map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    /// What is wrong in the layers, one sentence each; empties the list.
    pub fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    fn put(&mut self, section: &str, key: &str, raw: Raw, origin: Origin) {
        let found = self.known.iter().find(|known| known.name == section).and_then(|known| {
            let field = known.fields.iter().find(|field| field.name == key)?;
            Some((known.name, field.name))
        });
        match found {
            Some(name) => {
                self.entries.insert(name, (raw, origin));
            }
            None => self.unknown(section, key, &origin),
        }
    }

    fn known_section(&mut self, section: &str, origin: &Origin) {
        if !self.known.iter().any(|known| known.name == section) {
            let names: Vec<&str> = self.known.iter().map(|known| known.name).collect();
            self.problems
                .push(format!("{origin}: [{section}] is not a section; there are {}", names.join(", ")));
        }
    }

    fn unknown(&mut self, section: &str, key: &str, origin: &Origin) {
        let written = format!("{section}.{key}");
        let names =
            self.known.iter().flat_map(|known| known.fields.iter().map(|field| (known.name, field.name)));
        let near = names
            .map(|(section, key)| (strsim::jaro_winkler(&written, &format!("{section}.{key}")), section, key))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let hint = match (near, origin) {
            (Some((score, section, key)), Origin::Variable(_)) if score > 0.7 => {
                format!("did you mean {}?", variable(section, key))
            }
            (Some((score, section, key)), _) if score > 0.7 => format!("did you mean \"{section}.{key}\"?"),
            _ => "valetkey.default.toml lists the settings".to_owned(),
        };
        self.problems.push(match origin {
            Origin::Variable(name) => format!("{name} is not a setting; {hint}"),
            _ => format!("{origin}: \"{written}\" is not a setting; {hint}"),
        });
    }
}

/// The variable that sets `section.key`.
pub fn variable(section: &str, key: &str) -> String {
    format!("{PREFIX}{}_{}", section.to_ascii_uppercase(), key.to_ascii_uppercase())
}

fn raw(value: Spanned<DeValue<'_>>) -> Option<Raw> {
    match value.into_inner() {
        DeValue::Array(items) => {
            items.into_iter().map(|item| scalar(item.into_inner())).collect::<Option<_>>().map(Raw::List)
        }
        other => scalar(other).map(Raw::Text),
    }
}

fn scalar(value: DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.into_owned()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    }
}
