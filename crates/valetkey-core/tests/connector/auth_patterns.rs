use std::collections::BTreeMap;

use serde_json::{Value, json};
use valetkey_core::connector::{
    AuthScheme, AuthType, Connector, FieldFormat, InputType, Pkce, Placement, Registry, builtin,
    from_auth_patterns, to_auth_patterns,
};

fn read(proxy_url: &str, pattern: &Value) -> Result<Connector, Vec<(String, String)>> {
    from_auth_patterns("ACME:12345", "Acme", "", proxy_url, None, &BTreeMap::new(), &json!([pattern]))
}

fn places(connector: &Connector) -> Vec<String> {
    let shown = |place: &Placement| match place {
        Placement::Header { name, value } => format!("{name}: {value}"),
        Placement::Query { name, value } => format!("?{name}={value}"),
        Placement::Basic { username, password } => format!("basic {username} {password}"),
        Placement::Computed(_) | Placement::AwsSigv4(_) | Placement::Oauth1(_) => "signed".to_owned(),
    };
    connector.auth.placements().iter().map(shown).collect()
}

/// Asserts that everything in `part` is in `whole` with the same value.
#[track_caller]
fn assert_contains(whole: &Value, part: &Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (key, value) in part {
                assert_contains(whole.get(key).unwrap_or(&Value::Null), value);
            }
        }
        (Value::Array(whole), Value::Array(part)) => {
            assert_eq!(whole.len(), part.len(), "{whole:?}");
            whole.iter().zip(part).for_each(|(whole, part)| assert_contains(whole, part));
        }
        _ => assert_eq!(whole, part),
    }
}

/// Reads the pattern, writes it again, and asserts that nothing of it is lost.
#[track_caller]
fn round_trip(proxy_url: &str, pattern: &Value) -> Connector {
    let connector = read(proxy_url, pattern).unwrap();
    let written = to_auth_patterns(&connector);
    assert_contains(&written, &json!([pattern]));
    let again = read(proxy_url, &written[0]).unwrap();
    assert_eq!(
        (again.auth, again.account_fields),
        (connector.auth.clone(), connector.account_fields.clone())
    );
    connector
}

#[test]
fn pattern_1_oauth_with_endpoints_and_required_scopes() {
    let connector = round_trip(
        "https://app.acme.example",
        &json!({
            "type": "OAUTH",
            "fields": [],
            "oauth_config": {
                "authorize_uri": "https://app.acme.example/-/oauth_authorize",
                "token_uri": "https://app.acme.example/-/oauth_token",
                "user_info_uri": "https://id.acme.example/me",
                "pkce_enabled": true,
                "available_scopes": [
                    {"scope": "tasks:read", "display_name": "tasks:read", "description": "see tasks", "required": true},
                    {"scope": "tasks:write", "description": "change tasks", "required": false},
                ],
            },
        }),
    );
    let AuthScheme::Oauth2(oauth2) = &connector.auth else { panic!("OAuth") };
    assert_eq!(oauth2.scopes.always, ["tasks:read"]);
    assert_eq!(oauth2.authorization.pkce, Pkce::S256);
    assert_eq!(connector.api.allowed_hosts, ["id.acme.example"]);
    assert_eq!(places(&connector), ["authorization: Bearer {{access_token}}"]);
    assert_eq!((connector.slug.as_str(), connector.provider_key.as_str()), ("acme-12345", "ACME:12345"));
}

#[test]
fn pattern_2_basic_with_a_tenant_host_and_a_default_password() {
    let connector = round_trip(
        "https://{{domain}}/api",
        &json!({
            "type": "BASIC",
            "fields": [
                {"field_name": "domain", "label": "Domain", "input_type": "text", "required": true},
                {"field_name": "username", "label": "API key", "input_type": "password", "required": true},
            ],
            "auth_field_mutations": {"password": {"default": "X"}},
            "allowed_proxy_domains": ["*.acme.example"],
        }),
    );
    assert_eq!(connector.auth.kind(), AuthType::Basic);
    assert_eq!(places(&connector), ["basic {{username}} X"]);
    let domain = &connector.account_fields[0];
    assert_eq!(
        (domain.format, domain.host_suffix.as_deref()),
        (FieldFormat::Hostname, Some(".acme.example"))
    );
    assert_eq!(connector.auth.credential_fields().len(), 1);
}

