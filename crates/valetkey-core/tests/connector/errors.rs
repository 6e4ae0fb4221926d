use proptest::prelude::*;
use valetkey_core::connector::{Registry, check, parse_yaml};

/// Line 1 is the slug.
const GOOD: &str = r#"slug: acme
provider_key: ACME
name: Acme
description: A service.
documentation: https://docs.acme.example/auth
account_fields:
  - name: tenant
    label: Tenant
    format: hostname
    host_suffix: .acme.example
  - name: note
    label: Note
    required: false
auth:
  oauth2:
    authorization:
      url: https://auth.acme.example/authorize
      parameters: {audience: acme}
    token:
      url: https://{{tenant}}/token
      answer:
        capture: {cloud: /cloud/id}
    scopes:
      default: [read]
      available:
        - {scope: read, description: read things}
    place:
      - header: {name: authorization, value: "Bearer {{access_token}}"}
discovered_fields:
  - name: cloud
    label: Cloud
    format: path_segment
api:
  base_url: https://{{tenant}}/v1/{{cloud}}
  allowed_hosts: ["*.acme.example"]
  headers: {x-note: "{{note}}"}
"#;

/// The errors of the good definition with `old` replaced by `new`, as they are shown.
fn errors(old: &str, new: &str) -> Vec<String> {
    assert!(GOOD.contains(old), "the definition has {old}");
    let text = GOOD.replacen(old, new, 1);
    parse_yaml("acme.yaml", &text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[track_caller]
fn refused(old: &str, new: &str, place: &str, reason: &str) {
    let errors = errors(old, new);
    assert!(
        errors
            .iter()
            .any(|error| error.starts_with(&format!("acme.yaml:{place}: ")) && error.contains(reason)),
        "{new:?} should be refused at {place} with {reason:?}, got {errors:#?}"
    );
}

#[test]
fn the_good_definition_is_accepted() {
    assert_eq!(errors("slug: acme", "slug: acme"), Vec::<String>::new());
}

#[test]
fn what_is_not_yaml_is_refused_where_it_breaks() {
    refused("name: Acme", "name: [Acme", "4:12", "");
    refused("name: Acme", "slug: twice", "3:1", "duplicate");
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    refused("      url: https://auth", "      uri: https://auth", "17:7", "unknown key `uri`");
    refused("    label: Note", "    lable: Note", "12:5", "unknown key `lable`");
    refused("auth:\n  oauth2:", "auth:\n  oauth3:", "14:1", "unknown value `oauth3`");
}

#[test]
fn a_missing_key_is_refused_at_the_key_above() {
    refused("description: A service.\n", "", "1:1", "missing key `description`");
    refused("      url: https://{{tenant}}/token\n", "", "19:5", "missing key `url`");
}

#[test]
fn a_wrong_type_is_refused_with_its_line() {
    refused("name: Acme", "name: 5", "3:1", "expected a string");
    refused("      default: [read]", "      default: read", "24:7", "expected a sequence");
    refused("    required: false", "    required: perhaps", "13:5", "expected a boolean");
}

#[test]
fn an_address_must_be_https_and_sound() {
    const AUTHORIZE: &str = "https://auth.acme.example/authorize";
    for (bad, reason) in [
        ("http://auth.acme.example/authorize", "must start with https://"),
        ("ftp://auth.acme.example", "must start with https://"),
        ("auth.acme.example", "must be an address"),
        ("https://", "must be an address"),
        ("https://user:pw@auth.acme.example", "user name or password"),
        ("\"{{tenant}}/authorize\"", "must be an address"),
    ] {
        refused(AUTHORIZE, bad, "17:7", reason);
    }
    for good in ["http://127.0.0.1:8444/authorize", "http://localhost/authorize", "https://a.example/#/oauth"]
    {
        assert_eq!(errors(AUTHORIZE, good), Vec::<String>::new(), "{good}");
    }
    refused("https://docs.acme.example/auth", "docs.acme.example", "5:1", "must be an https:// address");
}

#[test]
fn a_placeholder_must_be_declared_and_fit_for_its_place() {
    refused("{{tenant}}/token", "{{tenat}}/token", "20:7", "\"tenat\", which is not a declared field");
    refused("audience: acme", "audience: \"{{access_token}}\"", "18:20", "may not name the credential");
    refused("{{tenant}}/v1", "{{tenant}}/{{note}}", "34:3", "not fit for an address");
    refused("{{tenant}}/v1", "{{tenant}}/{{note}}", "34:3", "may be absent");
    refused("{{tenant}}/token", "{{tenant/token", "20:7", "{{ without }}");
    refused("{{tenant}}/token", "{{tenant}}/{{cloud}}", "20:7", "not known yet");
    refused("{{access_token}}", "{{refresh_token}}", "28:39", "not a declared field");
}

#[test]
fn t09_a_grant_that_shows_tokens_to_the_browser_is_refused() {
    let parameters = "      parameters: {audience: acme}";
    refused(parameters, "      response_type: token", "18:7", "implicit grant");
    refused(parameters, "      response_type: code token", "18:7", "implicit grant");
    let answer = "      answer:\n";
    refused(answer, "      grant_type: password\n      answer:\n", "21:7", "other grants are not supported");
    refused(answer, "      grant_type: client_credentials\n      answer:\n", "21:7", "other grants");
}

#[test]
fn a_parameter_of_the_protocol_cannot_be_set_by_hand() {
    refused("{audience: acme}", "{state: fixed}", "18:20", "parameter of the protocol");
    refused(
        "parameters: {audience: acme}",
        "parameter_names: {audience: x}",
        "18:25",
        "not a standard parameter",
    );
}

#[test]
fn pkce_is_not_switched_off_without_a_reason() {
    let parameters = "      parameters: {audience: acme}";
    refused(parameters, "      pkce: {disabled: \"\"}", "18:14", "must say why");
    assert_eq!(errors(parameters, "      pkce: {disabled: answers 400}"), Vec::<String>::new());
}

#[test]
fn the_credential_goes_to_allowed_hosts_only() {
    refused("[\"*.acme.example\"]", "[\"*.acme.test\"]", "35:3", "no pattern that matches any.acme.example");
    refused("[\"*.acme.example\"]", "[\"*\"]", "35:19", "must be a host");
    refused("[\"*.acme.example\"]", "[\"a/b\"]", "35:19", "must be a host");
    refused(
        "    scopes:\n",
        "    identity: {url: https://who.evil.example/me}\n    scopes:\n",
        "23:16",
        "would send the credential to who.evil.example",
    );
    refused(
        "  headers: {x-note: \"{{note}}\"}",
        "  check: {path: https://evil.example/me}",
        "36:11",
        "would send the credential to evil.example",
    );
}

#[test]
fn t24_users_do_not_choose_where_the_client_secret_goes() {
    refused("    host_suffix: .acme.example\n", "", "19:7", "the client secret goes there");
}

#[test]
fn fields_are_checked() {
    refused("name: tenant", "name: 1tenant", "7:5", "must start with a letter");
    refused("name: note", "name: tenant", "11:5", "declared twice");
    refused("label: Note", "input: select\n    label: Note", "11:5", "at least one choice");
    refused(
        "label: Note",
        "input: password\n    label: Note",
        "12:5",
        "only fields of the credential are secret",
    );
    refused("host_suffix: .acme.example", "host_suffix: .com", "10:5", "end of a host");
    refused("label: Tenant", "label: Tenant\n    default: a b", "9:5", "must be a host name");
    refused("  - name: cloud", "  - name: clout", "22:19", "not declared in discovered_fields");
    refused("  - name: cloud", "  - name: clout", "30:5", "filled by no capture");
}

#[test]
fn scopes_headers_and_pointers_are_checked() {
    refused("default: [read]", "default: [write]", "24:17", "not described in scopes.available");
    refused("capture: {cloud: /cloud/id}", "capture: {cloud: cloud.id}", "22:19", "JSON pointer");
    refused("x-note:", "\"x note\":", "36:13", "name of an HTTP header");
    refused("slug: acme", "slug: Acme", "1:1", "lower-case");
}

#[test]
fn the_check_of_several_files_reports_each_with_file_line_and_column() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let files = [
        file("a/connector.yaml", GOOD),
        file("b/connector.yaml", &GOOD.replace("name: Acme", "nam: Acme")),
        file("c/connector.yaml", GOOD),
        file("d/connector.yaml", "extends: gmail\napi: {base_url: 'ftp://x'}"),
        file("e/connector.yaml", "extends: gmial"),
    ];
    let shown: Vec<String> = check(&files, &[]).iter().map(ToString::to_string).collect();
    assert!(shown[0].starts_with("b/connector.yaml:3:1: nam: unknown key"), "{shown:?}");
    assert_eq!(
        shown[1..],
        [
            "c/connector.yaml:1:1: slug: is the name of a/connector.yaml too",
            "c/connector.yaml:2:1: provider_key: is the name of a/connector.yaml too",
            "d/connector.yaml:2:7: api.base_url: must start with https:// or, on loopback, http://",
            "e/connector.yaml:1:1: extends: must be the slug of a connector that comes with Valetkey",
        ]
    );
}

#[test]
fn the_check_of_tools_finds_their_definition_in_the_folder_above() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let tool = |name: &str| {
        format!(
            "tools:\n  - name: {name}\n    title: T\n    description: D\n    effect: read\n    request: {{path: /a}}\n"
        )
    };
    let definitions = [file("a/connector.yaml", GOOD), file("b/connector.yaml", "slug: ")];
    let tools = [
        file("a/tools/one.yaml", &tool("acme_read")),
        file("a/tools/two.yaml", &tool("acme_read")),
        file("a/tools/wrong.yaml", &tool("other_read")),
        file("b/tools/unseen.yaml", &tool("other_read")),
        file("x/gmail/tools/own.yaml", &tool("gmail_own")),
        file("x/nowhere/tools/own.yaml", &tool("nowhere_own")),
    ];
    let shown: Vec<String> = check(&definitions, &tools).iter().map(ToString::to_string).collect();
    assert!(shown[0].starts_with("b/connector.yaml:"), "{shown:?}");
    assert_eq!(shown[1], "a/tools/two.yaml:1:1: has the tool acme_read, as a/tools/one.yaml has");
    assert!(shown[2].starts_with("a/tools/wrong.yaml:2:5: tools[0].name: must be acme_"), "{shown:?}");
    assert_eq!(shown[3..], ["x/nowhere/tools/own.yaml:1:1: is not in the folder tools/ of a connector"]);
}

