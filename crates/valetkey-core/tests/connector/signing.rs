//! Credentials that are made for each request: what a definition may say.

use valetkey_core::connector::{AuthScheme, Connector, parse_yaml};

/// A definition with these places for the keys `id` and `secret`.
fn read(place: &str) -> Result<Connector, Vec<String>> {
    let text = format!(
        "slug: acme
provider_key: ACME
name: Acme
description: A service.
documentation: https://docs.acme.example/auth
account_fields:
  - {{name: region, label: Region, format: path_segment}}
  - {{name: note, label: Note, required: false}}
auth:
  api_key:
    fields:
      - {{name: id, label: Id}}
      - {{name: secret, label: Secret, input: password}}
    place: {place}
api: {{base_url: https://api.acme.example}}
"
    );
    parse_yaml("acme.yaml", &text)
        .map_err(|errors| errors.iter().map(|error| format!("{}: {}", error.path, error.reason)).collect())
}

/// A definition that places the value `it` in a header, and has these values.
fn values(values: &str) -> Result<Connector, Vec<String>> {
    read(&format!(
        r#"[computed: {{values: {values}, place: [header: {{name: authorization, value: "X {{{{it}}}}"}}]}}]"#
    ))
}

#[track_caller]
fn refused(definition: Result<Connector, Vec<String>>, place: &str, reason: &str) {
    let errors = definition.expect_err("a definition that is refused");
    let path = format!("auth.api_key.place[0].{place}: ");
    let found = errors.iter().any(|error| error.starts_with(&path) && error.contains(reason));
    assert!(found, "should be refused at {path} with {reason:?}, got {errors:#?}");
}

#[test]
fn a_value_may_be_made_of_the_credential_of_fields_of_the_request_and_of_other_values() {
    for good in [
        r#"{it: {hmac: {key: "{{secret}}", key_encoding: hex, algorithm: sha512, encoding: base64,
             of: "{{date}}\n{{request.method}}\n{{request.host}}\n{{request.target}}\n{{sum}}"}},
            date: {time: rfc5322}, sum: {hash: {of: "{{request.body}}"}}}"#,
        r#"{it: {jwt: {algorithm: ES256, key: "{{secret}}", key_id: "{{id}}", unique_id: true,
             header: {typ: dpop}, claims: {iss: "{{id}}", aud: ["{{region}}", b], n: 1}}}}"#,
        r#"{it: {mint: {url: "https://api.acme.example/{{region}}/token", parameters: {assertion: "{{jwt}}"}}},
            jwt: {jwt: {algorithm: HS256, key: "{{secret}}"}}}"#,
        r#"{it: {text: {of: "{{part}}.{{nonce}}", encoding: base64url}}, nonce: {random: {bytes: 8}},
            part: {part: {of: "{{secret}}", separator: ":", number: 2}}}"#,
        r#"{it: {ed25519: {key: "{{secret}}", of: "{{request.body}}"}}}"#,
        r#"{it: {fingerprint: {key: "{{secret}}"}}}"#,
    ] {
        assert_eq!(values(good).err(), None, "{good}");
    }
}

