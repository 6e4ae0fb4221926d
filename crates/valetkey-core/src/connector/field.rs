//! Values that a person gives: on the connection, before consent, or as the credential itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One input of a form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name that templates use: letters, digits, `_`, `-` and `.`, with a letter first. Lower case by custom.
    pub name: String,
    /// The label on the form.
    pub label: String,
    /// How it is entered. A `password` is a secret and is never shown again.
    #[serde(default)]
    pub input: InputType,
    /// Where to find the value, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Whether it must be given. In a template an optional field without a value is empty text; an address may not
    /// name it.
    #[serde(default = "yes")]
    pub required: bool,
    /// The value where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The choices of a `select`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FieldOption>,
    /// What the value must be. A field that a URL template names must have a format other than `text`.
    #[serde(default)]
    pub format: FieldFormat,
    /// For `hostname`: the suffix that the host must have, such as `.freshdesk.com`. A bare first label is completed
    /// with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_suffix: Option<String>,
}

const fn yes() -> bool {
    true
}

/// How a value is entered.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputType {
    /// One line.
    #[default]
    Text,
    /// One line, a secret.
    Password,
    /// A choice.
    Select,
    /// Several lines.
    Textarea,
}

/// What a value must be.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldFormat {
    /// Any text without control characters.
    #[default]
    Text,
    /// A DNS name, perhaps with a port; a pasted URL is reduced to its host.
    Hostname,
    /// One segment of a path: letters, digits, `-`, `_`, `.`, `~`.
    PathSegment,
    /// An e-mail address.
    Email,
}

/// One choice.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldOption {
    /// The value that templates see.
    pub value: String,
    /// The text on the form.
    pub label: String,
}

/// Why a value was refused. Never contains the value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("field \"{field}\" {reason}")]
pub struct InvalidField {
    /// The name of the field.
    pub field: String,
    /// What is wrong and what is expected.
    pub reason: String,
}

/// The longest value that a field may have, in bytes; long enough for a service account key file.
const MAX_BYTES: usize = 16 * 1024;

impl Field {
    /// Whether the value is a secret. A choice, and what is shown while it is typed in one line, are none.
    pub fn is_secret(&self) -> bool {
        match self.input {
            InputType::Password | InputType::Textarea => true,
            InputType::Text | InputType::Select => false,
        }
    }

    /// Checks `given` and brings it into the form that templates use.
    pub fn normalize(&self, given: Option<&str>) -> Result<Option<String>, InvalidField> {
        let value = given.map(str::trim).filter(|value| !value.is_empty()).or(self.default.as_deref());
        let Some(value) = value else {
            return if self.required { Err(self.invalid("is required")) } else { Ok(None) };
        };
        if value.len() > MAX_BYTES {
            return Err(self.invalid("is longer than 16 KiB"));
        }
        let many_lines = self.input == InputType::Textarea;
        if value.chars().any(|c| c.is_control() && !(many_lines && matches!(c, '\n' | '\r' | '\t'))) {
            return Err(self.invalid("contains a control character"));
        }
        if self.input == InputType::Select && !self.options.iter().any(|option| option.value == value) {
            return Err(self.invalid("is not one of the offered choices"));
        }
        match self.format {
            FieldFormat::Text => Ok(value.to_owned()),
            FieldFormat::Hostname => self.hostname(value),
            FieldFormat::PathSegment => self.path_segment(value),
            FieldFormat::Email => self.email(value),
        }
        .map(Some)
    }

    fn invalid(&self, reason: &str) -> InvalidField {
        InvalidField { field: self.name.clone(), reason: reason.to_owned() }
    }

    fn hostname(&self, value: &str) -> Result<String, InvalidField> {
        let after_scheme = value.split_once("://").map_or(value, |(_, rest)| rest);
        let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let suffix = self.host_suffix.as_deref().unwrap_or_default();
        let host = if host.contains('.') || suffix.is_empty() { host } else { format!("{host}{suffix}") };
        let (name, port) =
            host.split_once(':').map_or((host.as_str(), None), |(name, port)| (name, Some(port)));
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let numeric =
            name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        let port_ok = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number > 0));
        if name.len() > 253 || numeric || !port_ok || !name.split('.').all(label) {
            return Err(self.invalid("must be a host name such as example.com"));
        }
        if !suffix.is_empty() && (!name.ends_with(suffix) || port.is_some()) {
            return Err(self.invalid(&format!("must end in {suffix}")));
        }
        Ok(host)
    }

    fn path_segment(&self, value: &str) -> Result<String, InvalidField> {
        let fine = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
        if !fine || value.bytes().all(|byte| byte == b'.') {
            return Err(self.invalid("may have letters, digits, - _ . and ~ only"));
        }
        Ok(value.to_owned())
    }

    fn email(&self, value: &str) -> Result<String, InvalidField> {
        match value.split_once('@') {
            Some((local, domain)) if !local.is_empty() && domain.contains('.') && !value.contains(' ') => {
                Ok(value.to_owned())
            }
            _ => Err(self.invalid("must be an e-mail address")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn host(suffix: Option<&str>) -> Field {
        Field {
            name: "domain".into(),
            label: "Domain".into(),
            input: InputType::Text,
            hint: None,
            required: true,
            default: None,
            options: vec![],
            format: FieldFormat::Hostname,
            host_suffix: suffix.map(Into::into),
        }
    }

    #[test]
    fn a_pasted_url_is_reduced_to_its_host() {
        let normalized = host(None).normalize(Some(" https://Acme.Freshdesk.com/a/tickets?x=1 "));
        assert_eq!(normalized, Ok(Some("acme.freshdesk.com".into())));
    }

    #[test]
    fn a_bare_label_is_completed_and_a_foreign_host_is_refused() {
        let field = host(Some(".freshdesk.com"));
        assert_eq!(field.normalize(Some("acme")), Ok(Some("acme.freshdesk.com".into())));
        for bad in [
            "acme.evil.com",
            "evil.com/.freshdesk.com",
            "a@b.freshdesk.com",
            "acme.freshdesk.com:8443",
            "127.0.0.1",
        ] {
            assert!(field.normalize(Some(bad)).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_normalized_host_never_leaves_the_authority_of_a_url(input in "\\PC{0,40}") {
            if let Ok(Some(host)) = host(None).normalize(Some(&input)) {
                let parsed = url::Url::parse(&format!("https://{host}/path"));
                prop_assert!(parsed.is_ok_and(|url| url.path() == "/path" && url.username().is_empty()));
            }
        }
    }
}
