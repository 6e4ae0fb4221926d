//! The reference of the API: a page for each service.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use heck::ToKebabCase as _;
use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor,
    MethodDescriptor, ServiceDescriptor,
};

use super::{
    Outcome, Pages,
    options::Options,
    text::{GENERATED, code, first_sentence, inline, table},
};

/// A type that fields of a page name.
#[derive(Clone)]
enum Named {
    Message(MessageDescriptor),
    Enum(EnumDescriptor),
}

/// What is read of the descriptors for all pages.
struct Reference {
    options: Options,
    comments: HashMap<(String, Vec<i32>), String>,
}

/// A page in the making, with the types that it has to explain.
struct Page<'a> {
    reference: &'a Reference,
    text: String,
    types: BTreeMap<String, Named>,
}

/// The pages of all services, and the one that lists them.
pub(super) fn pages(pool: &DescriptorPool) -> Outcome<Pages> {
    let reference = Reference { options: Options::of(pool), comments: comments(pool) };
    let is_served = |service: &ServiceDescriptor| reference.options.built(service).next().is_some();
    let mut services: Vec<ServiceDescriptor> = pool.services().filter(is_served).collect();
    services.sort_by_key(|service| service.full_name().to_owned());
    let mut pages = Pages::new();
    for service in &services {
        pages.insert(format!("reference/api/{}.md", file_name(service)), reference.service(service)?);
    }
    pages.insert("reference/api/README.md".to_owned(), reference.index(&services)?);
    Ok(pages)
}

fn file_name(service: &ServiceDescriptor) -> String {
    let dialect = service.full_name().split('.').next().unwrap_or_default();
    let name = service.name().strip_suffix("Service").unwrap_or(service.name());
    format!("{dialect}-{}", name.to_kebab_case())
}

/// The leading comment of each element of each file.
fn comments(pool: &DescriptorPool) -> HashMap<(String, Vec<i32>), String> {
    let mut comments = HashMap::new();
    for file in pool.files() {
        for location in file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location) {
            if let Some(text) = &location.leading_comments {
                comments.insert((file.name().to_owned(), location.path.clone()), inline(text));
            }
        }
    }
    comments
}

impl Reference {
    fn comment(&self, file: &FileDescriptor, path: &[i32]) -> &str {
        self.comments.get(&(file.name().to_owned(), path.to_vec())).map_or("", String::as_str)
    }

    fn index(&self, services: &[ServiceDescriptor]) -> Outcome<String> {
        let mut text = format!(
            "# API\n\n{GENERATED}\n\
             Every call, as gRPC and as REST. `scalekit.v1` is what the published clients speak; `valetkey.v1`, where there \
             is one, says what they cannot. Requests and answers in JSON have the names of the fields as they are written \
             here (ProtoJSON). The same is in [openapi.json](../../openapi.json), which a server has at `/openapi.json`.\n\n\
             A call carries `Authorization: Bearer` with a token of `POST /oauth/token` (client credentials, RFC 6749 \
             §4.4); its client must have the permission of the call. Errors have a code of [the table of codes]\
             (../../errors/README.md).\n\n\
             Calls of the published clients that are not built are left out; they answer `UNIMPLEMENTED` (501).\n\n"
        );
        let rows = services.iter().map(|service| {
            let about = self.comment(&service.parent_file(), service.path());
            let link = format!("[{}]({}.md)", service.name(), file_name(service));
            let package = code(service.parent_file().package_name());
            vec![
                link,
                package,
                self.options.built(service).count().to_string(),
                first_sentence(about).to_owned(),
            ]
        });
        text.push_str(&table(&["service", "package", "calls", "about"], rows));
        writeln!(text, "## Every call\n")?;
        let rows = services.iter().flat_map(|service| {
            self.options
                .built(service)
                .map(|method| {
                    let anchor = method.name().to_lowercase();
                    let link = format!("[{}]({}.md#{anchor})", method.name(), file_name(service));
                    let binding = self.options.bindings(&method).into_iter().next().unwrap_or_default();
                    let permission =
                        self.options.permission(&method).map(|name| code(&name)).unwrap_or_default();
                    vec![link, binding, permission]
                })
                .collect::<Vec<_>>()
        });
        text.push_str(&table(&["call", "REST", "permission"], rows));
        Ok(text.trim_end().to_owned() + "\n")
    }

    fn service(&self, service: &ServiceDescriptor) -> Outcome<String> {
        let mut page = Page { reference: self, text: String::new(), types: BTreeMap::new() };
        let about = self.comment(&service.parent_file(), service.path());
        write!(page.text, "# {}\n\n{GENERATED}\n{about}\n\n", service.name())?;
        for method in self.options.built(service) {
            page.method(&method)?;
        }
        page.explain()?;
        Ok(page.text.trim_end().to_owned() + "\n")
    }
}

