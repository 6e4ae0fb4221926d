//! From HTML to what a user can read and press.

use std::collections::BTreeMap;

use html5gum::{Token, Tokenizer};

use super::page::{Button, Field, Form, Link};

/// What was found in a document.
#[derive(Default)]
pub(super) struct Document {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) links: Vec<Link>,
    pub(super) forms: Vec<Form>,
    open: Open,
}

/// The elements that the reader is in.
#[derive(Default)]
struct Open {
    form: Option<Form>,
    link: Option<Link>,
    button: Option<Button>,
    select: Option<Field>,
    /// The value attribute of an option, its text so far, whether it is selected.
    option: Option<(Option<String>, String, bool)>,
    textarea: Option<Field>,
    /// The name of an element whose text is not shown, such as `style`.
    hidden: Option<String>,
}

type Attributes = BTreeMap<String, String>;

/// Reads a document.
pub(super) fn read(source: &str) -> Document {
    let mut document = Document::default();
    for token in Tokenizer::new(source) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let attributes =
                    tag.attributes.iter().map(|(name, value)| (text_of(name), text_of(value))).collect();
                document.start(&text_of(&tag.name), &attributes);
            }
            Token::EndTag(tag) => document.end(&text_of(&tag.name)),
            Token::String(text) => document.text(&text_of(&text)),
            _ => {}
        }
    }
    document.end("form");
    document.text = single_blanks(&document.text);
    document.title = single_blanks(&document.title);
    document
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Document {
    fn start(&mut self, name: &str, attributes: &Attributes) {
        let get = |name: &str| attributes.get(name).cloned().unwrap_or_default();
        match name {
            "form" => {
                let method = get("method").to_lowercase();
                self.open.form = Some(Form { method, action: get("action"), ..Form::default() });
            }
            "a" => {
                self.open.link =
                    attributes.get("href").map(|href| Link { href: href.clone(), text: String::new() });
            }
            "button" => {
                let (name, value, action) = (get("name"), get("value"), get("formaction"));
                let submits = !matches!(get("type").as_str(), "button" | "reset");
                self.open.button = submits.then_some(Button { name, value, label: String::new(), action });
            }
            "input" => self.input(attributes),
            "select" => {
                self.open.select =
                    Some(Field { name: get("name"), kind: "select".into(), ..Field::default() });
            }
            "option" => {
                self.end("option");
                let selected = attributes.contains_key("selected");
                self.open.option = Some((attributes.get("value").cloned(), String::new(), selected));
            }
            "textarea" => {
                let field = Field { name: get("name"), kind: "textarea".into(), ..Field::default() };
                self.open.textarea = Some(field);
            }
            "script" | "style" | "template" | "title" => self.open.hidden = Some(name.to_owned()),
            // Block elements and breaks part words.
            _ => self.text.push(' '),
        }
    }

    fn input(&mut self, attributes: &Attributes) {
        let get = |name: &str| attributes.get(name).cloned().unwrap_or_default();
        let kind = attributes.get("type").map_or_else(|| "text".to_owned(), |kind| kind.to_lowercase());
        let Some(form) = &mut self.open.form else { return };
        let (name, value) = (get("name"), get("value"));
        match kind.as_str() {
            "submit" => {
                let (label, action) = (value.clone(), get("formaction"));
                form.buttons.push(Button { name, value, label, action });
            }
            "button" | "reset" | "image" => {}
            "radio" | "checkbox" => {
                let value = attributes.get("value").cloned().unwrap_or_else(|| "on".into());
                let chosen = attributes.contains_key("checked").then(|| value.clone());
                match form.fields.iter_mut().find(|field| field.name == name) {
                    Some(field) => {
                        field.choices.push(value);
                        field.value = chosen.or(field.value.take());
                    }
                    None => form.fields.push(Field { name, kind, value: chosen, choices: vec![value] }),
                }
            }
            _ => form.fields.push(Field { name, kind, value: Some(value), choices: Vec::new() }),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "form" => self.forms.extend(self.open.form.take()),
            "a" => self
                .links
                .extend(self.open.link.take().map(|link| Link { text: single_blanks(&link.text), ..link })),
            "button" => {
                if let (Some(form), Some(button)) = (&mut self.open.form, self.open.button.take()) {
                    form.buttons.push(Button { label: single_blanks(&button.label), ..button });
                }
            }
            "option" => {
                if let (Some(select), Some((value, text, selected))) =
                    (&mut self.open.select, self.open.option.take())
                {
                    let value = value.unwrap_or_else(|| single_blanks(&text));
                    if selected || select.value.is_none() {
                        select.value = Some(value.clone());
                    }
                    select.choices.push(value);
                }
            }
            "select" => {
                self.end("option");
                self.add(|open| open.select.take());
            }
            "textarea" => self.add(|open| open.textarea.take()),
            _ => {}
        }
        if self.open.hidden.as_deref() == Some(name) {
            self.open.hidden = None;
        }
        self.text.push(' ');
    }

    fn add(&mut self, take: impl Fn(&mut Open) -> Option<Field>) {
        if let Some(field) = take(&mut self.open)
            && let Some(form) = &mut self.open.form
        {
            form.fields.push(field);
        }
    }

    fn text(&mut self, text: &str) {
        match self.open.hidden.as_deref() {
            Some("title") => return self.title.push_str(text),
            Some(_) => return,
            None => {}
        }
        if let Some(field) = &mut self.open.textarea {
            field.value.get_or_insert_default().push_str(text);
            return;
        }
        if let Some((_, label, _)) = &mut self.open.option {
            label.push_str(text);
        }
        if let Some(link) = &mut self.open.link {
            link.text.push_str(text);
        }
        if let Some(button) = &mut self.open.button {
            button.label.push_str(text);
        }
        self.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_as_a_user_sees_it() {
        let document = read(
            "<!doctype html><title>T &amp; U</title><style>p{}</style><p>Hello <b>you</b></p><p>there</p>\
             <a href='/x'>a link</a>\
             <form method=POST action=/go><input type=hidden name=h value='&lt;1&gt;'><input name=t>\
             <input type=radio name=r value=a checked><input type=radio name=r value=b>\
             <input type=checkbox name=c><select name=s><option value=1>one<option selected>two</select>\
             <textarea name=long>text</textarea><button name=d value=yes>Say <i>yes</i></button>\
             <button type=button>nothing</button></form>",
        );
        assert_eq!(document.title, "T & U");
        assert!(document.text.starts_with("Hello you there a link"), "{}", document.text);
        assert_eq!(document.links, [Link { href: "/x".into(), text: "a link".into() }]);
        let form = &document.forms[0];
        assert_eq!((form.method.as_str(), form.action.as_str()), ("post", "/go"));
        let value = |name: &str| form.field(name).and_then(|field| field.value.as_deref());
        assert_eq!(value("h"), Some("<1>"));
        assert_eq!((value("t"), value("r"), value("c")), (Some(""), Some("a"), None));
        assert_eq!((value("s"), value("long")), (Some("two"), Some("text")));
        assert_eq!(form.field("r").map(|field| field.choices.len()), Some(2));
        assert_eq!(form.buttons.len(), 1);
        assert_eq!(form.button("say yes").map(|button| button.value.as_str()), Some("yes"));
    }
}
