//! An open page.

use http::HeaderMap;
use url::Url;

/// An open page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its address, after redirects.
    pub url: Url,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub source: String,
    /// The title.
    pub title: String,
    /// The text that a reader sees, with single blanks.
    pub text: String,
    /// Links, in order.
    pub links: Vec<Link>,
    /// Forms, in order.
    pub forms: Vec<Form>,
}

/// A link.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Link {
    /// Where it leads, as written.
    pub href: String,
    /// Its text.
    pub text: String,
}

/// A form.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Form {
    /// `get` or `post`.
    pub method: String,
    /// Where it goes, as written; empty is the page itself.
    pub action: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// Its buttons, in order.
    pub buttons: Vec<Button>,
}

/// A field of a form. Radio buttons and checkboxes of one name are one field with choices.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The kind: the `type` of an input, `select` or `textarea`.
    pub kind: String,
    /// The value that is sent; absent for an unchecked choice.
    pub value: Option<String>,
    /// What can be chosen; empty for free text.
    pub choices: Vec<String>,
}

/// A button that submits.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Button {
    /// Its name; empty where it sends nothing.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Its label.
    pub label: String,
    /// Where it goes instead of the action of the form; empty where it does not.
    pub action: String,
}

impl Form {
    /// The button with this label or value, without regard to case and surrounding words of the label.
    pub fn button(&self, wanted: &str) -> Option<&Button> {
        let wanted = wanted.to_lowercase();
        let exact = self.buttons.iter().find(|button| {
            button.label.to_lowercase() == wanted
                || (!wanted.is_empty() && button.value.to_lowercase() == wanted)
        });
        exact.or_else(|| self.buttons.iter().find(|button| button.label.to_lowercase().contains(&wanted)))
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
