//! What the options of RPCs and fields say, read by their descriptors.

use std::borrow::Cow;

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, MethodDescriptor,
    ServiceDescriptor, Value,
};

use super::text::code;

/// The options that pages show.
pub(super) struct Options {
    http: Option<ExtensionDescriptor>,
    access: Option<ExtensionDescriptor>,
    rules: Option<ExtensionDescriptor>,
    secret: Option<ExtensionDescriptor>,
}

impl Options {
    pub(super) fn of(pool: &DescriptorPool) -> Self {
        let extension = |name: &str| pool.get_extension_by_name(name);
        Self {
            http: extension("google.api.http"),
            access: extension("valetkey.options.v1.access"),
            rules: extension("buf.validate.field"),
            secret: extension("valetkey.options.v1.secret"),
        }
    }

    /// Method and path of each HTTP binding.
    pub(super) fn bindings(&self, method: &MethodDescriptor) -> Vec<String> {
        let Some(rule) = message(&method.options(), self.http.as_ref()) else { return Vec::new() };
        let further = rule.get_field_by_name("additional_bindings").map(Cow::into_owned);
        let further = further.as_ref().and_then(Value::as_list).unwrap_or_default();
        let rules = std::iter::once(&rule).chain(further.iter().filter_map(Value::as_message));
        rules.filter_map(binding).collect()
    }

    /// What a caller must be permitted to do.
    pub(super) fn permission(&self, method: &MethodDescriptor) -> Option<String> {
        let access = message(&method.options(), self.access.as_ref())?;
        Some(access.get_field_by_name("permission")?.as_str()?.to_owned())
    }

    /// The calls of a service that are built.
    pub(super) fn built<'a>(
        &'a self,
        service: &'a ServiceDescriptor,
    ) -> impl Iterator<Item = MethodDescriptor> + 'a {
        service.methods().filter(|method| {
            let access = message(&method.options(), self.access.as_ref());
            let unbuilt = access.and_then(|access| access.get_field_by_name("unbuilt")?.as_bool());
            unbuilt != Some(true)
        })
    }

    /// Whether the value of a field is a credential.
    pub(super) fn is_secret(&self, field: &FieldDescriptor) -> bool {
        self.secret.as_ref().is_some_and(|secret| {
            let options = field.options();
            options.has_extension(secret) && options.get_extension(secret).as_bool() == Some(true)
        })
    }

    /// The rules of a field, in words.
    pub(super) fn rules(&self, field: &FieldDescriptor) -> Vec<String> {
        message(&field.options(), self.rules.as_ref()).map(|rules| words(&rules)).unwrap_or_default()
    }
}

fn message(options: &DynamicMessage, extension: Option<&ExtensionDescriptor>) -> Option<DynamicMessage> {
    let extension = extension?;
    if !options.has_extension(extension) {
        return None;
    }
    options.get_extension(extension).as_message().cloned()
}

fn binding(rule: &DynamicMessage) -> Option<String> {
    ["get", "put", "post", "delete", "patch"].into_iter().find_map(|method| {
        let path = rule.get_field_by_name(method).filter(|_| rule.has_field_by_name(method))?;
        Some(format!("`{} {}`", method.to_uppercase(), path.as_str()?))
    })
}

/// Each rule that is set, in the order of declaration. Rules of strings, lists and maps are messages in the message.
fn words(rules: &DynamicMessage) -> Vec<String> {
    let mut found = Vec::new();
    for (field, value) in rules.fields() {
        match value {
            Value::Message(inner) => {
                let inner = words(inner);
                match field.name() {
                    "items" | "keys" | "values" if !inner.is_empty() => {
                        found.push(format!("{}: {}", field.name(), inner.join(", ")));
                    }
                    _ => found.extend(inner),
                }
            }
            Value::Bool(true) if field.name() == "required" => found.push("required".to_owned()),
            Value::Bool(_) => {}
            Value::List(values) => {
                let values: Vec<String> = values.iter().filter_map(Value::as_str).map(code).collect();
                found.push(format!("one of {}", values.join(", ")));
            }
            Value::String(text) if field.name() == "prefix" => {
                found.push(format!("begins with {}", code(text)));
            }
            Value::String(text) => found.push(code(text)),
            Value::U32(number) => found.push(limit(field.name(), u64::from(*number))),
            Value::U64(number) => found.push(limit(field.name(), *number)),
            other => found.push(format!("{} {other:?}", field.name())),
        }
    }
    found
}

fn limit(name: &str, number: u64) -> String {
    match name {
        "min_len" => format!("at least {number} characters"),
        "max_len" => format!("at most {number} characters"),
        "min_items" | "min_pairs" => format!("at least {number} entries"),
        "max_items" | "max_pairs" => format!("at most {number} entries"),
        "gte" => format!("at least {number}"),
        "lte" => format!("at most {number}"),
        "gt" => format!("more than {number}"),
        "lt" => format!("less than {number}"),
        other => format!("{other} {number}"),
    }
}