#[test]
fn a_value_that_names_what_it_cannot_know_is_refused() {
    for (bad, place, reason) in [
        (r#"{it: {text: {of: "{{other}}"}}}"#, "computed.values.it.text.of", "not a declared field"),
        (r#"{it: {text: {of: "{{request.body}}"}}}"#, "computed.values.it.text.of", "not a declared field"),
        (r#"{it: {text: {of: "{{it}}"}}}"#, "computed.values.it", "made of itself"),
        (
            r#"{it: {text: {of: "{{b}}"}}, b: {text: {of: "{{c}}"}}, c: {text: {of: "{{b}}"}}}"#,
            "computed.values.b",
            "made of itself",
        ),
        (r"{it: {time: rfc3339}, id: {time: rfc3339}}", "computed.values.id", "nothing else has"),
        (r"{it: {time: rfc3339}, region: {time: rfc3339}}", "computed.values.region", "nothing else has"),
        (r"{it: {time: rfc3339}, request.x: {time: rfc3339}}", "computed.values.request.x", "without a dot"),
        (r"{it: {hmac: {key: constant, of: x}}}", "computed.values.it.hmac.key", "must name a field"),
        (r"{it: {random: {bytes: 4}}}", "computed.values.it.random.bytes", "from 8 to 64"),
        (r"{}", "computed.values", "at least one value"),
    ] {
        refused(values(bad), place, reason);
    }
}

#[test]
fn a_token_has_a_short_life_and_claims_that_are_not_made_elsewhere() {
    let jwt = |more: &str| {
        values(&format!(r#"{{it: {{jwt: {{algorithm: RS256, key: "{{{{secret}}}}", {more}}}}}}}"#))
    };
    assert_eq!(jwt("lifetime_seconds: 600").err(), None);
    for (bad, place, reason) in [
        ("lifetime_seconds: 86400", "lifetime_seconds", "from 10 to 3600"),
        ("backdated_seconds: -1", "backdated_seconds", "from 0 to 300"),
        ("claims: {exp: 9999999999}", "claims.exp", "set by other keys"),
        ("header: {alg: none}", "header.alg", "set by other keys"),
        ("key_encoding: hex", "key_encoding", "belongs to a secret"),
        (r#"claims: {a: [{b: "{{other}}"}]}"#, "claims.a", "not a declared field"),
    ] {
        refused(jwt(bad), &format!("computed.values.it.jwt.{place}"), reason);
    }
}

#[test]
fn a_token_that_is_kept_comes_from_a_host_of_the_connector_and_is_made_of_no_request() {
    let mint = |url: &str, more: &str| {
        values(&format!(
            r#"{{it: {{mint: {{url: "{url}", parameters: {{a: "{{{{b}}}}"}}}}}}, b: {{text: {{of: "{more}"}}}}}}"#
        ))
    };
    assert_eq!(mint("https://api.acme.example/token", "{{secret}}").err(), None);
    let elsewhere = mint("https://evil.example/token", "{{secret}}");
    refused(elsewhere, "computed.values.it.mint.url", "would send the credential to evil.example");
    let of_a_request = mint("https://api.acme.example/token", "{{request.method}}");
    refused(of_a_request, "computed.values.it", "must not be made of one");
}

/// The value `it`, minted with `more` besides its address.
fn minted(more: &str) -> Result<Connector, Vec<String>> {
    values(&format!(r#"{{it: {{mint: {{url: "https://api.acme.example/token", {more}}}}}}}"#))
}

#[test]
fn quirk_76_a_login_may_have_steps_that_name_what_those_before_have_captured() {
    let steps = |steps: &str, url: &str| {
        values(&format!(
            r#"{{it: {{mint: {{steps: {steps}, url: "{url}", parameters: {{a: "{{{{ticket}}}}-{{{{secret}}}}"}}}}}}}}"#
        ))
    };
    let found = r#"{url: "https://api.acme.example/find", method: GET, answer: {capture: {home: /home}}}"#;
    let ticket = r#"{url: "{{home}}/ticket", document: {json: {key: ["{{secret}}"]}}, answer: {capture: {ticket: /t}}}"#;
    let both = format!("[{found}, {ticket}]");
    for url in [
        "https://api.acme.example/token",
        "{{home}}/token",
        "https://{{home}}/x",
        "https://api.acme.example/{{ticket}}/t",
    ] {
        assert_eq!(steps(&both, url).err(), None, "{url}");
    }
    let mint = "computed.values.it.mint";
    let early = steps(&format!("[{ticket}, {found}]"), "https://api.acme.example/token");
    refused(early, &format!("{mint}.steps[0].url"), "not a declared field");
    let elsewhere = steps(&both, "https://evil.example/{{ticket}}");
    refused(elsewhere, &format!("{mint}.url"), "would send the credential to evil.example");
    refused(steps(&both, "ftp://{{home}}/x"), &format!("{mint}.url"), "must start with https://");
    let many = format!("[{found}, {ticket}{}]", format!(", {ticket}").repeat(3));
    refused(steps(&many, "{{home}}/token"), &format!("{mint}.steps"), "at most 4");
    refused(
        steps(&many, "{{home}}/token"),
        &format!("{mint}.steps[2].answer.capture.ticket"),
        "nothing else has",
    );
    for taken in ["id", "region", "it", "a.b"] {
        let step = found.replace("home", taken);
        let place = format!("{mint}.steps[0].answer.capture.{taken}");
        refused(
            steps(&format!("[{step}, {ticket}]"), "https://api.acme.example/x"),
            &place,
            "nothing else has",
        );
    }
}

#[test]
fn quirk_73_what_comes_with_a_token_is_named_after_it_and_may_sign() {
    let role = |named: &str| {
        read(&format!(
            r#"[computed: {{values: {{role: {{mint: {{
                url: "https://api.acme.example/", parameters: {{ExternalId: "{{{{note}}}}"}},
                aws_sigv4: {{access_key_id: "{{{{id}}}}", secret_access_key: "{{{{secret}}}}", region: "{{{{region}}}}", service: sts}},
                answer: {{format: xml, access_token: /r/token, capture: {{key: /r/key, id: /r/id}}}}}}}}}},
              place: [aws_sigv4: {{access_key_id: "{{{{role.id}}}}", secret_access_key: "{{{{{named}}}}}",
                session_token: "{{{{role}}}}", region: "{{{{region}}}}", service: s3}}]}}]"#
        ))
    };
    let connector = role("role.key").unwrap();
    assert!(connector.auth.placements()[0].needs_body(false));
    refused(role("role.other"), "computed.place[0].aws_sigv4.secret_access_key", "not a declared field");
}

