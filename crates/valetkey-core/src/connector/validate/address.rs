//! Addresses and hosts.

use std::{collections::BTreeSet, net::IpAddr};

use url::{Host, Url};

use super::Check;
use crate::connector::{Field, FieldFormat, InputType, Template, host_matches};

/// More combinations than this are not tried; a definition with so many selects in one address has none in use.
const MAX_SAMPLES: usize = 64;

impl<'a> Check<'a> {
    /// Checks a complete address. Returns whether it may be looked into further.
    pub(super) fn address(&mut self, path: &str, template: &Template) -> bool {
        let before = self.violations.len();
        self.in_address(path, template);
        self.authority(path, template);
        for sample in self.samples(template) {
            if let Err(reason) = sound(&sample) {
                self.report(path, reason);
                break;
            }
        }
        self.violations.len() == before
    }

    /// Checks the placeholders of an address or a part of one.
    pub(super) fn in_address(&mut self, path: &str, template: &Template) {
        self.template(path, template, &BTreeSet::new());
        for field in self.named(template) {
            let (checked, always) = (is_checked(field), field.required || field.default.is_some());
            let name = &field.name;
            if !checked {
                self.report(path, format!("names \"{name}\", whose format is not fit for an address; give it the format hostname or path_segment, or make it a select"));
            }
            if !always {
                self.report(
                    path,
                    format!("names \"{name}\", which may be absent; make it required or give it a default"),
                );
            }
        }
    }

    /// Placeholders in the authority must be whole labels of a host.
    fn authority(&mut self, path: &str, template: &Template) {
        let text = template.as_str();
        let authority = text.split_once("://").map_or("", |(_, rest)| rest);
        let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
        let (authority, rest) = (&authority[..end], &authority[end..]);
        let before_scheme = text.split("://").next().unwrap_or_default();
        if before_scheme.contains("{{") {
            self.report(path, "must start with https:// or, on loopback, http://");
        }
        for field in self.named(&Template::new(authority)) {
            let below = authority.contains(&format!("{{{{{}}}}}.", field.name));
            if field.format == FieldFormat::PathSegment && !below {
                self.report(
                    path,
                    format!("has \"{}\" as its host, which must have the format hostname", field.name),
                );
            }
        }
        if rest.is_empty() && authority.is_empty() {
            self.report(path, "must be an address such as https://api.example.com");
        }
    }

    /// The host of `base_url` where users choose it.
    pub(super) fn base_host(&mut self, base_url: &Template) {
        if !base_url.host_part().contains("{{") {
            return;
        }
        for host in self.hosts(base_url) {
            if !self.is_allowed(&host) {
                self.report(
                    "api.allowed_hosts",
                    format!("has no pattern that matches {host}, which base_url can have as its host"),
                );
                return;
            }
        }
    }

    /// An address that gets the credential must be on a host that may get it.
    pub(super) fn allowed(&mut self, path: &str, template: &Template) {
        let base = self.hosts(&self.connector.api.base_url);
        for host in self.hosts(template) {
            if !base.contains(&host) && !self.is_allowed(&host) {
                self.report(path, format!("would send the credential to {host}, which is neither the host of api.base_url nor in api.allowed_hosts"));
                return;
            }
        }
    }

    /// The client secret goes to this address: users may not choose its host freely.
    pub(super) fn endpoint(&mut self, path: &str, template: &Template, known: &BTreeSet<&str>) {
        if !self.address(path, template) {
            return;
        }
        let host = Template::new(template.host_part());
        for field in self.named(template) {
            let name = field.name.as_str();
            if self.connector.discovered_fields.iter().any(|found| found.name == name)
                && !known.contains(name)
            {
                self.report(path, format!("names \"{name}\", which is not known yet at this point"));
            }
            let operator = self.connector.connection_fields.iter().any(|own| own.name == name);
            let bounded = field.input == InputType::Select || field.host_suffix.is_some();
            if host.names().any(|in_host| in_host == name)
                && !operator
                && !bounded
                && !below_fixed(&host, name)
            {
                self.report(path, format!("lets users choose the host through \"{name}\", and the client secret goes there; give that field a host_suffix"));
            }
        }
    }

    pub(super) fn host_pattern(&mut self, path: &str, pattern: &str) {
        let template = Template::new(pattern);
        self.in_address(path, &template);
        for sample in self.samples(&template) {
            let host = sample.strip_prefix("*.").unwrap_or(&sample);
            let fine = Url::parse(&format!("https://{host}/"))
                .is_ok_and(|url| host_and_port(&url).as_deref() == Some(host) && host != "*");
            if !fine {
                self.report(path, "must be a host, a host below *. such as *.example.com, or a placeholder");
                return;
            }
        }
    }

    fn is_allowed(&self, host: &str) -> bool {
        self.connector
            .api
            .allowed_hosts
            .iter()
            .flat_map(|pattern| self.samples(&Template::new(pattern.as_str())))
            .any(|pattern| host_matches(&pattern, host))
    }

    fn named(&self, template: &Template) -> Vec<&'a Field> {
        template.names().filter_map(|name| self.connector.field(name)).collect()
    }

    fn hosts(&self, template: &Template) -> Vec<String> {
        self.samples(template).iter().filter_map(|sample| host_and_port(&Url::parse(sample).ok()?)).collect()
    }

    /// The template with values that its fields can have: each choice of a select, one example of the others.
    fn samples(&self, template: &Template) -> Vec<String> {
        let mut fields = self.named(template);
        fields.dedup_by_key(|field| field.name.clone());
        let mut choices: Vec<Vec<(&str, String)>> = vec![vec![]];
        for field in fields {
            let values = examples(field);
            choices = choices
                .iter()
                .flat_map(|chosen| {
                    values.iter().map(move |value| {
                        let mut chosen = chosen.clone();
                        chosen.push((field.name.as_str(), value.clone()));
                        chosen
                    })
                })
                .take(MAX_SAMPLES)
                .collect();
        }
        let render = |chosen: Vec<(&str, String)>| {
            let value =
                |name: &str| chosen.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
            template.render(value).ok()
        };
        choices.into_iter().filter_map(render).collect()
    }
}

fn examples(field: &Field) -> Vec<String> {
    if field.input == InputType::Select {
        return field.options.iter().map(|option| option.value.clone()).collect();
    }
    match (field.format, &field.host_suffix) {
        (FieldFormat::Hostname, Some(suffix)) => vec![format!("any{suffix}")],
        (FieldFormat::Hostname, None) => vec!["host.example".into()],
        _ => vec!["any".into()],
    }
}

/// Whether the values of a field can stand in an address.
pub(super) fn is_checked(field: &Field) -> bool {
    field.input == InputType::Select
        || matches!(field.format, FieldFormat::Hostname | FieldFormat::PathSegment)
}

/// Whether `name` is a label below a fixed name in `host`, as in `{{tenant}}.example.com`.
fn below_fixed(host: &Template, name: &str) -> bool {
    host.as_str()
        .split_once(&format!("{{{{{name}}}}}."))
        .is_some_and(|(_, rest)| !rest.is_empty() && !rest.contains("{{"))
}

fn host_and_port(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Why an address cannot be used.
pub(super) fn sound(text: &str) -> Result<(), &'static str> {
    const SCHEME: &str = "must start with https:// or, on loopback, http://";
    let url = Url::parse(text).map_err(|_| "must be an address such as https://api.example.com")?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" if url.has_host() => {}
        "http" if loopback => {}
        _ => return Err(SCHEME),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not have a user name or password");
    }
    Ok(())
}
