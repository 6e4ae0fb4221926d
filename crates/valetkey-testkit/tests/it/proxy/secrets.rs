//! The credential and what belongs to the provider's session do not come back.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use valetkey_testkit::{app::Outcome, provider::ScriptedAnswer};

use super::{get, header, with_alice, with_static};

#[tokio::test]
async fn t77_a_provider_that_echoes_the_credential_is_scrubbed() -> Outcome<()> {
    let world = with_alice().await?;
    let token = world.tokens("alice").await?.0;
    let answer = get(&world.app, "/api/reflect").await?;
    assert_eq!(answer.status, 200);
    let everything = format!("{:?} {}", answer.headers, answer.text);
    for spelling in [token.clone(), token.replace('_', "%5F"), STANDARD.encode(&token)] {
        assert!(!everything.contains(&spelling), "{everything}");
    }
    let base64 = answer.text.split("\"base64\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(base64.contains("****"), "{base64}");
    assert!(answer.text.contains("this stays"), "{}", answer.text);
    assert_eq!(header(&answer, "x-echoed-authorization"), None);
    assert_eq!(header(&answer, "x-echoed-base64"), None);
    let length = answer.text.len().to_string();
    assert_eq!(header(&answer, "content-length"), Some(length.as_str()));
    Ok(())
}

#[tokio::test]
async fn t77_keys_in_queries_and_basic_are_scrubbed_and_user_names_are_not() -> Outcome<()> {
    let key = "sk-live-0123456789abcdef";
    let place = "{api_key: {fields: FIELDS, place: [{query: {name: key, value: \"{{secret}}\"}}]}}";
    let app = with_static(place, json!({ "secret": key })).await?;
    let answer = get(&app, "/reflect?x=1").await?;
    assert!(!answer.text.contains(key) && answer.text.contains("x=1&key=****"), "{}", answer.text);

    let place = "{basic: {fields: FIELDS, username: \"{{email}}/token\", password: \"{{secret}}\"}}";
    let app = with_static(place, json!({ "email": "alice@acme.example", "secret": key })).await?;
    let sent = STANDARD.encode(format!("alice@acme.example/token:{key}"));
    let answer = get(&app, "/reflect?by=alice@acme.example").await?;
    assert!(!answer.text.contains(&sent) && !answer.text.contains(key), "{}", answer.text);
    assert!(answer.text.contains("by=alice@acme.example"), "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn t77_no_error_has_the_credential() -> Outcome<()> {
    let key = "sk-live-0123456789abcdef";
    let place = "{api_key: {fields: FIELDS, place: [{query: {name: key, value: \"{{secret}}\"}}]}}";
    let app = with_static(place, json!({ "secret": key })).await?;
    for path in ["/x?key=mine", "/../x", "/scripted"] {
        app.provider
            .provider
            .script([ScriptedAnswer::new(302).header("location", &format!("/api/x?key={key}"))]);
        let answer = get(&app, path).await?;
        assert!(!format!("{:?}{}", answer.headers, answer.text).contains(key), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn t78_cookies_and_authentication_headers_stay_with_the_provider() -> Outcome<()> {
    let world = with_alice().await?;
    let kept = [
        ("set-cookie", "session=1"),
        ("www-authenticate", "Bearer error=\"invalid_token\""),
        ("proxy-authenticate", "Basic"),
        ("authentication-info", "nextnonce=1"),
        ("strict-transport-security", "max-age=1"),
        ("alt-svc", "h3=\":443\""),
        ("clear-site-data", "\"*\""),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("keep-alive", "timeout=5"),
        ("x-valetkey-location", "https://evil.example/"),
        ("x-valetkey-error-source", "valetkey"),
    ];
    let answer =
        kept.iter().fold(ScriptedAnswer::new(403), |answer, (name, value)| answer.header(name, value));
    world.provider.script([answer.header("x-kept", "1")]);
    let answer = get(&world.app, "/api/scripted").await?;
    for (name, _) in &kept[..kept.len() - 1] {
        assert_eq!(header(&answer, name), None, "{name}");
    }
    assert_eq!(header(&answer, "x-valetkey-error-source"), Some("provider"));
    assert_eq!(header(&answer, "x-kept"), Some("1"));
    Ok(())
}