proptest! {
    #[test]
    fn damage_anywhere_is_refused_or_harmless_and_errors_point_into_the_file(
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        text in "[ \\n\\-:{}\\[\\]\"'a-z0-9./*&!%\\PC]{0,12}",
    ) {
        let characters: Vec<char> = GOOD.chars().collect();
        let start = at.index(characters.len());
        let end = (start + length).min(characters.len());
        let damaged: String =
            characters[..start].iter().copied().chain(text.chars()).chain(characters[end..].iter().copied()).collect();
        let lines = damaged.lines().count() as u64 + 1;
        for error in parse_yaml("acme.yaml", &damaged).err().unwrap_or_default() {
            prop_assert!((1..=lines).contains(&error.line), "{error} is outside of {lines} lines");
            prop_assert!(!error.reason.is_empty());
        }
        let _ = Registry::from_sources(&[("acme.yaml", &damaged)], &[]);
    }
}

#[test]
fn what_authorization_yields_is_checked_like_what_a_user_types() {
    let connector = parse_yaml("acme.yaml", GOOD).unwrap();
    let captured =
        |value: &str| [("cloud".to_owned(), value.to_owned()), ("other".into(), "x".into())].into();
    assert_eq!(connector.discovered(&captured(" c-1 ")), Ok([("cloud".to_owned(), "c-1".to_owned())].into()));
    assert!(connector.discovered(&captured("../admin")).is_err());
}

