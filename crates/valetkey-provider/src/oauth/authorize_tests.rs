//! The address of an authorization request, quirk by quirk.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a failed unwrap is a failed test, and JSON reads best as an argument"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use valetkey_core::connector::ClientAuthentication;

use super::*;

struct Same;

impl Entropy for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// What a test varies.
struct Case {
    authorization: Value,
    scopes: Value,
    asked: &'static [&'static str],
    secondary: &'static [&'static str],
    parameters: Fields,
    fields: Fields,
    state: Option<&'static str>,
}

impl Case {
    fn new(authorization: Value) -> Self {
        let (parameters, fields) = (Fields::new(), Fields::new());
        Self { authorization, scopes: json!({}), asked: &[], secondary: &[], parameters, fields, state: None }
    }

    fn url(&self) -> Result<Url, AuthorizationError> {
        let mut authorization = json!({ "url": "https://a.example/authorize" });
        authorization.as_object_mut().unwrap().extend(self.authorization.as_object().unwrap().clone());
        let token = json!({ "url": "https://t.example/token" });
        let definition = json!({ "authorization": authorization, "token": token, "scopes": self.scopes });
        let oauth2: Oauth2 = serde_json::from_value(definition).unwrap();
        let client =
            OauthClient { client_id: "id", client_secret: None, authentication: ClientAuthentication::None };
        let scopes = self.asked.iter().copied().collect();
        let secondary_scopes = self.secondary.iter().copied().collect();
        let input = AuthorizationInput {
            oauth2: &oauth2,
            client,
            redirect_uri: "https://v.example/callback",
            scopes: &scopes,
            secondary_scopes: &secondary_scopes,
            parameters: &self.parameters,
            fields: &self.fields,
            state: self.state,
        };
        let (mut request, parameters) = prepare(&Same, &input)?;
        append_query(&mut request.url, &parameters.query());
        Ok(request.url)
    }

    fn query(&self) -> BTreeMap<String, String> {
        self.url().unwrap().query_pairs().into_owned().collect()
    }
}

fn pairs(items: &[(&str, &str)]) -> Fields {
    items.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn t01_every_request_carries_an_s256_challenge() {
    let query = Case::new(json!({})).query();
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["code_challenge"].len(), 43);
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["state"].len(), 43);
    assert_eq!(query["redirect_uri"], "https://v.example/callback");
}

#[test]
fn t01_quirk_14_a_definition_must_give_a_reason_to_switch_pkce_off() {
    let query = Case::new(json!({ "pkce": { "disabled": "the provider refuses it" } })).query();
    assert!(!query.contains_key("code_challenge") && !query.contains_key("code_challenge_method"));
    let without_reason: Result<Pkce, _> = serde_json::from_value(json!("disabled"));
    assert!(without_reason.is_err());
}

#[test]
fn quirk_1_scopes_are_joined_as_the_provider_wants() {
    for (separator, expected) in [(" ", "a b"), (",", "a,b"), ("+", "a+b")] {
        let case =
            Case { scopes: json!({ "separator": separator }), asked: &["b", "a"], ..Case::new(json!({})) };
        assert_eq!(case.query()["scope"], expected);
    }
    let case = Case { asked: &["a", "b"], ..Case::new(json!({})) };
    assert!(case.url().unwrap().as_str().contains("scope=a%20b"));
}

#[test]
fn quirk_2_and_3_standard_parameters_may_have_other_names() {
    let names = json!({ "client_id": "client_key", "redirect_uri": "back", "state": "customField" });
    let query = Case::new(json!({ "parameter_names": names })).query();
    assert_eq!((query["client_key"].as_str(), query["back"].as_str()), ("id", "https://v.example/callback"));
    assert_eq!(query["customField"].len(), 43);
    assert!(!query.contains_key("client_id") && !query.contains_key("state"));
}

#[test]
fn quirk_4_the_response_type_may_differ_or_be_absent() {
    assert_eq!(Case::new(json!({ "response_type": "auth_code" })).query()["response_type"], "auth_code");
    assert!(!Case::new(json!({ "response_type": "" })).query().contains_key("response_type"));
}

#[test]
fn quirks_5_6_8_18_further_parameters_come_from_the_definition_and_the_connection() {
    let further = json!({ "access_type": "offline", "prompt": "consent", "realm": "{{tenant}}" });
    let case = Case {
        parameters: pairs(&[("prompt", "select_account"), ("hd", "acme.example")]),
        fields: pairs(&[("tenant", "acme")]),
        ..Case::new(json!({ "parameters": further }))
    };
    let query = case.query();
    let get = |name: &str| query[name].as_str();
    assert_eq!((get("access_type"), get("prompt"), get("realm")), ("offline", "select_account", "acme"));
    assert_eq!(get("hd"), "acme.example");
}

#[test]
fn quirk_7_scopes_that_are_always_sent_are_added_once() {
    let case = Case {
        scopes: json!({ "always": ["offline_access"] }),
        asked: &["a", "offline_access"],
        ..Case::new(json!({}))
    };
    assert_eq!(case.query()["scope"], "a offline_access");
}

