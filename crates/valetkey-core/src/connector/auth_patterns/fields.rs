//! Which inputs are account fields, which are the credential, and in what form.

use super::{Pattern, PatternField};
use crate::connector::{Field, FieldFormat, FieldOption, InputType, Template};

/// The inputs of a pattern, each with its place there.
#[derive(Default)]
pub(super) struct Inputs {
    pub(super) account: Vec<(String, Field)>,
    pub(super) credential: Vec<(String, Field)>,
    pub(super) violations: Vec<(String, String)>,
}

impl Inputs {
    /// Sorts the inputs of `pattern` by what `addresses` name.
    pub(super) fn of(pattern: &Pattern, place: &str, addresses: &[Template]) -> Self {
        let oauth = pattern.r#type.eq_ignore_ascii_case("OAUTH");
        let suffix = host_suffix(&pattern.allowed_proxy_domains);
        let mut inputs = Self::default();
        let groups = [("fields", &pattern.fields, oauth), ("account_fields", &pattern.account_fields, true)];
        for (group, fields, of_account) in groups {
            for (index, given) in fields.iter().enumerate() {
                let path = format!("{place}.{group}[{index}]");
                let in_address = usage(addresses, &given.field_name);
                let mut field = inputs.field(&path, given);
                let secret = field.input == InputType::Password && !oauth;
                let account = (of_account && !secret) || given.is_path_param || in_address.is_some();
                match in_address {
                    Some(format) => fit_for_address(&mut field, format, suffix.as_deref()),
                    None if given.is_path_param => {
                        fit_for_address(&mut field, FieldFormat::PathSegment, None);
                    }
                    None => {}
                }
                let group = if account { &mut inputs.account } else { &mut inputs.credential };
                group.push((path, field));
            }
        }
        inputs.add_undeclared(addresses, suffix.as_deref());
        inputs
    }

    fn field(&mut self, path: &str, given: &PatternField) -> Field {
        let input = match given.input_type.as_str() {
            "" | "text" => InputType::Text,
            "password" => InputType::Password,
            "select" => InputType::Select,
            "textarea" => InputType::Textarea,
            _ => {
                let reason = "must be text, password, select or textarea";
                self.violations.push((format!("{path}.input_type"), reason.into()));
                InputType::Text
            }
        };
        let label = if given.label.is_empty() { &given.field_name } else { &given.label };
        let option = |option: &super::PatternOption| FieldOption {
            value: option.value.clone(),
            label: if option.display_name.is_empty() { &option.value } else { &option.display_name }.clone(),
        };
        Field {
            name: given.field_name.clone(),
            label: label.clone(),
            input,
            hint: (!given.hint.is_empty()).then(|| given.hint.clone()),
            required: given.required,
            default: given.options.iter().find(|option| option.default).map(|option| option.value.clone()),
            options: if input == InputType::Select {
                given.options.iter().map(option).collect()
            } else {
                vec![]
            },
            format: FieldFormat::Text,
            host_suffix: None,
        }
    }

    fn add_undeclared(&mut self, addresses: &[Template], suffix: Option<&str>) {
        for name in addresses.iter().flat_map(Template::names) {
            if self.account.iter().any(|(_, field)| field.name == name) {
                continue;
            }
            let given = PatternField { field_name: name.to_owned(), ..PatternField::default() };
            let mut field = self.field("proxy_url", &given);
            fit_for_address(&mut field, usage(addresses, name).unwrap_or_default(), suffix);
            self.account.push(("proxy_url".into(), field));
        }
    }
}

fn fit_for_address(field: &mut Field, format: FieldFormat, suffix: Option<&str>) {
    field.required |= field.default.is_none();
    if field.input != InputType::Select {
        field.format = format;
        field.host_suffix = suffix.filter(|_| format == FieldFormat::Hostname).map(ToOwned::to_owned);
    }
}

/// The format that a field needs for its place in an address; `None` where no address names it.
fn usage(addresses: &[Template], name: &str) -> Option<FieldFormat> {
    let naming = addresses.iter().filter(|address| address.names().any(|known| known == name));
    let whole_host = |address: &Template| {
        let host = Template::new(address.host_part());
        let label = host.as_str().replace(' ', "").contains(&format!("{{{{{name}}}}}."));
        host.names().any(|known| known == name) && !label
    };
    let mut formats = naming
        .map(|address| if whole_host(address) { FieldFormat::Hostname } else { FieldFormat::PathSegment });
    let first = formats.next()?;
    Some(formats.fold(first, |one, other| if other == FieldFormat::Hostname { other } else { one }))
}

/// The one pattern below which hosts have to be.
fn host_suffix(domains: &[String]) -> Option<String> {
    match domains {
        [only] => only.strip_prefix('*').filter(|suffix| suffix.starts_with('.')).map(ToOwned::to_owned),
        _ => None,
    }
}
