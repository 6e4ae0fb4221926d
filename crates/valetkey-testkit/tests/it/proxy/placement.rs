//! The credential stands where the definition says, and the address is made as it says.

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::json;
use valetkey_testkit::app::Outcome;

use super::{shown, to, values, with_static};
use crate::fresh::world::World;

const KEY: &str = "sk-live-0123456789";

#[tokio::test]
async fn quirk_78_a_credential_stands_in_several_headers_and_in_the_query() -> Outcome<()> {
    let place = "{api_key: {fields: FIELDS, place: [{header: {name: X-Key, value: \"Token {{secret}}\"}}, \
                 {header: {name: x-second, value: \"{{other}}\"}}, {query: {name: key, value: \"{{secret}}\"}}]}}";
    let app = with_static(place, json!({ "secret": KEY, "other": "second-secret" })).await?;
    let request = to(&app, Method::GET, "/request?a='1'&a=2").body(Body::empty())?;
    let seen = shown(&app, request).await?;
    assert!(values(&seen, "authorization").is_empty());
    assert_eq!(values(&seen, "x-second"), ["*************"], "the answer is scrubbed too");
    assert_eq!(seen["target"], format!("/api/request?a='1'&a=2&key={}", "*".repeat(KEY.len())));
    assert_eq!(values(&seen, "x-key"), [format!("Token {}", "*".repeat(KEY.len()))]);
    Ok(())
}

#[tokio::test]
async fn quirk_79_basic_may_have_a_constant_half_or_a_suffix() -> Outcome<()> {
    for (place, sent) in [
        ("{basic: {fields: FIELDS, username: \"{{secret}}\", password: \"X\"}}", format!("{KEY}:X")),
        ("{basic: {fields: FIELDS, username: \"{{secret}}\", password: \"\"}}", format!("{KEY}:")),
        (
            "{basic: {fields: FIELDS, username: \"me/token\", password: \"{{secret}}\"}}",
            format!("me/token:{KEY}"),
        ),
    ] {
        let app = with_static(place, json!({ "secret": KEY })).await?;
        let seen = shown(&app, to(&app, Method::GET, "/request").body(Body::empty())?).await?;
        let length = STANDARD.encode(&sent).len();
        assert_eq!(values(&seen, "authorization"), [format!("Basic {}", "*".repeat(length))]);
    }
    Ok(())
}

#[tokio::test]
async fn quirk_80_the_headers_of_the_definition_are_there_and_a_caller_may_choose_another_version()
-> Outcome<()> {
    let place = "{bearer: {fields: FIELDS, token: \"{{secret}}\"}}";
    let app = with_static(place, json!({ "secret": KEY })).await?;
    let seen = shown(&app, to(&app, Method::GET, "/request").body(Body::empty())?).await?;
    assert_eq!(values(&seen, "x-version"), ["7"]);
    assert_eq!(values(&seen, "host"), [app.provider.base_url.trim_start_matches("http://")]);
    let other = to(&app, Method::GET, "/request").header("x-version", "8").body(Body::empty())?;
    assert_eq!(values(&shown(&app, other).await?, "x-version"), ["8"]);
    Ok(())
}

#[tokio::test]
async fn quirk_81_the_base_address_is_made_of_what_the_account_has() -> Outcome<()> {
    let base = "account_fields: [{name: tenant, label: Tenant, format: path_segment}]\n\
                api: {base_url: \"http://127.0.0.1:8444/api/request/{{tenant}}\"}";
    let world = World::defined(base).await?;
    let body = json!({ "connector": "test", "identifier": "alice", "connected_account": {
        "authorization_details": { "oauth_token": { "access_token": "imported-token-1", "refresh_token": "", "scopes": [] } },
        "api_config": { "path_variables": { "tenant": "acme" } } } });
    let made = world.app.call(Method::POST, "/api/v1/connected_accounts", Some(body)).await?;
    assert_eq!(made.status, 200, "{}", made.text);
    let seen = shown(&world.app, to(&world.app, Method::GET, "/users").body(Body::empty())?).await?;
    assert_eq!(seen["target"], "/api/request/acme/users");
    for path in ["/company/%7B%7Btenant%7D%7D/query", "/company/%7b%7btenant%7d%7d/query"] {
        let seen = shown(&world.app, to(&world.app, Method::GET, path).body(Body::empty())?).await?;
        assert_eq!(seen["target"], "/api/request/acme/company/acme/query");
    }
    Ok(())
}