#[test]
fn quirk_71_an_assertion_names_its_key_and_lives_shortly() {
    let saml = |more: &str| {
        values(&format!(
            r#"{{it: {{saml: {{issuer: "{{{{id}}}}", subject: "{{{{region}}}}", audience: a, recipient: r, {more}}}}}}}"#
        ))
    };
    assert_eq!(saml(r#"key: "{{secret}}", attributes: {api_key: "{{id}}"}"#).err(), None);
    for (bad, place, reason) in [
        ("key: constant", "key", "must name a field"),
        (r#"key: "{{secret}}", lifetime_seconds: 86400"#, "lifetime_seconds", "from 10 to 3600"),
        (r#"key: "{{secret}}", backdated_seconds: 301"#, "backdated_seconds", "from 0 to 300"),
        (r#"key: "{{secret}}", attributes: {a: "{{other}}"}"#, "attributes", "not a declared field"),
        (r#"key: "{{secret}}", certificate: """#, "certificate", "must not be empty"),
    ] {
        refused(saml(bad), &format!("computed.values.it.saml.{place}"), reason);
    }
}

#[test]
fn quirk_77_a_document_names_what_it_may_and_xml_has_placeholders_where_they_are_escaped() {
    for good in [
        r#"document: {json: {query: "mutation { a }", variables: {list: ["{{secret}}", 1, null]}}}"#,
        r#"document: {xml: "<?xml version=\"1.0\"?>\n<a b=\"{{id}}\"><c>{{secret}}</c></a>"}, refused: [401, 403]"#,
    ] {
        assert_eq!(minted(good).err(), None, "{good}");
    }
    for (bad, place, reason) in [
        (r#"document: {json: {a: [{b: "{{other}}"}]}}"#, "document.json", "not a declared field"),
        (r#"document: {json: {a: "{{request.method}}"}}"#, "document.json", "not a declared field"),
        (r#"document: {xml: "<a><{{id}}/></a>"}"#, "document.xml", "placeholders in texts and attributes"),
        (r#"document: {xml: "<a b={{id}}/>"}"#, "document.xml", "placeholders in texts and attributes"),
        (r#"document: {xml: "<a>{{id}}</b>"}"#, "document.xml", "is not XML"),
        (r#"document: {xml: "<!DOCTYPE a []><a>{{id}}</a>"}"#, "document.xml", "is not XML"),
        ("refused: [200]", "refused", "from 400 to 499"),
    ] {
        refused(minted(bad), &format!("computed.values.it.mint.{place}"), reason);
    }
}

#[test]
fn quirk_73_the_region_of_a_signature_is_a_checked_field() {
    let aws = |more: &str| {
        read(&format!(
            r#"[aws_sigv4: {{access_key_id: "{{{{id}}}}", secret_access_key: "{{{{secret}}}}", {more}}}]"#
        ))
    };
    assert_eq!(aws(r#"region: "{{region}}", service: execute-api"#).err(), None);
    for (bad, place, reason) in [
        (r#"region: "{{note}}", service: s3"#, "region", "not fit for an address"),
        (r#"region: "{{secret}}", service: s3"#, "region", "may not name the credential"),
        ("region: eu/s3, service: s3", "region", "must not have a slash"),
        ("region: eu-1, service: ''", "service", "must not be empty"),
        ("region: eu-1, service: s3, unsigned_streams: true", "unsigned_streams", "needs payload_header"),
    ] {
        refused(aws(bad), &format!("aws_sigv4.{place}"), reason);
    }
}

#[test]
fn a_signature_over_the_whole_request_comes_last_and_is_not_within_another() {
    let oauth1 = r#"oauth1: {consumer_key: "{{id}}", consumer_secret: "{{secret}}"}"#;
    let header = r#"header: {name: x-id, value: "{{id}}"}"#;
    assert_eq!(read(&format!("[{header}, {oauth1}]")).err(), None);
    let first = read(&format!("[{oauth1}, {header}]")).unwrap_err();
    assert!(first.iter().any(|error| error.contains("must come last")), "{first:?}");
    let within = read(&format!("[computed: {{values: {{a: {{time: rfc3339}}}}, place: [{oauth1}]}}]"));
    refused(within, "computed.place", "header, query, basic and aws_sigv4");
    let half = r#"[oauth1: {consumer_key: "{{id}}", consumer_secret: "{{secret}}", token: "{{id}}"}]"#;
    refused(read(half), "oauth1", "both token and token_secret");
}

#[test]
fn a_definition_that_signs_survives_being_written_and_read_again() {
    let connector = values(r#"{it: {jwt: {algorithm: PS256, key: "{{secret}}"}}}"#).unwrap();
    let text = serde_json::to_string(&connector).unwrap();
    let again: Connector = serde_json::from_str(&text).unwrap();
    assert_eq!(again, connector);
    let AuthScheme::ApiKey(auth) = again.auth else { panic!("{again:?}") };
    assert!(auth.place[0].is_signing() && !auth.place[0].needs_body(true));
}