#[test]
fn pattern_2_variant_with_a_suffix_to_the_user_name() {
    let connector = round_trip(
        "https://{{domain}}.acme.example/api",
        &json!({
            "type": "BASIC",
            "fields": [
                {"field_name": "domain", "label": "Domain", "input_type": "text", "required": true},
                {"field_name": "username", "label": "E-mail", "input_type": "text", "required": true},
                {"field_name": "password", "label": "Token", "input_type": "password", "required": true},
            ],
            "auth_field_mutations": {"username": {"suffix": "/token"}},
        }),
    );
    assert_eq!(places(&connector), ["basic {{username}}/token {{password}}"]);
    assert_eq!(connector.account_fields[0].format, FieldFormat::PathSegment);
    assert_eq!(connector.api.allowed_hosts, ["{{domain}}.acme.example"]);
}

#[test]
fn pattern_3_api_key_in_its_own_header_with_a_prefix() {
    let connector = round_trip(
        "https://a.acme.example/api",
        &json!({
            "type": "API_KEY",
            "fields": [{"field_name": "api_key", "label": "Key", "input_type": "password", "required": true}],
            "auth_header_key_override": "x-acme-key",
            "auth_field_mutations": {"api_key": {"prefix": "Acme-API-Key "}},
        }),
    );
    assert_eq!(places(&connector), ["x-acme-key: Acme-API-Key {{api_key}}"]);
}

#[test]
fn pattern_3_variant_with_two_keys_in_two_headers_and_a_site() {
    let connector = round_trip(
        "https://api.{{site}}",
        &json!({
            "type": "API_KEY",
            "fields": [
                {
                    "field_name": "site", "label": "Site", "input_type": "select", "required": false,
                    "options": [
                        {"value": "acme.example", "display_name": "US", "default": true},
                        {"value": "acme.test", "display_name": "EU", "default": false},
                    ],
                },
                {
                    "field_name": "api_key", "label": "Key", "input_type": "password", "required": true,
                    "header_name": "dd-api-key",
                },
                {
                    "field_name": "app_key", "label": "App key", "input_type": "password", "required": true,
                    "header_name": "dd-application-key",
                },
            ],
        }),
    );
    assert_eq!(places(&connector), ["dd-api-key: {{api_key}}", "dd-application-key: {{app_key}}"]);
    assert_eq!(connector.account_fields[0].input, InputType::Select);
    assert_eq!(connector.account_fields[0].default.as_deref(), Some("acme.example"));
}

#[test]
fn pattern_4_an_mcp_server_whose_endpoints_are_discovered() {
    let pattern = json!({
        "type": "OAUTH", "display_name": "Acme", "is_mcp": true, "fields": [], "oauth_config": {"pkce_enabled": true},
    });
    let connector = read("https://mcp.acme.example/mcp/", &pattern).unwrap();
    let AuthScheme::Oauth2(oauth2) = &connector.auth else { panic!("OAuth") };
    assert!(oauth2.has_no_endpoints());
}

#[test]
fn pattern_5_an_mcp_server_with_a_bearer_token_or_with_none() {
    let token = json!({"field_name": "token", "label": "Token", "input_type": "password", "required": true});
    let connector = round_trip("https://mcp.acme.example", &json!({"type": "BEARER", "fields": [token]}));
    assert_eq!(places(&connector), ["authorization: Bearer {{token}}"]);
    let open = round_trip("https://mcp.acme.example", &json!({"type": "NO_AUTH", "fields": []}));
    assert_eq!(open.auth.kind(), AuthType::None);
}

#[test]
fn what_a_request_needs_is_required_whatever_the_pattern_says() {
    let fields = json!([{"field_name": "domain"}, {"field_name": "secret", "input_type": "password"}]);
    let connector =
        read("https://{{domain}}/v1/{{region}}", &json!({"type": "BEARER", "fields": fields})).unwrap();
    assert!(connector.fields().chain(connector.auth.credential_fields()).all(|field| field.required));
    let names: Vec<_> =
        connector.account_fields.iter().map(|field| (field.name.as_str(), field.format)).collect();
    assert_eq!(names, [("domain", FieldFormat::Hostname), ("region", FieldFormat::PathSegment)]);
    assert_eq!(connector.api.allowed_hosts, ["{{domain}}"]);
}

