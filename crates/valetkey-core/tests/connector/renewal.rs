use std::collections::BTreeMap;

use valetkey_core::{
    Secret, Timestamp,
    connector::{
        AuthScheme, ClientAuthentication, Connector, Method, Oauth2, Refresh, RefreshWay, Registry, Template,
        builtin, parse_yaml,
    },
    credential::OauthCredential,
};

/// A definition in which lines can be added to the token endpoint and after it.
fn definition(token: &str, more: &str) -> String {
    format!(
        "slug: acme
provider_key: ACME
name: Acme
description: A service.
documentation: https://docs.acme.example/auth
connection_fields: [{{name: tenant, label: Tenant, format: path_segment}}]
auth:
  oauth2:
    authorization: {{url: https://acme.example/authorize, parameters: {{resource: https://api.acme.example}}}}
    token:
      url: https://acme.example/token
      {token}
    {more}
api: {{base_url: https://acme.example}}
"
    )
}

fn read(token: &str, more: &str) -> Result<Connector, Vec<String>> {
    parse_yaml("acme.yaml", &definition(token, more))
        .map_err(|errors| errors.iter().map(|error| format!("{}: {}", error.path, error.reason)).collect())
}

fn oauth2(token: &str, more: &str) -> Oauth2 {
    match read(token, more).unwrap().auth {
        AuthScheme::Oauth2(oauth2) => *oauth2,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(token: &str, more: &str, place: &str, reason: &str) {
    let errors = read(token, more).expect_err("a definition that is refused");
    let found = errors
        .iter()
        .any(|error| error.starts_with(&format!("auth.oauth2.{place}: ")) && error.contains(reason));
    assert!(found, "{more:?} should be refused at {place} with {reason:?}, got {errors:#?}");
}

fn credential(access: &str, refresh: Option<&str>) -> OauthCredential {
    OauthCredential {
        access_token: access.into(),
        refresh_token: refresh.map(Secret::from),
        ..OauthCredential::default()
    }
}

#[test]
fn a_refresh_is_like_a_request_for_a_code_unless_the_definition_says_otherwise() {
    let token = "body: json\n      headers: {x-version: '2'}\n      parameters: {a: b}";
    let plain = oauth2(token, "scopes: {}");
    assert_eq!(plain.refresh, Refresh::default());
    let endpoint = plain.refresh_endpoint();
    assert_eq!(
        (endpoint.url, endpoint.method, endpoint.body),
        (&plain.token.url, Method::Post, plain.token.body)
    );
    assert_eq!((endpoint.headers, endpoint.parameters), (&plain.token.headers, &plain.token.parameters));
    assert_eq!((endpoint.answer, endpoint.grant_type), (&plain.token.answer, "refresh_token"));
    let basic = ClientAuthentication::ClientSecretBasic;
    assert_eq!(plain.refresh_authentication(basic), basic);
    assert!(!plain.refresh.repeat_tolerated && plain.refresh.repeat_parameters == ["resource"]);
    let own = oauth2("", "refresh: {way: client_credentials, headers: {}, client_authentication: none}");
    assert_eq!(own.refresh_endpoint().grant_type, "client_credentials");
    assert_eq!(own.refresh_endpoint().headers, &BTreeMap::new());
    assert_eq!(own.refresh_authentication(basic), ClientAuthentication::None);
}

#[test]
fn quirk_55_what_a_way_presents_must_be_there() {
    let can =
        |way, access, refresh| Refresh { way, ..Refresh::default() }.can_renew(&credential(access, refresh));
    assert!(can(RefreshWay::RefreshToken, "", Some("r")));
    assert!(!can(RefreshWay::RefreshToken, "a", None) && !can(RefreshWay::RefreshToken, "a", Some("")));
    assert!(can(RefreshWay::ExchangeAccessToken, "a", None));
    assert!(!can(RefreshWay::ExchangeAccessToken, "", Some("r")));
    assert!(can(RefreshWay::ClientCredentials, "", None));
    assert!(!can(RefreshWay::None, "a", Some("r")));
}

#[test]
fn quirk_60_a_refresh_is_not_made_before_the_provider_accepts_it() {
    let picky = Refresh { only_near_expiry: Some(30), ..Refresh::default() };
    let expiry = Timestamp::EPOCH.plus_seconds(600);
    assert_eq!(picky.earliest(expiry), Some(Timestamp::EPOCH.plus_seconds(570)));
    assert_eq!(Refresh::default().earliest(expiry), None);
}

#[test]
fn a_refresh_that_cannot_work_is_refused_where_it_is_written() {
    refused("", "refresh: {way: exchange_access_token}", "refresh.grant_type", "must be given");
    assert!(read("", "refresh: {way: exchange_access_token, parameter_names: {grant_type: ''}}").is_ok());
    refused("", "refresh: {grant_type: password}", "refresh.grant_type", "RFC 9700");
    refused("", "refresh: {url: 'http://acme.example/r'}", "refresh.url", "must start with https://");
    refused("", "refresh: {token_place: path}", "refresh.url", "must be given");
    refused(
        "",
        "refresh: {token_place: path, url: 'https://acme.example/r'}",
        "refresh.url",
        "{{token}} in its path",
    );
    refused(
        "",
        "refresh: {token_place: path, url: 'https://acme.example/r?t={{token}}'}",
        "refresh.url",
        "{{token}} in its path",
    );
    refused("", "refresh: {url: 'https://acme.example/{{token}}'}", "refresh.url", "not a declared field");
    assert!(
        read("", "refresh: {token_place: path, url: 'https://acme.example/{{tenant}}/{{token}}'}").is_ok()
    );
    refused(
        "client_authentication: client_secret_basic",
        "refresh: {token_place: bearer}",
        "refresh.client_authentication",
        "the token is in the authorization header",
    );
    refused("", "refresh: {parameters: {scope: all}}", "refresh.parameters.scope", "of the protocol itself");
    refused("", "refresh: {parameter_names: {code: c}}", "refresh.parameter_names.code", "not a standard");
    refused("", "refresh: {only_near_expiry: 0}", "refresh.only_near_expiry", "more than 0");
    refused("", "refresh: {repeat_parameters: [code]}", "refresh.repeat_parameters[0]", "of the protocol");
    refused("", "refresh: {answer: {access_token: token}}", "refresh.answer.access_token", "JSON pointer");
    refused(
        "",
        "refresh: {answer: {additional_tokens: {x: {access_token: /x}}}}",
        "refresh.answer.additional_tokens.x",
        "no token of token.answer",
    );
    refused(
        "",
        "refresh: {refresh_token_lifetime: {pointer: x, idle_seconds: -1}}",
        "refresh.refresh_token_lifetime.idle_seconds",
        "more than 0",
    );
}

#[test]
fn a_revocation_that_cannot_work_is_refused_where_it_is_written() {
    let own = |more: &str| format!("revocation: {{url: 'https://acme.example/revoke', {more}}}");
    assert!(read("", &own("method: DELETE, tokens: [access_token], parameter_names: {token: t}")).is_ok());
    refused("", &own("tokens: []"), "revocation.tokens", "at least one");
    refused("", &own("token_place: path"), "revocation.url", "{{token}} in its path");
    refused(
        "",
        &own("token_place: bearer, client_authentication: client_secret_basic"),
        "revocation.client_authentication",
        "where the token is",
    );
    refused("", &own("errors: [{pointer: x}]"), "revocation.errors[0]", "JSON pointer");
    refused("", &own("errors: [{}]"), "revocation.errors[0]", "JSON pointer");
    refused("", &own("errors: [{pointer: /a, equals: 1, unless: 2}]"), "revocation.errors[0]", "both");
    assert!(read("", &own("errors: [{status: 404, meaning: grant_revoked}]")).is_ok());
    assert!(read("", "revocation: {url: 'https://acme.example/apps/{{client_id}}/token'}").is_ok());
}

#[test]
fn where_the_token_endpoint_moves_the_addresses_beside_it_go_along_and_others_are_dropped() {
    let moved = |more: &str| {
        let mut oauth2 = oauth2("", more);
        oauth2.move_token_endpoint(Template::new("https://own.example:8443/t"));
        let text = |url: Option<&Template>| url.map(|url| url.as_str().to_owned());
        (text(oauth2.refresh.url.as_ref()), text(oauth2.revocation.as_ref().map(|found| &found.url)))
    };
    let both = |host: &str| {
        format!("refresh: {{url: 'https://{host}/r'}}\n    revocation: {{url: 'https://{host}/revoke?x=1'}}")
    };
    assert_eq!(
        moved(&both("acme.example")),
        (Some("https://own.example:8443/r".into()), Some("https://own.example:8443/revoke?x=1".into()))
    );
    for other in ["other.example", "acme.example.evil.example", "acme.example:8443"] {
        assert_eq!(moved(&both(other)), (None, None), "{other}");
    }
}

#[test]
fn quirk_62_a_session_is_opened_at_a_host_of_the_connector_only() {
    let session = |name: &str, host: &str| {
        format!(
            "session: {{name: {name}, url: 'https://{host}/login', parameters: {{t: '{{{{access_token}}}}'}}, answer: {{access_token: /s}}}}\n    place: [{{header: {{name: x-session, value: '{{{{s}}}}'}}}}]"
        )
    };
    assert!(read("", &session("s", "acme.example")).is_ok());
    refused("", &session("s", "other.example"), "session.url", "would send the credential to");
    refused("", &session("access_token", "acme.example"), "session.name", "that nothing else has");
}

#[test]
fn t18_an_assertion_needs_a_key_id() {
    let jwt = "client_authentication: private_key_jwt";
    refused(jwt, "scopes: {}", "token.client_assertion", "must be given for private_key_jwt");
    refused(
        "client_authentication: private_key_jwt\n      client_assertion: {key_id: ''}",
        "scopes: {}",
        "token.client_assertion.key_id",
        "must not be empty",
    );
    assert!(
        read(&format!("{jwt}\n      client_assertion: {{key_id: '{{{{tenant}}}}'}}"), "scopes: {}").is_ok()
    );
}

/// Slug, and whether the provider documents that a refresh token may be presented again.
const REPEAT: &[(&str, bool)] = &[
    ("airtable", false),
    ("asana", true),
    ("confluence", false),
    ("discord", false),
    ("dropbox", true),
    ("github", false),
    ("gitlab", false),
    ("gmail", true),
    ("googlecalendar", true),
    ("googledrive", true),
    ("hubspot", true),
    ("jira", false),
    ("linear", false),
    ("notion", false),
    ("outlook", true),
    ("salesforce", true),
    ("slack", false),
    ("testprovider", false),
    ("zoom", false),
];

#[test]
fn quirk_57_every_definition_says_whether_a_refresh_token_may_be_presented_again() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    let found: Vec<(&str, bool)> = registry
        .iter()
        .filter_map(|connector| match &connector.auth {
            AuthScheme::Oauth2(oauth2) => Some((connector.slug.as_str(), oauth2.refresh.repeat_tolerated)),
            _ => None,
        })
        .collect();
    for known in REPEAT {
        assert!(found.contains(known), "{known:?}");
    }
    for (file, text) in builtin().iter().filter(|(_, text)| text.contains("\n  oauth2:")) {
        assert!(text.contains("\n    refresh:\n") && text.contains("      repeat_tolerated: "), "{file}");
    }
}

#[test]
fn t40_definitions_revoke_where_the_provider_has_an_endpoint() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    for (slug, address) in [
        ("asana", Some("https://app.asana.com/-/oauth_revoke")),
        ("discord", Some("https://discord.com/api/oauth2/token/revoke")),
        ("dropbox", Some("https://api.dropboxapi.com/2/auth/token/revoke")),
        ("github", Some("https://api.github.com/applications/{{client_id}}/token")),
        ("gitlab", Some("https://{{host}}/oauth/revoke")),
        ("gmail", Some("https://oauth2.googleapis.com/revoke")),
        ("googlecalendar", Some("https://oauth2.googleapis.com/revoke")),
        ("googledrive", Some("https://oauth2.googleapis.com/revoke")),
        ("hubspot", Some("https://api.hubapi.com/oauth/2026-03/token/revoke")),
        ("linear", Some("https://api.linear.app/oauth/revoke")),
        ("notion", Some("https://api.notion.com/v1/oauth/revoke")),
        ("salesforce", Some("https://{{login_host}}/services/oauth2/revoke")),
        ("slack", Some("https://slack.com/api/auth.revoke")),
        ("zoom", Some("https://zoom.us/oauth/revoke")),
        ("airtable", None),
        ("confluence", None),
        ("jira", None),
        ("outlook", None),
    ] {
        let AuthScheme::Oauth2(oauth2) = &registry.get(slug).unwrap().auth else { panic!("{slug}") };
        let found = oauth2.revocation.as_ref().map(|revocation| revocation.url.as_str());
        assert_eq!(found, address, "{slug}");
    }
}
