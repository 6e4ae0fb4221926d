//! Texts with `{{name}}` placeholders. A name is a field; there is no expression, no call, no nesting.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text with placeholders.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Template(String);

/// A placeholder without a value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no value for \"{0}\", which the connector needs here")]
pub struct MissingField(pub String);

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

impl Template {
    /// A template from its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text with its placeholders.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        parts(&self.0)
    }

    /// The names of the placeholders, in order, with repetitions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        names_in(&self.0)
    }

    /// The template with `value` in each place of `name`; the other placeholders stay.
    #[must_use]
    pub fn fill(&self, name: &str, value: &str) -> Self {
        let text = self.parts().fold(String::with_capacity(self.0.len()), |out, part| match part {
            Part::Text(text) => out + text,
            Part::Name(found) if found == name => out + value,
            Part::Name(other) => out + "{{" + other + "}}",
        });
        Self(text)
    }

    /// For a URL: its host with port, as it stands there; empty where the text is no absolute URL.
    pub fn host_part(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]
    }

    /// Whether each `{{` has its `}}`.
    pub fn is_well_formed(&self) -> bool {
        self.parts().all(|part| !matches!(part, Part::Text(text) if text.contains("{{")))
    }

    /// The text with each placeholder replaced by its value, which need not be text. Otherwise like
    /// [`render`](Self::render).
    pub fn render_bytes<'v>(
        &self,
        value: impl Fn(&str) -> Option<&'v [u8]>,
    ) -> Result<Vec<u8>, MissingField> {
        self.parts().try_fold(Vec::with_capacity(self.0.len()), |mut out, part| {
            out.extend_from_slice(match part {
                Part::Text(text) => text.as_bytes(),
                Part::Name(name) => value(name).ok_or_else(|| MissingField(name.to_owned()))?,
            });
            Ok(out)
        })
    }

    /// The text with each placeholder replaced by its value. Values are inserted once and are not themselves read
    /// for placeholders.
    pub fn render<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, MissingField> {
        self.parts().try_fold(String::with_capacity(self.0.len()), |mut out, part| {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Name(name) => {
                    out.push_str(value(name).ok_or_else(|| MissingField(name.to_owned()))?);
                }
            }
            Ok(out)
        })
    }
}

/// The names of the placeholders in `text`, in order, with repetitions.
pub(super) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    parts(text).filter_map(|part| match part {
        Part::Name(name) => Some(name),
        Part::Text(_) => None,
    })
}

fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(inner) = rest.strip_prefix("{{")
            && let Some((name, after)) = inner.split_once("}}")
        {
            rest = after;
            return Some(Part::Name(name.trim()));
        }
        let start = usize::from(rest.starts_with("{{")) * 2;
        let end = rest[start..].find("{{").map_or(rest.len(), |at| at + start);
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Part::Text(text))
    })
}

impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn placeholders_are_replaced_and_named() {
        let template = Template::new("https://{{domain}}/api/{{ version }}/x");
        assert_eq!(template.names().collect::<Vec<_>>(), ["domain", "version"]);
        let rendered = template.render(|name| Some(if name == "domain" { "a.example" } else { "2" }));
        assert_eq!(rendered.as_deref(), Ok("https://a.example/api/2/x"));
    }

    #[test]
    fn one_placeholder_is_filled_and_the_others_stay() {
        let filled = Template::new("https://{{host}}/{{ token }}?a={{token}}").fill("token", "t");
        assert_eq!(filled.as_str(), "https://{{host}}/t?a=t");
    }

    #[test]
    fn a_missing_value_is_named() {
        let missing = Template::new("{{tenant}}").render(|_| None);
        assert_eq!(missing, Err(MissingField("tenant".into())));
    }

    proptest! {
        #[test]
        fn a_value_is_never_read_for_placeholders(value in "\\PC{0,20}") {
            let rendered = Template::new("a{{x}}b").render(|_| Some(value.as_str()));
            prop_assert_eq!(rendered, Ok(format!("a{value}b")));
        }

        #[test]
        fn text_without_placeholders_is_kept(text in "[^{]{0,30}") {
            prop_assert_eq!(Template::new(text.clone()).render(|_| None), Ok(text));
        }
    }
}
