//! One way in which accounts authenticate, made of security schemes.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use url::Url;

use super::super::{
    names::{snake, words},
    spec::{Spec, members_of, text_of},
    text::{capitalized, plain, sentence, shorten},
};

/// One way in which accounts authenticate.
pub(in crate::openapi) struct Plan {
    /// The security schemes that it has.
    pub(in crate::openapi) names: BTreeSet<String>,
    /// Which of several is better; the smaller.
    pub(in crate::openapi) rank: u8,
    pub(in crate::openapi) kind: Kind,
    /// Where the credential goes: `header` or `query`, and the name.
    pub(in crate::openapi) places: Vec<(&'static str, String)>,
    /// What a person should know about it.
    pub(in crate::openapi) note: Option<String>,
}

/// What becomes `auth` of the definition.
pub(in crate::openapi) enum Kind {
    /// `oauth2`: its endpoints, and scopes with their descriptions.
    Oauth2 { endpoints: Map<String, Value>, scopes: Vec<(String, String)> },
    /// Complete as it is.
    Ready(Value),
}

impl Plan {
    pub(in crate::openapi) fn none() -> Self {
        Self {
            names: BTreeSet::new(),
            rank: u8::MAX,
            kind: Kind::Ready(json!("none")),
            places: Vec::new(),
            note: None,
        }
    }

    /// The names of its schemes.
    pub(in crate::openapi) fn name(&self) -> String {
        self.names.iter().map(String::as_str).collect::<Vec<_>>().join(" with ")
    }

