//! What is refused before anything is sent.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::body::Body;
use http::Method;
use serde_json::json;
use valetkey_provider::{
    ProviderOptions,
    egress::{Addresses, AllowEntry, EgressPolicy, Purpose, Resolve},
};
use valetkey_testkit::{
    app::{Outcome, SeededEntropy, TestAppOptions},
    provider::{ScriptedAnswer, TestProvider},
};

use super::{code, get, shown, to, values, with_alice, with_static};
use crate::fresh::world::World;

const KEY: &str = "sk-live-0123456789";

#[tokio::test]
async fn t73_no_path_leaves_the_base_of_the_api() -> Outcome<()> {
    let base = "api: {base_url: \"http://127.0.0.1:8444/api/request/base\"}";
    let world = World::defined(base).await?;
    world.connect("alice").await?;
    for path in [
        "/../x",
        "/..",
        "/%2e%2e/x",
        "/.%2E/x",
        "/%252e%252e/x",
        "/a/..%2fx",
        "/a%5c..%5cx",
        "//evil.example/x",
        "/..;/x",
        "/a%0d%0ab",
        "/a%00b",
        "/%2e%2e%5c",
    ] {
        let answer = get(&world.app, path).await?;
        assert_eq!(code(&answer), (400, "INVALID_ARGUMENT".into()), "{path}: {}", answer.text);
    }
    for path in ["/@evil.example/x", "/https://evil.example/x", "/a:b@c"] {
        let seen = shown(&world.app, to(&world.app, Method::GET, path).body(Body::empty())?).await?;
        assert_eq!(seen["target"], format!("/api/request/base{path}"));
        assert!(values(&seen, "host")[0].starts_with("127.0.0.1:"));
    }
    Ok(())
}

