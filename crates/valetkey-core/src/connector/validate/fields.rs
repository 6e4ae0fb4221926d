//! Fields of forms.

use std::collections::BTreeSet;

use super::{Check, address::sound};
use crate::connector::{Field, FieldFormat, InputType};

impl<'a> Check<'a> {
    pub(super) fn fields(&mut self) {
        let connector = self.connector;
        let mut seen = BTreeSet::new();
        self.group("connection_fields", &connector.connection_fields, &mut seen);
        self.group("account_fields", &connector.account_fields, &mut seen);
        self.group("discovered_fields", &connector.discovered_fields, &mut seen);
        self.group(&self.credential_path("fields"), connector.auth.credential_fields(), &mut seen);
        for (group, fields) in [
            ("connection_fields", &connector.connection_fields),
            ("account_fields", &connector.account_fields),
            ("discovered_fields", &connector.discovered_fields),
        ] {
            for (index, field) in fields.iter().enumerate() {
                let path = format!("{group}[{index}].input");
                let secret = field.input == InputType::Password;
                self.require(
                    !secret,
                    &path,
                    "must not be password: only fields of the credential are secret",
                );
            }
        }
    }

    fn group(&mut self, group: &str, fields: &'a [Field], seen: &mut BTreeSet<&'a str>) {
        for (index, field) in fields.iter().enumerate() {
            let path = format!("{group}[{index}]");
            self.field(&path, field);
            if !seen.insert(&field.name) {
                self.report(format!("{path}.name"), format!("\"{}\" is declared twice", field.name));
            }
        }
    }

    fn field(&mut self, path: &str, field: &Field) {
        let Field { name, label, input, default, options, format, host_suffix, .. } = field;
        let fine = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.len() <= 64
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        let reason = "must start with a letter and have letters, digits, _ - and . only";
        self.require(fine, &format!("{path}.name"), reason);
        self.require(!label.trim().is_empty(), &format!("{path}.label"), "must not be empty");
        let select = *input == InputType::Select;
        if select == options.is_empty() {
            let reason = if select { "must have at least one choice" } else { "belongs to a select only" };
            self.report(format!("{path}.options"), reason);
        }
        let values: BTreeSet<&str> = options.iter().map(|option| option.value.as_str()).collect();
        self.require(values.len() == options.len(), &format!("{path}.options"), "has a value twice");
        if let Some(default) = default {
            self.default(path, field, default);
        }
        if let Some(suffix) = host_suffix {
            let path = format!("{path}.host_suffix");
            self.require(*format == FieldFormat::Hostname, &path, "belongs to the format hostname only");
            let fine = suffix.starts_with('.')
                && suffix.trim_start_matches('.').contains('.')
                && sound(&format!("https://any{suffix}/")).is_ok();
            self.require(fine, &path, "must be the end of a host, from a dot on, such as .example.com");
        }
    }

    fn default(&mut self, path: &str, field: &Field, default: &str) {
        let path = format!("{path}.default");
        if field.input == InputType::Password {
            self.report(path, "must not be given for a secret");
        } else if let Err(error) = field.normalize(Some(default)) {
            self.report(path, error.reason);
        }
    }
}
