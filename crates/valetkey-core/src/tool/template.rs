//! JSON with places for input values.
//!
//! A text that is exactly `{{name}}` stands for the value of that input, with its type; a text with placeholders in it
//! is filled as text. A dotted name goes into objects. An input that is absent or null leaves its member or item out, and
//! with them an object or list that had nothing else. An object whose only key starts with `$` is one of the forms of
//! [`form`]. There are no expressions beyond them.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::mail;

/// JSON with places for input values.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ValueTemplate(Value);

/// Why an input cannot be put into a request.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RenderError {
    /// A placeholder has no value where one is needed.
    #[error("no value for \"{0}\", which the request needs")]
    Missing(String),
    /// A value does not fit its place.
    #[error("the value of \"{name}\" {reason}")]
    Value {
        /// The input, or what is made of several.
        name: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// The forms, each the only key of an object.
pub(super) mod form {
    /// `{in: list, give: template}`: the template for each item, which it sees as `item`.
    pub(in crate::tool) const EACH: &str = "$each";
    /// `{items: list, with: text}`: the items as one text.
    pub(in crate::tool) const JOIN: &str = "$join";
    /// A list: the first template that has a value.
    pub(in crate::tool) const FIRST: &str = "$first";
    /// A list of objects: one object with the members of all, later ones before earlier ones.
    pub(in crate::tool) const MERGE: &str = "$merge";
    /// A list of lists: one list.
    pub(in crate::tool) const CONCAT: &str = "$concat";
    /// `{by: template, of: {value: template}}`: the template of the value.
    pub(in crate::tool) const CHOOSE: &str = "$choose";
    /// A value as JSON text.
    pub(in crate::tool) const JSON: &str = "$json";
    /// A text in base64 (RFC 4648 §4).
    pub(in crate::tool) const BASE64: &str = "$base64";
    /// A text in base64url without padding (RFC 4648 §5).
    pub(in crate::tool) const BASE64URL: &str = "$base64url";
    /// An e-mail message (RFC 5322) as text.
    pub(in crate::tool) const MAIL: &str = "$mail";

    pub(in crate::tool) const ALL: [&str; 10] =
        [EACH, JOIN, FIRST, MERGE, CONCAT, CHOOSE, JSON, BASE64, BASE64URL, MAIL];
}

/// The form that an object is, and what it is given.
pub(super) fn form_of(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, given) = map.iter().next().filter(|_| map.len() == 1)?;
    key.starts_with('$').then_some((key.as_str(), given))
}

/// What placeholders mean.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) input: &'a Map<String, Value>,
    /// Fields of the account, which placeholders name as `account.domain`.
    pub(super) account: &'a BTreeMap<String, String>,
    pub(super) item: Option<&'a Value>,
}

impl<'a> Scope<'a> {
    pub(super) const fn of(input: &'a Map<String, Value>, account: &'a BTreeMap<String, String>) -> Self {
        Self { input, account, item: None }
    }

    /// The value of a name, which is absent where it is null.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'a, Value>> {
        if let Some(field) = name.strip_prefix("account.") {
            return self.account.get(field).map(|value| Cow::Owned(Value::String(value.clone())));
        }
        let mut names = name.split('.');
        let first = names.next()?;
        let root = match self.item {
            Some(item) if first == "item" => item,
            _ => self.input.get(first)?,
        };
        let found = names.try_fold(root, |value, name| value.get(name))?;
        (!found.is_null()).then_some(Cow::Borrowed(found))
    }
}

/// A value as it stands in a text, a path or a query.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl ValueTemplate {
    /// The template as it was written.
    pub const fn source(&self) -> &Value {
        &self.0
    }

    /// The value for an input; `None` where all of it is left out.
    pub(super) fn render(&self, scope: Scope<'_>) -> Result<Option<Value>, RenderError> {
        render(&self.0, scope)
    }
}

impl fmt::Display for ValueTemplate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

