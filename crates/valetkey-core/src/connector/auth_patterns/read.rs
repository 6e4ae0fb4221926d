//! From `auth_patterns` to a definition.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Pattern, fields::Inputs};
use crate::connector::{
    Api, ApiErrors, AuthScheme, Connector, RateLimit, Template, Violation, host_matches, validate,
};

/// The definition that a custom provider means; or each place in its description with what is wrong there, such as
/// `auth_patterns[0].type`.
pub fn from_auth_patterns(
    identifier: &str,
    display_name: &str,
    description: &str,
    proxy_url: &str,
    icon: Option<&str>,
    metadata: &BTreeMap<String, String>,
    auth_patterns: &Value,
) -> Result<Connector, Vec<(String, String)>> {
    let (place, pattern) = single(auth_patterns)?;
    let base_url = Template::new(proxy_url);
    let mut inputs = Inputs::of(&pattern, &place, &addresses(&pattern, &base_url));
    let auth = match pattern.scheme(&mut inputs) {
        Ok(auth) => auth,
        Err((key, reason)) => return Err(vec![(format!("{place}{key}"), reason)]),
    };
    let connector = Connector {
        display_priority: 0,
        slug: slug(identifier),
        provider_key: identifier.to_owned(),
        name: display_name.to_owned(),
        description: if description.is_empty() { display_name } else { description }.to_owned(),
        documentation: None,
        categories: vec![],
        icon: icon.map(ToOwned::to_owned),
        setup: None,
        connection_fields: vec![],
        account_fields: inputs.account.iter().map(|(_, field)| field.clone()).collect(),
        discovered_fields: vec![],
        api: Api {
            allowed_hosts: allowed_hosts(&pattern, &base_url, &auth),
            base_url,
            headers: BTreeMap::new(),
            check: None,
            errors: ApiErrors::default(),
            rate_limit: RateLimit::default(),
        },
        auth,
        api_config_keys: vec![],
        test_provider: false,
        metadata: metadata.clone(),
    };
    let found = validate(&connector).into_iter().filter(|violation| !is_open_endpoint(&connector, violation));
    let found = found.map(|violation| (translate(&violation.path, &place, &inputs), violation.reason));
    let violations: Vec<_> = inputs.violations.iter().cloned().chain(found).collect();
    if violations.is_empty() { Ok(connector) } else { Err(violations) }
}

/// The one pattern with its place; none at all means no authentication.
fn single(auth_patterns: &Value) -> Result<(String, Pattern), Vec<(String, String)>> {
    let fault = |path: &str, reason: &str| vec![(path.to_owned(), reason.to_owned())];
    let patterns = match auth_patterns {
        Value::Null => &[][..],
        Value::Array(patterns) => patterns,
        _ => return Err(fault("auth_patterns", "must be a list")),
    };
    let place = "auth_patterns[0]".to_owned();
    match patterns {
        [] => Ok((place, Pattern { r#type: "NO_AUTH".into(), ..Pattern::default() })),
        [one] => match serde_path_to_error::deserialize(one) {
            Ok(pattern) => Ok((place, pattern)),
            Err(error) => Err(fault(&format!("{place}.{}", error.path()), &error.inner().to_string())),
        },
        _ => Err(fault("auth_patterns", "must have one pattern at most")),
    }
}

fn addresses(pattern: &Pattern, base_url: &Template) -> Vec<Template> {
    let config = pattern.oauth_config.iter();
    let endpoints =
        config.flat_map(|config| [&config.authorize_uri, &config.token_uri, &config.user_info_uri]);
    std::iter::once(base_url.clone()).chain(endpoints.map(|uri| Template::new(uri.as_str()))).collect()
}

fn slug(identifier: &str) -> String {
    identifier.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "-")
}

/// The given domains; the host of the API where users choose it and no domain covers it; and the host that tells who
/// has authorized.
fn allowed_hosts(pattern: &Pattern, base_url: &Template, auth: &AuthScheme) -> Vec<String> {
    let bare = |domain: &String| {
        let host = domain.split_once("://").map_or(domain.as_str(), |(_, rest)| rest);
        host.split('/').next().unwrap_or_default().to_ascii_lowercase()
    };
    let mut hosts: Vec<String> = pattern.allowed_proxy_domains.iter().map(bare).collect();
    let mut add = |address: &Template| {
        let host = address.host_part();
        if !host.is_empty() && !hosts.iter().any(|known| host_matches(known, host)) {
            hosts.push(host.to_owned());
        }
    };
    if base_url.host_part().contains("{{") && pattern.allowed_proxy_domains.is_empty() {
        add(base_url);
    }
    if let AuthScheme::Oauth2(oauth2) = auth
        && let Some(url) = oauth2.identity.as_ref().and_then(|identity| identity.url.as_ref())
    {
        add(url);
    }
    hosts
}

/// Endpoints that are both left to the connection or to discovery.
fn is_open_endpoint(connector: &Connector, violation: &Violation) -> bool {
    let AuthScheme::Oauth2(oauth2) = &connector.auth else { return false };
    oauth2.has_no_endpoints()
        && ["auth.oauth2.authorization.url", "auth.oauth2.token.url"].contains(&violation.path.as_str())
}

/// The place in the description for a place in the definition.
fn translate(path: &str, place: &str, inputs: &Inputs) -> String {
    let indexed = |prefix: &str, origins: &[(String, crate::connector::Field)]| {
        let (index, rest) = path.strip_prefix(prefix)?.split_once(']')?;
        let (origin, _) = origins.get(index.parse::<usize>().ok()?)?;
        Some(format!("{origin}{}", rest.replace(".name", ".field_name").replace(".default", "")))
    };
    if let Some(found) = indexed("account_fields[", &inputs.account) {
        return found;
    }
    if let Some((_, after)) = path.split_once(".fields[")
        && let Some((index, rest)) = after.split_once(']')
        && let Some((origin, _)) = index.parse::<usize>().ok().and_then(|index| inputs.credential.get(index))
    {
        return format!("{origin}{}", rest.replace(".name", ".field_name"));
    }
    let known = [
        ("name", "display_name".to_owned()),
        ("icon", "icon_src".to_owned()),
        ("api.base_url", "proxy_url".to_owned()),
        ("api.allowed_hosts", format!("{place}.allowed_proxy_domains")),
        ("auth.oauth2.authorization.url", format!("{place}.oauth_config.authorize_uri")),
        ("auth.oauth2.token.url", format!("{place}.oauth_config.token_uri")),
        ("auth.oauth2.identity.url", format!("{place}.oauth_config.user_info_uri")),
        ("auth.oauth2.scopes", format!("{place}.oauth_config.available_scopes")),
        ("auth", place.to_owned()),
    ];
    let found = known.into_iter().find(|(prefix, _)| path.starts_with(prefix));
    found.map_or_else(|| path.to_owned(), |(_, translated)| translated)
}