impl Page<'_> {
    fn method(&mut self, method: &MethodDescriptor) -> Outcome {
        let reference = self.reference;
        let about = reference.comment(&method.parent_file(), method.path());
        let bindings = reference.options.bindings(method).join(" or ");
        let permission = reference.options.permission(method).map(|name| code(&name)).unwrap_or_default();
        let path = code(&format!("/{}/{}", method.parent_service().full_name(), method.name()));
        write!(self.text, "## {}\n\n{about}\n\n", method.name())?;
        let rows = [("REST", bindings), ("gRPC", path), ("permission", permission)];
        let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
        let rows: Vec<Vec<String>> = rows.map(|(name, value)| vec![name.to_owned(), value]).collect();
        self.text.push_str(&table(&["", ""], rows));
        for (what, message) in [("Request", method.input()), ("Answer", method.output())] {
            let streamed = match what {
                "Request" => method.is_client_streaming(),
                _ => method.is_server_streaming(),
            };
            let stream = if streamed { ", a stream" } else { "" };
            match well_known(&message) {
                Some(name) => write!(self.text, "**{what}**: {name}{stream}\n\n")?,
                None if message.fields().next().is_none() => write!(self.text, "**{what}**: empty\n\n")?,
                None => {
                    write!(self.text, "**{what}**{stream}\n\n")?;
                    self.fields(&message);
                }
            }
        }
        Ok(())
    }

    fn fields(&mut self, message: &MessageDescriptor) {
        let rows: Vec<Vec<String>> = message.fields().map(|field| self.field(&field)).collect();
        self.text.push_str(&table(&["field", "type", "rules", "meaning"], rows));
    }

    fn field(&mut self, field: &FieldDescriptor) -> Vec<String> {
        let reference = self.reference;
        let mut rules = reference.options.rules(field);
        if reference.options.is_secret(field) {
            rules.push("secret".to_owned());
        }
        if let Some(group) = field.containing_oneof().filter(|group| group.fields().count() > 1) {
            rules.push(format!("at most one of {}", group.name()));
        }
        let about = reference.comment(&field.parent_message().parent_file(), field.path());
        vec![code(field.name()), self.type_of(field), rules.join("; "), about.to_owned()]
    }

    fn type_of(&mut self, field: &FieldDescriptor) -> String {
        match field.kind() {
            Kind::Message(entry) if field.is_map() => {
                let value = self.kind(&entry.map_entry_value_field().kind());
                format!("map of {value}")
            }
            kind if field.is_list() => format!("list of {}", self.kind(&kind)),
            kind => self.kind(&kind),
        }
    }

    fn kind(&mut self, kind: &Kind) -> String {
        let (name, named) = match kind {
            Kind::Message(message) => match well_known(message) {
                Some(name) => return name.to_owned(),
                None => (message.name(), Named::Message(message.clone())),
            },
            Kind::Enum(declared) => (declared.name(), Named::Enum(declared.clone())),
            Kind::Double => return "double".to_owned(),
            Kind::Float => return "float".to_owned(),
            Kind::String => return "string".to_owned(),
            Kind::Bytes => return "bytes".to_owned(),
            Kind::Bool => return "boolean".to_owned(),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => return "int64".to_owned(),
            Kind::Uint64 | Kind::Fixed64 => return "uint64".to_owned(),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => return "int32".to_owned(),
            Kind::Uint32 | Kind::Fixed32 => return "uint32".to_owned(),
        };
        let link = format!("[{name}](#{})", name.to_lowercase());
        self.types.insert(name.to_owned(), named);
        link
    }

    /// The types that were named, and those that these name.
    fn explain(&mut self) -> Outcome {
        let mut explained: BTreeMap<String, String> = BTreeMap::new();
        while let Some((name, named)) = self
            .types
            .iter()
            .find(|(name, _)| !explained.contains_key(*name))
            .map(|(name, named)| (name.clone(), named.clone()))
        {
            let before = std::mem::take(&mut self.text);
            self.named(&name, &named)?;
            explained.insert(name, std::mem::replace(&mut self.text, before));
        }
        if !explained.is_empty() {
            self.text.push_str("## Types\n\n");
            self.text.push_str(&explained.into_values().collect::<String>());
        }
        Ok(())
    }

    fn named(&mut self, name: &str, named: &Named) -> Outcome {
        let reference = self.reference;
        let (file, path) = match named {
            Named::Message(message) => (message.parent_file(), message.path()),
            Named::Enum(declared) => (declared.parent_file(), declared.path()),
        };
        write!(self.text, "### {name}\n\n")?;
        let about = reference.comment(&file, path);
        if !about.is_empty() {
            write!(self.text, "{about}\n\n")?;
        }
        match named {
            Named::Message(message) => self.fields(message),
            Named::Enum(declared) => {
                let rows = declared
                    .values()
                    .map(|value| vec![code(value.name()), reference.comment(&file, value.path()).to_owned()]);
                self.text.push_str(&table(&["value", "meaning"], rows.collect::<Vec<_>>()));
            }
        }
        Ok(())
    }
}

/// What a `google.protobuf` type is in JSON.
fn well_known(message: &MessageDescriptor) -> Option<&'static str> {
    Some(match message.full_name().strip_prefix("google.protobuf.")? {
        "Timestamp" => "timestamp (RFC 3339)",
        "Duration" => "duration such as `3.5s`",
        "FieldMask" => "names of fields, separated by commas",
        "Empty" => "empty",
        "StringValue" => "string or null",
        "BoolValue" => "boolean or null",
        "ListValue" => "JSON list",
        "Value" => "JSON value",
        _ => "JSON object",
    })
}
