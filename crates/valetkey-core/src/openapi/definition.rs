//! The definition of the connector.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    names::words,
    operation::Made,
    security::{Kind, Plan},
    server::Server,
    spec::{Spec, external_docs, secure_page, text_of},
    text::{capitalized, plain, sentence, shorten},
};

/// The longest description of a connector, in characters.
const DESCRIPTION: usize = 300;

/// Where the API is documented, as far as the document says.
pub(super) fn documentation(spec: Spec<'_>, source: Option<&Url>) -> Option<String> {
    let contact = || secure_page(text_of(spec.root.get("info")?.get("contact")?, "url")?);
    let terms = || secure_page(spec.info("termsOfService")?);
    let own = || source.filter(|url| url.scheme() == "https").map(ToString::to_string);
    external_docs(spec.root).or_else(contact).or_else(terms).or_else(own)
}

/// The definition, in the order in which people write one.
pub(super) fn definition(
    spec: Spec<'_>,
    slug: &str,
    (server, plan): (&Server, &Plan),
    documentation: Option<&str>,
    made: &[&Made],
) -> Value {
    let title = spec.info("title").map_or_else(|| slug.to_owned(), plain);
    let words = spec.info("description").or_else(|| spec.info("summary")).map(plain).unwrap_or_default();
    let words = if words.is_empty() { sentence(&title) } else { first_sentence(&words) };
    let mut definition = Map::new();
    let mut put = |key: &str, value: Value| drop(definition.insert(key.to_owned(), value));
    put("slug", json!(slug));
    put("provider_key", json!(slug.to_ascii_uppercase()));
    put("name", json!(shorten(&title, 80)));
    put("description", json!(words));
    if let Some(page) = documentation {
        put("documentation", json!(page));
    }
    put("setup", json!(setup(plan)));
    for (key, fields) in
        [("connection_fields", &server.connection_fields), ("account_fields", &server.account_fields)]
    {
        if !fields.is_empty() {
            put(key, json!(fields));
        }
    }
    put("auth", auth(plan, made));
    put("api", api(server, made));
    Value::Object(definition)
}

fn first_sentence(text: &str) -> String {
    let end = text.find(". ").map_or(text.len(), |end| end + 1);
    sentence(&shorten(&text[..end], DESCRIPTION))
}

fn setup(plan: &Plan) -> &'static str {
    match plan.kind {
        Kind::Oauth2 { .. } => {
            "1. Register an application at the provider.\n\
             2. Enter the redirect URI shown on this connection there, exactly as it is.\n\
             3. Enter its client id and client secret on this connection.\n"
        }
        Kind::Ready(_) if plan.names.is_empty() => "Nothing to register: calls have no credential.\n",
        Kind::Ready(_) => "Nothing to register. Each user enters a credential made at the provider.\n",
    }
}

fn auth(plan: &Plan, made: &[&Made]) -> Value {
    let (endpoints, documented) = match &plan.kind {
        Kind::Ready(auth) => return auth.clone(),
        Kind::Oauth2 { endpoints, scopes } => (endpoints, scopes),
    };
    let mut oauth2 = endpoints.clone();
    let named = |reads_only: bool| -> BTreeSet<String> {
        let tools = made.iter().filter(|made| made.reads || !reads_only);
        tools.flat_map(|made| made.scopes.iter().cloned()).collect()
    };
    // The least that does something is reading.
    let (used, reading) = (named(false), named(true));
    let default = if reading.is_empty() { &used } else { &reading };
    let mut described: BTreeMap<&str, &str> = BTreeMap::new();
    let mut available = Vec::new();
    for (scope, description) in documented {
        if described.insert(scope, description).is_none() {
            available.push(json!({"scope": scope, "description": description}));
        }
    }
    for scope in used.iter().filter(|scope| !described.contains_key(scope.as_str())) {
        available.push(json!({"scope": scope, "description": format!("use {}", words(scope))}));
    }
    if !available.is_empty() {
        let mut scopes = Map::new();
        if !default.is_empty() {
            scopes.insert("default".into(), json!(default));
        }
        scopes.insert("available".into(), json!(available));
        oauth2.insert("scopes".into(), Value::Object(scopes));
    }
    json!({ "oauth2": oauth2 })
}

fn api(server: &Server, made: &[&Made]) -> Value {
    let mut api = Map::new();
    api.insert("base_url".into(), json!(server.base_url));
    let mut hosts: Vec<String> = server.variable_host().map(str::to_owned).into_iter().collect();
    for host in made.iter().filter_map(|made| own_host(&made.tool)) {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if !hosts.is_empty() {
        api.insert("allowed_hosts".into(), json!(hosts));
    }
    api.insert("headers".into(), json!({"accept": "application/json"}));
    if let Some(path) = made.iter().find_map(|made| check(&made.tool)) {
        api.insert("check".into(), json!({ "path": path }));
    }
    Value::Object(api)
}

/// The host of a tool that does not use the base address.
fn own_host(tool: &Value) -> Option<String> {
    let rest = tool["request"]["path"].as_str()?.strip_prefix("https://")?;
    Some(rest.split('/').next().unwrap_or_default().to_owned())
}

/// The path of a tool that tells who the account belongs to, and so whether its credential works.
fn check(tool: &Value) -> Option<&str> {
    let path = tool["request"]["path"].as_str()?;
    let last = path.rsplit('/').next().unwrap_or_default();
    let own = matches!(last, "me" | "user" | "whoami" | "self" | "account" | "profile" | "viewer");
    let simple = tool["request"]["method"] == "GET" && tool["input"].get("required").is_none();
    (own && simple && path.starts_with('/') && !path.contains("{{")).then_some(path)
}

/// The comment at the top of the file.
pub(super) fn heading(spec: Spec<'_>) -> String {
    let title = spec.info("title").map_or_else(|| "an OpenAPI document".to_owned(), plain);
    let version = spec.info("version").map(plain).unwrap_or_default();
    capitalized(format!("imported from {title} {version}").trim())
}