#[tokio::test]
async fn t75_a_caller_sets_neither_credential_nor_host_nor_cookies() -> Outcome<()> {
    let world = with_alice().await?;
    let mut request = to(&world.app, Method::GET, "/api/request");
    for (name, value) in [
        ("cookie", "session=mine"),
        ("host", "evil.example"),
        ("forwarded", "host=evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-for", "10.0.0.1"),
        ("proxy-authorization", "Basic bWluZQ=="),
        ("te", "gzip"),
        ("connection", "close, x-mine"),
        ("x-mine", "1"),
        ("upgrade", "websocket"),
        ("x-sdk-version", "Scalekit-Python/2.21.0"),
    ] {
        request = request.header(name, value);
    }
    let seen = shown(&world.app, request.body(Body::empty())?).await?;
    let expected = world.app.provider.base_url.trim_start_matches("http://");
    assert_eq!(values(&seen, "host"), [expected]);
    assert_eq!(values(&seen, "authorization").len(), 1);
    for name in [
        "cookie",
        "forwarded",
        "x-forwarded-host",
        "x-forwarded-for",
        "proxy-authorization",
        "te",
        "x-mine",
        "upgrade",
        "x-sdk-version",
    ] {
        assert!(values(&seen, name).is_empty(), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn t75_t79_a_second_credential_is_refused_in_every_spelling() -> Outcome<()> {
    let place = "{api_key: {fields: FIELDS, place: [{header: {name: X-Key, value: \"{{secret}}\"}}, \
                 {query: {name: api_key, value: \"{{secret}}\"}}]}}";
    let app = with_static(place, json!({ "secret": KEY })).await?;
    for query in ["api_key=mine", "API_KEY=mine", "api%5fkey=mine", "a=1&%61pi_key=mine", "api_key"] {
        let answer = get(&app, &format!("/request?{query}")).await?;
        assert_eq!(code(&answer), (400, "INVALID_ARGUMENT".into()), "{query}");
    }
    for name in ["x-key", "X-KEY", "x_key"] {
        let request = to(&app, Method::GET, "/request").header(name, "mine").body(Body::empty())?;
        let answer = app.send(request).await?;
        assert_eq!(code(&answer), (400, "INVALID_ARGUMENT".into()), "{name}");
        assert!(
            answer.text.to_lowercase().contains(&format!("headers.{}", name.to_lowercase())),
            "{}",
            answer.text
        );
    }
    Ok(())
}

#[tokio::test]
async fn t75_methods_that_show_the_credential_are_not_passed_on() -> Outcome<()> {
    let world = with_alice().await?;
    let request = to(&world.app, Method::TRACE, "/api/request").body(Body::empty())?;
    assert_eq!(code(&world.app.send(request).await?), (400, "INVALID_ARGUMENT".into()));
    Ok(())
}

/// A name that is this machine at first, and then the metadata service of a cloud.
#[derive(Default)]
struct Rebinding(AtomicUsize);

impl Resolve for Rebinding {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        let first = self.0.fetch_add(1, Ordering::Relaxed) == 0;
        let address: IpAddr = if first { [127, 0, 0, 1] } else { [169, 254, 169, 254] }.into();
        Box::pin(async move { Ok(vec![address]) })
    }
}

#[tokio::test]
async fn t71_a_name_that_is_rebound_is_refused_at_the_next_connection() -> Outcome<()> {
    let provider = TestProvider::new(
        Arc::new(SeededEntropy::new(9)),
        Arc::new(valetkey_testkit::app::TestClock::default()),
    );
    let site = provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await?;
    let egress: fn(&mut ProviderOptions) = |options| {
        let policy = std::mem::take(&mut options.policy);
        options.policy = policy.allow(Purpose::Api, "localhost".parse().unwrap());
        options.resolver = Some(Arc::new(Rebinding::default()));
    };
    let options = TestAppOptions {
        egress: Some(egress),
        provider_url: Some(site.base_url.clone()),
        ..TestAppOptions::default()
    };
    let base = format!(
        "auth: {{oauth2: {{identity: null}}}}\napi: {{base_url: \"{}/api\"}}",
        site.base_url.replace("127.0.0.1", "localhost")
    );
    let world = World::defined_with(&base, options).await?;
    world.connect("alice").await?;
    site.provider.script([ScriptedAnswer::new(200).header("connection", "close")]);
    assert_eq!(get(&world.app, "/scripted").await?.status, 200);
    let refused = get(&world.app, "/scripted").await?;
    assert_eq!(code(&refused), (400, "CONNECTION_INCOMPLETE".into()));
    assert!(refused.text.contains("egress.allow"), "{}", refused.text);
    assert_eq!(site.provider.scripted_requests(), 1);
    Ok(())
}

#[tokio::test]
async fn t71_t72_an_api_on_this_machine_or_a_private_network_is_refused_where_nothing_allows_it()
-> Outcome<()> {
    let only_tokens: fn(&mut ProviderOptions) = |options| {
        let loopback: AllowEntry = "127.0.0.1".parse().unwrap();
        options.policy = Purpose::ALL
            .into_iter()
            .filter(|purpose| *purpose != Purpose::Api)
            .fold(EgressPolicy::public_only(), |policy, purpose| policy.allow(purpose, loopback.clone()));
    };
    for base in [
        "http://127.0.0.1:8444",
        "https://10.0.0.1",
        "https://[::1]",
        "https://169.254.169.254",
        "https://2130706433",
    ] {
        let options = TestAppOptions { egress: Some(only_tokens), ..TestAppOptions::default() };
        let world = World::defined_with(
            &format!("auth: {{oauth2: {{identity: null}}}}\napi: {{base_url: \"{base}\"}}"),
            options,
        )
        .await?;
        world.connect("alice").await?;
        let refused = get(&world.app, "/api/scripted").await?;
        assert_eq!(code(&refused), (400, "CONNECTION_INCOMPLETE".into()), "{base}");
        assert!(refused.text.contains("api=") && refused.text.contains("egress.allow"), "{}", refused.text);
        assert_eq!(world.provider.scripted_requests(), 0);
    }
    Ok(())
}
