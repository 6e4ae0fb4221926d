use valetkey_core::connector::{AuthScheme, Registry, builtin};

fn with(overrides: &[(&str, &str)]) -> Result<Registry, Vec<String>> {
    let overrides: Vec<_> =
        overrides.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    Registry::from_sources(builtin(), &overrides)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn a_connector_is_found_by_slug_and_by_provider_key_in_any_case() {
    let registry = with(&[]).unwrap();
    for name in ["gmail", "GMAIL", "Gmail"] {
        assert_eq!(registry.get(name).unwrap().slug, "gmail");
    }
    assert!(registry.get("gmial").is_none());
    assert_eq!(registry.iter().count(), builtin().len());
}

#[test]
fn a_misspelt_name_gets_the_nearest_one() {
    let registry = with(&[]).unwrap();
    assert_eq!(registry.suggest("gmial"), Some("gmail"));
    assert_eq!(registry.suggest("TEST-KEY"), Some("testkey"));
    assert_eq!(registry.suggest("zzzzzz"), None);
}

#[test]
fn an_operator_changes_single_keys_of_a_built_in_definition() {
    let registry = with(&[(
        "ops/gmail/connector.yaml",
        "extends: gmail\nname: Mail\napi: {base_url: 'https://mail.proxy.example', check: null}\n",
    )])
    .unwrap();
    let gmail = registry.get("gmail").unwrap();
    assert_eq!((gmail.name.as_str(), gmail.api.base_url.as_str()), ("Mail", "https://mail.proxy.example"));
    assert_eq!(gmail.api.check, None);
    let AuthScheme::Oauth2(oauth2) = &gmail.auth else { panic!("still OAuth") };
    assert_eq!(oauth2.token.url.as_str(), "https://oauth2.googleapis.com/token");
}

#[test]
fn an_operator_makes_a_further_connector_of_a_built_in_one() {
    let registry = with(&[("ops/x.yaml", "extends: gmail\nslug: gmail2\nprovider_key: GMAIL2\n")]).unwrap();
    assert_eq!(registry.get("GMAIL2").unwrap().slug, "gmail2");
    assert_eq!(registry.get("gmail").unwrap().slug, "gmail");
}

#[test]
fn errors_of_an_override_name_the_operators_file_and_the_line_of_the_change() {
    let errors = with(&[("ops/gmail/connector.yaml", "extends: gmail\n\nauth:\n  oauth2:\n    toke: {}\n")]);
    let errors = errors.unwrap_err();
    assert!(
        errors[0].starts_with("ops/gmail/connector.yaml:5:5: auth.oauth2.toke: unknown key"),
        "{errors:?}"
    );
}

#[test]
fn a_change_that_breaks_something_else_is_reported_in_the_operators_file() {
    let errors = with(&[(
        "ops/x.yaml",
        "extends: gmail\nauth: {oauth2: {identity: {url: 'https://a.example/me'}}}\n",
    )]);
    assert!(errors.unwrap_err()[0].starts_with("ops/x.yaml:2:28: auth.oauth2.identity.url: would send"));
}

#[test]
fn two_connectors_cannot_have_one_name() {
    let errors = with(&[("ops/x.yaml", "extends: gmail\nslug: mail\n")]).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("already has this name"), "{errors:?}");
    let twice = [("a.yaml", "extends: gmail\n"), ("b.yaml", "extends: gmail\n")];
    assert_eq!(with(&twice).unwrap_err(), ["b.yaml:1:1: slug: is defined by a.yaml too"]);
}
