use valetkey_core::connector::{AuthScheme, AuthType, Placement, Registry, builtin};

/// Slug, kind, authorization endpoint, token endpoint.
const OAUTH: &[(&str, &str, &str)] = &[
    ("airtable", "https://airtable.com/oauth2/v1/authorize", "https://airtable.com/oauth2/v1/token"),
    ("asana", "https://app.asana.com/-/oauth_authorize", "https://app.asana.com/-/oauth_token"),
    ("confluence", "https://auth.atlassian.com/authorize", "https://auth.atlassian.com/oauth/token"),
    ("discord", "https://discord.com/oauth2/authorize", "https://discord.com/api/oauth2/token"),
    ("dropbox", "https://www.dropbox.com/oauth2/authorize", "https://api.dropboxapi.com/oauth2/token"),
    ("github", "https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token"),
    ("gitlab", "https://gitlab.com/oauth/authorize", "https://gitlab.com/oauth/token"),
    ("gmail", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"),
    ("googlecalendar", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"),
    ("googledrive", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"),
    ("hubspot", "https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/v3/token"),
    ("jira", "https://auth.atlassian.com/authorize", "https://auth.atlassian.com/oauth/token"),
    ("linear", "https://linear.app/oauth/authorize", "https://api.linear.app/oauth/token"),
    ("notion", "https://api.notion.com/v1/oauth/authorize", "https://api.notion.com/v1/oauth/token"),
    (
        "outlook",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    ),
    (
        "salesforce",
        "https://login.salesforce.com/services/oauth2/authorize",
        "https://login.salesforce.com/services/oauth2/token",
    ),
    ("slack", "https://slack.com/oauth/v2/authorize", "https://slack.com/api/oauth.v2.access"),
    ("testprovider", "http://127.0.0.1:8444/authorize", "http://127.0.0.1:8444/token"),
    ("zoom", "https://zoom.us/oauth/authorize", "https://zoom.us/oauth/token"),
];

/// Slug, kind, and where the credential goes.
const STATIC: &[(&str, AuthType, &[&str])] = &[
    ("datadog", AuthType::ApiKey, &["dd-api-key: {{api_key}}", "dd-application-key: {{app_key}}"]),
    ("freshdesk", AuthType::Basic, &["basic {{username}}:X"]),
    ("sendgrid", AuthType::Bearer, &["authorization: Bearer {{token}}"]),
    ("testkey", AuthType::ApiKey, &["x-api-key: {{api_key}}"]),
    ("zendesk", AuthType::Basic, &["basic {{email}}/token:{{api_token}}"]),
];

fn shown(placement: &Placement) -> String {
    match placement {
        Placement::Header { name, value } => format!("{name}: {value}"),
        Placement::Query { name, value } => format!("?{name}={value}"),
        Placement::Basic { username, password } => format!("basic {username}:{password}"),
    }
}

#[test]
fn every_oauth_connector_goes_to_the_providers_endpoints_with_a_bearer_token() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    for (slug, authorize, token) in OAUTH {
        let connector = registry.get(slug).unwrap();
        let AuthScheme::Oauth2(oauth2) = &connector.auth else { panic!("{slug} is an OAuth connector") };
        let fields = connector.complete(std::collections::BTreeMap::default());
        let render = |url: &valetkey_core::connector::Template| {
            url.render(|name| fields.get(name).map(String::as_str)).unwrap()
        };
        assert_eq!(render(&oauth2.authorization.url), *authorize);
        assert_eq!(render(&oauth2.token.url), *token);
        let places: Vec<_> = connector.auth.placements().iter().map(shown).collect();
        assert_eq!(places, ["authorization: Bearer {{access_token}}"], "{slug}");
    }
}

#[test]
fn every_static_connector_puts_its_keys_where_the_provider_reads_them() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    for (slug, kind, places) in STATIC {
        let connector = registry.get(slug).unwrap();
        assert_eq!(connector.auth.kind(), *kind, "{slug}");
        assert_eq!(connector.auth.placements().iter().map(shown).collect::<Vec<_>>(), *places, "{slug}");
        assert!(connector.api.check.is_some(), "{slug} has a request that checks a key");
    }
}

#[test]
fn every_built_in_connector_is_in_one_of_the_tables() {
    let mut listed: Vec<&str> = OAUTH.iter().map(|row| row.0).chain(STATIC.iter().map(|row| row.0)).collect();
    listed.sort_unstable();
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    assert_eq!(registry.iter().map(|connector| connector.slug.as_str()).collect::<Vec<_>>(), listed);
}

#[test]
fn quirks_of_single_providers_are_said_in_data() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    let json = |slug: &str| serde_json::to_value(registry.get(slug).unwrap()).unwrap();
    for (slug, pointer, expected) in [
        ("gmail", "/auth/oauth2/authorization/parameters/access_type", "offline"),
        ("gmail", "/auth/oauth2/authorization/parameters/prompt", "consent"),
        ("dropbox", "/auth/oauth2/authorization/parameters/token_access_type", "offline"),
        ("jira", "/auth/oauth2/authorization/parameters/audience", "api.atlassian.com"),
        ("jira", "/auth/oauth2/discovery/0/capture/cloud_id", "/0/id"),
        ("jira", "/api/base_url", "https://api.atlassian.com/ex/jira/{{cloud_id}}"),
        ("confluence", "/api/base_url", "https://api.atlassian.com/ex/confluence/{{cloud_id}}"),
        ("slack", "/auth/oauth2/scopes/secondary/parameter", "user_scope"),
        ("slack", "/auth/oauth2/scopes/separator", ","),
        (
            "slack",
            "/auth/oauth2/token/answer/additional_tokens/user_token/access_token",
            "/authed_user/access_token",
        ),
        ("hubspot", "/auth/oauth2/scopes/secondary/parameter", "optional_scope"),
        ("notion", "/auth/oauth2/token/client_authentication", "client_secret_basic"),
        ("notion", "/auth/oauth2/authorization/parameters/owner", "user"),
        ("airtable", "/auth/oauth2/token/client_authentication", "client_secret_basic"),
        ("airtable", "/auth/oauth2/authorization/pkce", "s256"),
        ("zoom", "/auth/oauth2/token/client_authentication", "client_secret_basic"),
        ("salesforce", "/auth/oauth2/token/answer/capture/instance", "/instance_url"),
        ("github", "/auth/oauth2/token/headers/accept", "application/json"),
    ] {
        assert_eq!(
            json(slug).pointer(pointer).and_then(|value| value.as_str()),
            Some(expected),
            "{slug} {pointer}"
        );
    }
    assert_eq!(
        json("github").pointer("/auth/oauth2/token/answer/lifetime/never_expires"),
        Some(&true.into())
    );
    assert_eq!(
        json("gmail")["api_config_keys"],
        serde_json::json!(["version", "domain", "custom_headers", "custom_auth_header", "api_endpoint"])
    );
}

#[test]
fn a_scope_that_the_provider_never_lists_counts_as_granted_if_it_was_requested() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    let AuthScheme::Oauth2(oauth2) = &registry.get("outlook").unwrap().auth else { panic!("OAuth") };
    let set = |scopes: &[&str]| scopes.iter().copied().collect();
    let requested = set(&["offline_access", "User.Read", "Mail.Send"]);
    let granted = oauth2.scopes.granted(&requested, &set(&["User.Read", "profile"]));
    assert_eq!(granted, set(&["User.Read", "offline_access", "profile"]));
    assert_eq!(requested.minus(&granted), set(&["Mail.Send"]));
    assert_eq!(oauth2.scopes.describe("Mail.Send"), Some("send messages as you"));
}