#[test]
fn an_optional_field_without_a_value_is_empty_text_and_a_required_one_is_missed() {
    let connector = parse_yaml("acme.yaml", GOOD).unwrap();
    let values = connector.complete([("cloud".to_owned(), "c1".to_owned())].into());
    assert_eq!(values, [("cloud".to_owned(), "c1".to_owned()), ("note".to_owned(), String::new())].into());
}

#[test]
fn quirk_82_a_sign_of_a_rate_limit_is_told_apart_from_other_answers() {
    for (sign, reason) in [
        ("{status: 403}", "needs a header or a text"),
        ("{status: 403, text: \"\"}", "needs a header or a text"),
        ("{status: 1000, text: x}", "must be an HTTP status"),
        ("{status: 429, equals: \"0\"}", "needs the header whose value it is"),
        ("{status: 429, header: \"a b\"}", "must be the name of an HTTP header"),
    ] {
        let new = format!("  rate_limit: {{signs: [{sign}]}}\n");
        let errors = errors("  headers: {x-note: \"{{note}}\"}\n", &new);
        assert!(errors.iter().any(|error| error.contains(reason)), "{sign}: {errors:?}");
    }
    let fine = "  rate_limit: {signs: [{status: 403, header: x-left, equals: \"0\"}], \
                resets: [{header: x-reset, unit: epoch_seconds}]}\n";
    assert_eq!(errors("  headers: {x-note: \"{{note}}\"}\n", fine), Vec::<String>::new());
}