type Rendered = Result<Option<Value>, RenderError>;

fn render(template: &Value, scope: Scope<'_>) -> Rendered {
    match template {
        Value::String(text) => Ok(text_value(text, scope)),
        Value::Array(items) => list(items, scope),
        Value::Object(map) => match form_of(map) {
            Some((form, given)) => render_form(form, given, scope),
            None => object(map, scope),
        },
        other => Ok(Some(other.clone())),
    }
}

/// A part of a text.
pub(super) enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// The value of a name.
    Name(&'a str),
}

/// The parts of a text, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        if !before.is_empty() {
            found.push(Piece::Text(before));
        }
        found.push(Piece::Name(name.trim()));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

fn text_value(text: &str, scope: Scope<'_>) -> Option<Value> {
    let pieces = pieces(text);
    if let [Piece::Name(name)] = pieces[..] {
        return scope.value(name).map(Cow::into_owned);
    }
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Name(name) => out.push_str(&as_text(&*scope.value(name)?)),
        }
    }
    Some(Value::String(out))
}

fn list(items: &[Value], scope: Scope<'_>) -> Rendered {
    let rendered: Vec<Value> =
        items.iter().filter_map(|item| render(item, scope).transpose()).collect::<Result<_, _>>()?;
    Ok((!rendered.is_empty() || items.is_empty()).then_some(Value::Array(rendered)))
}

fn object(map: &Map<String, Value>, scope: Scope<'_>) -> Rendered {
    let mut rendered = Map::new();
    for (key, template) in map {
        if let Some(value) = render(template, scope)? {
            rendered.insert(key.clone(), value);
        }
    }
    Ok((!rendered.is_empty() || map.is_empty()).then_some(Value::Object(rendered)))
}

fn render_form(form: &str, given: &Value, scope: Scope<'_>) -> Rendered {
    let part = |name: &str| given.get(name).unwrap_or(&Value::Null);
    let several = || given.as_array().into_iter().flatten().map(|item| render(item, scope));
    match form {
        form::EACH => each(part("in"), part("give"), scope),
        form::JOIN => {
            let Some(items) = render(part("items"), scope)? else { return Ok(None) };
            let items: Vec<String> = items
                .as_array()
                .map_or_else(|| vec![as_text(&items)], |items| items.iter().map(as_text).collect());
            let with = part("with").as_str().unwrap_or(",");
            Ok((!items.is_empty()).then(|| Value::String(items.join(with))))
        }
        form::FIRST => several().find_map(Result::transpose).transpose(),
        form::MERGE => {
            let mut merged = Map::new();
            for object in several() {
                if let Some(Value::Object(object)) = object? {
                    merged.extend(object);
                }
            }
            Ok((!merged.is_empty()).then_some(Value::Object(merged)))
        }
        form::CONCAT => {
            let mut all = Vec::new();
            for list in several() {
                if let Some(Value::Array(list)) = list? {
                    all.extend(list);
                }
            }
            Ok((!all.is_empty()).then_some(Value::Array(all)))
        }
        form::CHOOSE => {
            let Some(by) = render(part("by"), scope)? else { return Ok(None) };
            part("of").get(as_text(&by)).map_or(Ok(None), |chosen| render(chosen, scope))
        }
        form::JSON => text_of(given, scope, |value| Ok(value.to_string())),
        form::BASE64 => text_of(given, scope, |value| Ok(STANDARD.encode(as_text(&value)))),
        form::BASE64URL => text_of(given, scope, |value| Ok(URL_SAFE_NO_PAD.encode(as_text(&value)))),
        form::MAIL => text_of(given, scope, |value| mail::message(&value)),
        _ => Err(RenderError::Value { name: form.to_owned(), reason: "is not a form" }),
    }
}

fn text_of(
    given: &Value,
    scope: Scope<'_>,
    make: impl FnOnce(Value) -> Result<String, RenderError>,
) -> Rendered {
    render(given, scope)?.map(|value| make(value).map(Value::String)).transpose()
}

