use valetkey_core::connector::{AuthScheme, Registry, builtin};

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