    fn new(rank: u8, kind: Kind, places: Vec<(&'static str, String)>) -> Self {
        Self { names: BTreeSet::new(), rank, kind, places, note: None }
    }
}

/// The way that has these schemes; `Err` says why a connector cannot have it.
pub(super) fn of(spec: Spec<'_>, base_url: &str, names: &BTreeSet<String>) -> Result<Plan, String> {
    let schemes = spec.schemes();
    let found = names.iter().map(|name| {
        let scheme = schemes.iter().find(|(known, _)| known == name);
        scheme.ok_or_else(|| format!("\"{name}\" is no security scheme of the document"))
    });
    let found: Vec<&(&str, &Value)> = found.collect::<Result<_, _>>()?;
    let plan = match found[..] {
        [(_, scheme)] => one(scheme, base_url),
        _ if found.iter().all(|(_, scheme)| is_token(scheme)) => tokens(&found, base_url),
        _ => keys(&found),
    }?;
    Ok(Plan { names: names.clone(), ..plan })
}

fn one(scheme: &Value, base_url: &str) -> Result<Plan, String> {
    match (text_of(scheme, "type").unwrap_or_default(), http_scheme(scheme).as_str()) {
        ("oauth2", _) => oauth2(scheme, base_url),
        ("openIdConnect", _) => {
            let note = "the document leaves the endpoints of OpenID Connect to discovery; users enter a token, or write \
                        auth: oauth2 with its endpoints";
            Ok(Plan { note: Some(note.to_owned()), rank: 5, ..bearer(scheme) })
        }
        ("http", "bearer") => Ok(bearer(scheme)),
        ("http", "basic") => Ok(basic(scheme)),
        ("http", other) => Err(format!("the HTTP scheme \"{other}\" is not supported")),
        ("apiKey", _) => keys(&[&("", scheme)]),
        (other, _) => Err(format!("the type \"{other}\" is not supported")),
    }
}

fn http_scheme(scheme: &Value) -> String {
    text_of(scheme, "scheme").unwrap_or_default().to_ascii_lowercase()
}

/// Whether the credential is a token in the `authorization` header.
fn is_token(scheme: &Value) -> bool {
    match text_of(scheme, "type").unwrap_or_default() {
        "oauth2" | "openIdConnect" => true,
        "http" => http_scheme(scheme) == "bearer",
        _ => false,
    }
}

/// Several tokens that are needed together are one, as there is one header for them: documents list so the flows by which
/// the same token is obtained. The best counts.
fn tokens(schemes: &[&(&str, &Value)], base_url: &str) -> Result<Plan, String> {
    let plans = schemes.iter().map(|(_, scheme)| one(scheme, base_url)).collect::<Result<Vec<_>, _>>()?;
    plans.into_iter().min_by_key(|plan| plan.rank).ok_or_else(|| "there is no scheme".to_owned())
}

fn authorization() -> Vec<(&'static str, String)> {
    vec![("header", "authorization".to_owned())]
}

fn field(name: &str, label: &str, secret: bool, hint: Option<&str>) -> Value {
    let mut field = json!({"name": name, "label": label});
    if secret {
        field["input"] = json!("password");
    }
    if let Some(hint) = hint.map(|hint| sentence(&shorten(&plain(hint), 200))).filter(|hint| !hint.is_empty())
    {
        field["hint"] = json!(hint);
    }
    field
}

fn bearer(scheme: &Value) -> Plan {
    let fields = [field("token", "Access token", true, text_of(scheme, "description"))];
    Plan::new(1, Kind::Ready(json!({"bearer": {"fields": fields, "token": "{{token}}"}})), authorization())
}

fn basic(scheme: &Value) -> Plan {
    let mut password = field("password", "Password", true, None);
    // Many APIs take a key as user name and no password.
    password["required"] = json!(false);
    let fields = [field("username", "User name", false, text_of(scheme, "description")), password];
    let basic = json!({"fields": fields, "username": "{{username}}", "password": "{{password}}"});
    Plan::new(3, Kind::Ready(json!({ "basic": basic })), authorization())
}

/// One key or several that are needed together.
fn keys(schemes: &[&(&str, &Value)]) -> Result<Plan, String> {
    let (mut fields, mut places, mut taken) = (Vec::new(), Vec::new(), Vec::new());
    for (name, scheme) in schemes {
        if text_of(scheme, "type") != Some("apiKey") {
            return Err("several schemes that are needed together must all be keys".to_owned());
        }
        let place = match text_of(scheme, "in") {
            Some("header") => "header",
            Some("query") => "query",
            other => return Err(format!("a key in \"{}\" is not supported", other.unwrap_or_default())),
        };
        let Some(parameter) = text_of(scheme, "name") else { return Err("a key has no name".to_owned()) };
        let key = if schemes.len() == 1 { "api_key".to_owned() } else { format!("api_key_{}", snake(name)) };
        let label = if schemes.len() == 1 { "API key".to_owned() } else { capitalized(&words(name)) };
        fields.push(field(&key, &label, true, text_of(scheme, "description")));
        places.push(json!({place: {"name": parameter, "value": format!("{{{{{key}}}}}")}}));
        taken.push((place, parameter.to_owned()));
    }
    Ok(Plan::new(2, Kind::Ready(json!({"api_key": {"fields": fields, "place": places}})), taken))
}

fn oauth2(scheme: &Value, base_url: &str) -> Result<Plan, String> {
    let Some(flow) = scheme.pointer("/flows/authorizationCode") else {
        let flows: Vec<&str> = members_of(scheme, "flows").map(|(name, _)| name.as_str()).collect();
        let note = format!(
            "the document has the flow {} and no authorizationCode, so users enter an access token",
            flows.join(", ")
        );
        return Ok(Plan { note: Some(note), rank: 4, ..bearer(scheme) });
    };
    let mut endpoints = Map::new();
    let endpoint = |key: &str| -> Result<String, String> {
        let given = text_of(flow, key).ok_or_else(|| format!("its {key} is absent"))?;
        let absolute = match Url::parse(base_url) {
            Ok(base) if !given.contains("://") && !base_url.contains("{{") => {
                base.join(given).map(String::from)
            }
            _ => Url::parse(&given.replacen("http://", "https://", 1)).map(String::from),
        };
        absolute
            .ok()
            .filter(|url| url.starts_with("https://"))
            .ok_or_else(|| format!("its {key} {given} is no https:// address"))
    };
    let token = endpoint("tokenUrl")?;
    endpoints.insert("authorization".into(), json!({"url": endpoint("authorizationUrl")?}));
    endpoints.insert("token".into(), json!({ "url": token }));
    if text_of(flow, "refreshUrl").is_some() {
        let refresh = endpoint("refreshUrl")?;
        if refresh != token {
            endpoints.insert("refresh".into(), json!({ "url": refresh }));
        }
    }
    let scopes = members_of(flow, "scopes").filter(|(scope, _)| is_scope(scope)).map(|(scope, words)| {
        let words = shorten(&plain(words.as_str().unwrap_or_default()), 200);
        (scope.clone(), if words.is_empty() { format!("use {scope}") } else { words })
    });
    Ok(Plan::new(0, Kind::Oauth2 { endpoints, scopes: scopes.collect() }, authorization()))
}

/// Whether a text can be a scope (RFC 6749 §3.3).
pub(in crate::openapi) fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