fn each(list: &Value, give: &Value, scope: Scope<'_>) -> Rendered {
    let Some(list) = render(list, scope)? else { return Ok(None) };
    let items = match list {
        Value::Array(items) => items,
        one => vec![one],
    };
    let mut out = Vec::with_capacity(items.len());
    for item in &items {
        if let Some(value) = render(give, Scope { item: Some(item), ..scope })? {
            out.push(value);
        }
    }
    Ok(Some(Value::Array(out)))
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::needless_pass_by_value,
        reason = "a failed unwrap is a failed test, and JSON reads best as an argument"
    )]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rendered(template: Value, input: Value) -> Option<Value> {
        let input = input.as_object().cloned().unwrap();
        ValueTemplate(template).render(Scope::of(&input, &BTreeMap::new())).unwrap()
    }

    #[test]
    fn a_lone_placeholder_keeps_the_type_and_an_absent_one_leaves_its_member_out() {
        let template =
            json!({"max": "{{max}}", "q": "{{q}}", "label": "re: {{q}}", "deep": {"only": "{{none}}"}});
        assert_eq!(rendered(template.clone(), json!({"max": 5})), Some(json!({"max": 5})));
        let all = rendered(template, json!({"max": 5, "q": "x", "none": null}));
        assert_eq!(all, Some(json!({"max": 5, "q": "x", "label": "re: x"})));
    }

    #[test]
    fn a_dotted_name_goes_into_objects() {
        assert_eq!(rendered(json!("{{start.date}}"), json!({"start": {"date": "d"}})), Some(json!("d")));
        assert_eq!(rendered(json!("{{start.date}}"), json!({"start": 1})), None);
    }

    #[test]
    fn lists_are_mapped_and_joined() {
        let input = json!({"people": [{"mail": "a", "n": 1}, {"mail": "b"}]});
        let each =
            json!({"$each": {"in": "{{people}}", "give": {"email": "{{item.mail}}", "n": "{{item.n}}"}}});
        assert_eq!(
            rendered(each.clone(), input.clone()),
            Some(json!([{"email": "a", "n": 1}, {"email": "b"}]))
        );
        let mails = json!({"$each": {"in": "{{people}}", "give": "{{item.mail}}"}});
        let join = json!({"$join": {"items": mails, "with": ", "}});
        assert_eq!(rendered(join, input), Some(json!("a, b")));
        assert_eq!(rendered(each, json!({})), None);
    }

    #[test]
    fn forms_choose_merge_and_encode() {
        let first = json!({"$first": ["{{a}}", "{{b}}", "c"]});
        assert_eq!(rendered(first.clone(), json!({"b": 2})), Some(json!(2)));
        assert_eq!(rendered(first, json!({})), Some(json!("c")));
        let merge = json!({"$merge": [{"a": "{{a}}", "b": 1}, "{{more}}"]});
        assert_eq!(rendered(merge, json!({"a": 0, "more": {"b": 2}})), Some(json!({"a": 0, "b": 2})));
        let choose = json!({"$choose": {"by": "{{html}}", "of": {"true": "HTML", "false": "Text"}}});
        assert_eq!(rendered(choose, json!({"html": true})), Some(json!("HTML")));
        let nested = json!({"$base64url": {"$json": {"a": "{{a}}"}}});
        assert_eq!(rendered(nested, json!({"a": "?"})), Some(json!("eyJhIjoiPyJ9")));
    }

    proptest! {
        #[test]
        fn a_value_is_never_read_for_placeholders(text in "\\PC{0,20}") {
            let found = rendered(json!({"a": "{{x}}", "b": "-{{x}}-"}), json!({"x": text, "y": "secret"}));
            prop_assert_eq!(found, Some(json!({"a": text, "b": format!("-{text}-")})));
        }
    }
}