#[test]
fn a_bearer_token_can_go_into_a_header_of_its_own() {
    let pattern = json!({
        "type": "BEARER", "fields": [{"field_name": "token", "required": true}], "auth_header_key_override": "X-Token",
    });
    let connector = read("https://a.acme.example", &pattern).unwrap();
    assert_eq!(places(&connector), ["x-token: Bearer {{token}}"]);
}

#[test]
fn faults_are_named_by_their_place_in_the_request() {
    for (proxy_url, pattern, place) in [
        ("https://a.example", json!({"type": "MAGIC"}), "auth_patterns[0].type"),
        ("https://a.example", json!({"type": 5}), "auth_patterns[0].type"),
        ("https://a.example", json!({"type": "BEARER"}), "auth_patterns[0].fields"),
        (
            "https://a.example",
            json!({"type": "BASIC", "fields": [{"field_name": "x"}]}),
            "auth_patterns[0].fields",
        ),
        ("ftp://a.example", json!({"type": "NO_AUTH"}), "proxy_url"),
        ("https://a.example/{{a b}}", json!({"type": "NO_AUTH"}), "proxy_url.field_name"),
        (
            "https://a.example",
            json!({"type": "API_KEY", "fields": [{"field_name": "9"}]}),
            "auth_patterns[0].fields[0].field_name",
        ),
        (
            "https://a.example",
            json!({"type": "BEARER", "fields": [{"field_name": "token", "input_type": "magic"}]}),
            "auth_patterns[0].fields[0].input_type",
        ),
        (
            "https://a.example",
            json!({"type": "BEARER", "fields": [{"field_name": "token"}], "allowed_proxy_domains": ["*"]}),
            "auth_patterns[0].allowed_proxy_domains",
        ),
        (
            "https://a.example",
            json!({"type": "OAUTH", "oauth_config": {"authorize_uri": "https://a.example/a"}}),
            "auth_patterns[0].oauth_config.token_uri",
        ),
        (
            "https://{{domain}}",
            json!({"type": "OAUTH", "oauth_config": {
                "authorize_uri": "https://{{domain}}/a", "token_uri": "https://{{domain}}/t",
            }}),
            "auth_patterns[0].oauth_config.token_uri",
        ),
        (
            "https://a.example",
            json!({"type": "OAUTH", "fields": [{"field_name": "pin", "input_type": "password"}]}),
            "auth_patterns[0].fields[0].input",
        ),
    ] {
        let faults = read(proxy_url, &pattern).err().unwrap_or_default();
        assert!(faults.iter().any(|(path, _)| path == place), "{pattern} should fail at {place}: {faults:?}");
    }
    let read = |patterns: Value| {
        from_auth_patterns("A:1", "A", "", "https://a.example", None, &BTreeMap::new(), &patterns)
    };
    assert!(read(json!([])).is_ok());
    assert!(read(json!({})).is_err());
    assert!(read(json!([{"type": "NO_AUTH"}, {"type": "NO_AUTH"}])).is_err());
}

#[test]
fn every_built_in_connector_has_a_pattern_that_is_read_again() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    for connector in registry.iter() {
        let patterns = to_auth_patterns(connector);
        let kind = patterns[0]["type"].as_str().unwrap();
        let expected = match connector.auth.kind() {
            AuthType::Oauth2 => "OAUTH",
            AuthType::Basic => "BASIC",
            AuthType::Bearer => "BEARER",
            AuthType::ApiKey => "API_KEY",
            AuthType::None => "NO_AUTH",
        };
        assert_eq!(kind, expected, "{}", connector.slug);
        assert!(patterns[0]["fields"].is_array(), "{}", connector.slug);
    }
    let gmail = to_auth_patterns(registry.get("gmail").unwrap());
    assert_contains(
        &gmail[0]["oauth_config"],
        &json!({"authorize_uri": "https://accounts.google.com/o/oauth2/v2/auth", "pkce_enabled": true}),
    );
    let datadog = to_auth_patterns(registry.get("datadog").unwrap());
    assert_eq!(datadog[0]["fields"][1]["header_name"], "dd-api-key");
    let freshdesk = to_auth_patterns(registry.get("freshdesk").unwrap());
    assert_eq!(freshdesk[0]["auth_field_mutations"], json!({"password": {"default": "X"}}));
    assert_eq!(freshdesk[0]["fields"][0]["field_name"], "domain");
}
