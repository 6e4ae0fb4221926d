//! JSON and XML with places for values, each of which stays the text that it is.

use std::collections::BTreeMap;

use serde_json::Value;
use valetkey_core::{
    Secret,
    connector::{MissingField, Template},
};

/// Makes a text of a template.
pub(crate) type Render<'a> = dyn Fn(&Template) -> Result<Secret, MissingField> + 'a;

/// Why values cannot be put into a document. Never contains a value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error(transparent)]
    Missing(#[from] MissingField),
    #[error("the value of \"{0}\" has a control character, which XML must not have")]
    Character(String),
}

/// `value` with its texts rendered.
pub(crate) fn filled(value: &Value, render: &Render<'_>) -> Result<Value, MissingField> {
    Ok(match value {
        Value::String(template) => {
            Value::String(render(&Template::new(template.as_str()))?.expose().to_owned())
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| filled(item, render)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| Ok((name.clone(), filled(value, render)?)));
            Value::Object(members.collect::<Result<_, MissingField>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}

/// XML with its values escaped.
pub(crate) fn xml(template: &Template, render: &Render<'_>) -> Result<Secret, DocumentError> {
    let mut escaped: BTreeMap<&str, Secret> = BTreeMap::new();
    for name in template.names() {
        let value = render(&Template::new(format!("{{{{{name}}}}}")))?;
        let value = in_xml(value.expose()).ok_or_else(|| DocumentError::Character(name.to_owned()))?;
        escaped.insert(name, value);
    }
    Ok(template.render(|name| escaped.get(name).map(Secret::expose))?.into())
}

/// `text` as the content of an element or an attribute (XML 1.0 §2.4); `None` for what is no character there (§2.2).
pub(crate) fn in_xml(text: &str) -> Option<Secret> {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Readers change these where they stand plainly (§2.11, §3.3.3).
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => return None,
            _ => out.push(character),
        }
    }
    Some(out.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn t77_a_value_in_xml_stays_the_text_that_it_is(value in "[\\PC\\t\\n\\r<>&\"']{0,40}") {
            let render = |_: &Template| Ok(value.as_str().into());
            let text = xml(&Template::new("<a b='{{v}}'><c>{{v}}</c></a>"), &render).unwrap();
            let document = roxmltree::Document::parse(text.expose()).unwrap();
            let root = document.root_element();
            prop_assert_eq!(root.attribute("b"), Some(value.as_str()));
            prop_assert_eq!(root.children().count(), 1);
            let inner = root.first_element_child().unwrap();
            prop_assert_eq!(inner.text().unwrap_or_default(), value.as_str());
            prop_assert_eq!(inner.children().filter(roxmltree::Node::is_element).count(), 0);
        }

        #[test]
        fn t77_a_value_in_json_stays_the_text_that_it_is(value in "[\\PC\"\\\\{}]{0,40}") {
            let render = |_: &Template| Ok(value.as_str().into());
            let text = filled(&json!({ "variables": { "a": "{{v}}" } }), &render).unwrap().to_string();
            let read: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read, json!({ "variables": { "a": value } }));
        }
    }

    #[test]
    fn t77_what_is_no_character_of_xml_is_refused_by_the_name_of_its_value() {
        let refused = xml(&Template::new("<a>{{password}}</a>"), &|_| Ok("pass\0word".into())).unwrap_err();
        assert_eq!(refused, DocumentError::Character("password".into()));
    }
}