#[test]
fn quirk_9_a_nonce_is_sent_where_the_definition_wants_it() {
    assert_eq!(Case::new(json!({ "nonce": true })).query()["nonce"].len(), 43);
    assert!(!Case::new(json!({})).query().contains_key("nonce"));
}

#[test]
fn quirk_10_empty_parameters_are_left_out() {
    let case = Case {
        fields: pairs(&[("none", "")]),
        ..Case::new(json!({ "parameters": { "region": "{{none}}" } }))
    };
    let query = case.query();
    assert!(!query.contains_key("scope") && !query.contains_key("region"));
}

#[test]
fn quirk_11_the_query_stays_behind_the_route_of_a_single_page_application() {
    for (url, start) in [
        ("https://a.example/#/oauth/authorize", "https://a.example/#/oauth/authorize?response_type=code&"),
        ("https://a.example/#/oauth?v=1", "https://a.example/#/oauth?v=1&response_type=code&"),
        ("https://a.example/x?v=1", "https://a.example/x?v=1&response_type=code&"),
    ] {
        let made = Case::new(json!({ "url": url })).url().unwrap();
        assert!(made.as_str().starts_with(start), "{made}");
    }
}

#[test]
fn quirk_12_an_empty_name_leaves_a_parameter_out() {
    let changed = json!({
        "parameter_names": { "client_id": "" },
        "parameters": { "application_id": "{{client_id}}" },
    });
    let query = Case::new(changed).query();
    assert_eq!((query.contains_key("client_id"), query["application_id"].as_str()), (false, "id"));
}

#[test]
fn quirk_13_scopes_are_not_sent_where_the_application_has_them() {
    let case = Case { scopes: json!({ "sent": false }), asked: &["a"], ..Case::new(json!({})) };
    assert!(!case.query().contains_key("scope"));
}

#[test]
fn quirk_15_a_second_set_of_scopes_has_its_own_parameter() {
    let scopes = json!({ "separator": ",", "secondary": { "parameter": "user_scope" } });
    let case = Case { scopes, asked: &["bot"], secondary: &["u1", "u2"], ..Case::new(json!({})) };
    let query = case.query();
    assert_eq!((query["scope"].as_str(), query["user_scope"].as_str()), ("bot", "u1,u2"));
}

#[test]
fn quirk_19_hosts_come_from_fields_and_a_missing_one_is_named() {
    let url = json!({ "url": "https://{{domain}}/oauth/authorize" });
    let case = Case { fields: pairs(&[("domain", "acme.example")]), ..Case::new(url.clone()) };
    assert_eq!(case.url().unwrap().host_str(), Some("acme.example"));
    let missing = Case::new(url).url().unwrap_err();
    assert!(missing.to_string().contains("\"domain\""));
}

#[test]
fn quirk_20_authorization_and_token_hosts_are_independent() {
    assert_eq!(Case::new(json!({})).url().unwrap().host_str(), Some("a.example"));
}

#[test]
fn t09_a_response_type_that_returns_a_token_is_refused() {
    for response_type in ["token", "code token", "id_token TOKEN"] {
        let refused = Case::new(json!({ "response_type": response_type })).url();
        assert!(matches!(refused, Err(AuthorizationError::InsecureResponseType(_))), "{response_type}");
    }
    assert!(Case::new(json!({ "response_type": "code id_token" })).url().is_ok());
}

#[test]
fn t10_the_address_is_https_or_http_on_this_machine() {
    for bad in
        ["http://a.example/", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "app://x"]
    {
        assert!(Case::new(json!({ "url": bad })).url().is_err(), "{bad}");
    }
    assert!(Case::new(json!({ "url": "http://127.0.0.1:8444/authorize" })).url().is_ok());
}

#[test]
fn a_connection_cannot_override_what_the_protocol_sets() {
    for name in
        ["state", "redirect_uri", "client_id", "code_challenge", "code_challenge_method", "response_type"]
    {
        let case = Case { parameters: pairs(&[(name, "mine")]), ..Case::new(json!({})) };
        assert_eq!(case.url(), Err(AuthorizationError::ReservedParameter(name.into())));
    }
}

#[test]
fn a_definition_cannot_leave_out_the_state() {
    let refused = Case::new(json!({ "parameter_names": { "state": "" } })).url();
    assert_eq!(refused, Err(AuthorizationError::NoState));
}

#[test]
fn t11_debug_output_of_a_request_shows_neither_state_nor_verifier() {
    let request = AuthorizationRequest {
        url: Url::parse("https://a.example/authorize?state=S3CRET").unwrap(),
        state: Secret::from("S3CRET"),
        code_verifier: Some(Secret::from("V3RIFIER")),
        nonce: None,
        scopes: ScopeSet::default(),
    };
    let shown = format!("{request:?}");
    assert!(shown.contains("https://a.example/authorize"));
    assert!(!shown.contains("S3CRET") && !shown.contains("V3RIFIER"), "{shown}");
}

#[test]
fn s89_the_state_of_an_application_follows_the_random_one_and_a_dot() {
    let url = Case { state: Some("a.b &c"), ..Case::new(json!({})) }.url().unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1;
    let (random, own) = state.split_once('.').unwrap();
    assert_eq!((random.len(), own), (43, "a.b &c"));
}
