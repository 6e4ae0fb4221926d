//! Inputs of the form.

use std::collections::BTreeMap;

use valetkey_core::Secret;
use valetkey_core::connector::{Field, FieldFormat, InputType, InvalidField};

use crate::hosted::port::Fields;

/// What a person has entered before, and what was wrong with it.
#[derive(Clone, Default, Debug)]
pub struct Entered<'a> {
    /// The values, where the form was sent.
    pub fields: Option<&'a Fields>,
    /// The fields that were not as they must be.
    pub invalid: Vec<InvalidField>,
    /// Whether the provider did not accept the credential.
    pub credential_refused: bool,
}

/// One input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldView {
    /// The id of the input element.
    pub id: String,
    /// Its name in the form.
    pub name: String,
    /// The label.
    pub label: String,
    /// Where to find the value.
    pub hint: Option<String>,
    /// What is wrong with the value.
    pub error: Option<String>,
    /// How it is entered.
    pub control: Control,
    /// Whether it must be given.
    pub required: bool,
    /// The value that is shown; never a secret.
    pub value: String,
    /// A fixed end that is completed, such as `.freshdesk.com`.
    pub suffix: Option<String>,
}

/// How a value is entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Control {
    /// One line: the `type` and the `autocomplete` of the input.
    Line(&'static str, &'static str),
    /// Several lines. Not shown again: it may be a key file.
    Lines,
    /// A choice.
    Choice(Vec<Choice>),
}

/// One choice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl FieldView {
    /// The input of `field`. `values` are those of an earlier authorization.
    pub fn new(field: &Field, values: &BTreeMap<String, String>, entered: &Entered<'_>) -> Self {
        let value = shown(field, values, entered);
        Self {
            id: format!("field-{}", field.name),
            name: field.name.clone(),
            label: field.label.clone(),
            hint: field.hint.clone(),
            error: entered.invalid.iter().find(|bad| bad.field == field.name).map(|bad| bad.reason.clone()),
            control: control(field, &value),
            required: field.required && field.default.is_none(),
            suffix: field.host_suffix.clone(),
            value,
        }
    }

    /// The ids of the elements that describe the input, for `aria-describedby`.
    pub fn described_by(&self) -> Option<String> {
        let parts = [
            ("error", self.error.is_some()),
            ("hint", self.hint.is_some()),
            ("suffix", self.suffix.is_some()),
        ];
        let ids: Vec<_> =
            parts.iter().filter(|(_, shown)| *shown).map(|(part, _)| format!("{}-{part}", self.id)).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

fn shown(field: &Field, values: &BTreeMap<String, String>, entered: &Entered<'_>) -> String {
    match field.input {
        InputType::Password | InputType::Textarea => String::new(),
        InputType::Text | InputType::Select => {
            let now = entered.fields.and_then(|fields| fields.get(&field.name)).map(Secret::expose);
            let before = || values.get(&field.name).map(String::as_str);
            let value = now.or_else(before).or(field.default.as_deref()).unwrap_or_default();
            // The suffix stands beside the input.
            let suffix = field.host_suffix.as_deref().unwrap_or_default();
            value.strip_suffix(suffix).unwrap_or(value).to_owned()
        }
    }
}

fn control(field: &Field, value: &str) -> Control {
    match (field.input, field.format) {
        (InputType::Password, _) => Control::Line("password", "off"),
        (InputType::Textarea, _) => Control::Lines,
        (InputType::Select, _) => Control::Choice(
            field
                .options
                .iter()
                .map(|option| Choice {
                    value: option.value.clone(),
                    label: option.label.clone(),
                    chosen: option.value == value,
                })
                .collect(),
        ),
        (InputType::Text, FieldFormat::Email) => Control::Line("email", "email"),
        (InputType::Text, FieldFormat::Text | FieldFormat::Hostname | FieldFormat::PathSegment) => {
            Control::Line("text", "off")
        }
    }
}
