//! The guard, seen from outside.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::Method;
use url::Url;
use valetkey_provider::egress::{
    Addresses, EgressClient, EgressError, EgressOptions, EgressPolicy, Purpose, Request, Resolve, Sent,
};

use crate::support::World;

/// Gives every name the same addresses, and counts how often it is asked.
struct Fixed(Vec<IpAddr>, AtomicUsize);

impl Resolve for Fixed {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(self.0.clone()) })
    }
}

struct Nowhere;

impl Resolve for Nowhere {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        Box::pin(async { Err(io::Error::other("no such name")) })
    }
}

fn resolver(addresses: &[&str]) -> Arc<Fixed> {
    Arc::new(Fixed(addresses.iter().map(|text| text.parse().unwrap()).collect(), AtomicUsize::new(0)))
}

async fn get(policy: EgressPolicy, resolver: Arc<dyn Resolve>, url: &str) -> Result<u16, EgressError> {
    let options = EgressOptions { policy, resolver: Some(resolver), ..EgressOptions::default() };
    let request = Request::new(Purpose::Api, Method::GET, Url::parse(url).unwrap());
    let outcome = EgressClient::new(options).unwrap().send(request).await?;
    Ok(outcome.into_answer().status.as_u16())
}

#[tokio::test]
async fn t71_names_and_literals_of_addresses_that_are_not_public_are_refused() {
    for address in
        ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "::ffff:127.0.0.1"]
    {
        let refused = get(EgressPolicy::public_only(), resolver(&[address]), "https://a.example/").await;
        assert!(matches!(refused, Err(EgressError::Blocked { .. })), "{address}: {refused:?}");
    }
    for url in [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/",
        "https://0/",
        "https://127.0.0.1./",
    ] {
        let refused = get(EgressPolicy::public_only(), resolver(&[]), url).await;
        assert!(matches!(refused, Err(EgressError::Blocked { .. })), "{url}: {refused:?}");
    }
}

#[tokio::test]
async fn t71_a_name_with_one_refused_address_is_refused_as_a_whole() {
    let refused =
        get(EgressPolicy::public_only(), resolver(&["8.8.8.8", "127.0.0.1"]), "https://a.example/").await;
    assert!(matches!(refused, Err(EgressError::Blocked { .. })));
}

#[tokio::test]
async fn t71_the_checked_address_is_the_one_dialled_and_the_name_is_asked_once() {
    let world = World::new().await;
    let port = Url::parse(&world.site.base_url).unwrap().port().unwrap();
    let policy =
        EgressPolicy::public_only().allow(Purpose::Api, format!("localhost:{port}").parse().unwrap());
    let names = resolver(&["127.0.0.1"]);
    let status = get(policy, names.clone(), &format!("http://localhost:{port}/api/me")).await;
    assert_eq!(status, Ok(401));
    assert_eq!(names.1.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn t72_a_refusal_names_the_setting_and_is_certain_that_nothing_was_sent() {
    let refused =
        get(EgressPolicy::public_only(), resolver(&["10.0.0.1"]), "https://git.acme.example/").await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.sent(), Sent::No);
    let text = refused.to_string();
    assert!(text.contains("\"api=git.acme.example:443\"") && text.contains("egress.allow"), "{text}");
}

#[tokio::test]
async fn plain_http_is_refused_where_no_exception_covers_a_loopback_address() {
    let refused = get(EgressPolicy::public_only(), resolver(&["8.8.8.8"]), "http://a.example/").await;
    assert!(matches!(refused, Err(EgressError::NotHttps { .. })));
    let policy = EgressPolicy::public_only().allow(Purpose::Api, "10.0.0.0/8".parse().unwrap());
    let refused = get(policy, resolver(&["10.0.0.1"]), "http://a.example/").await;
    assert!(matches!(refused, Err(EgressError::NotHttps { .. })));
}

#[tokio::test]
async fn an_unknown_name_and_a_closed_port_are_transient_and_nothing_was_sent() {
    let unknown =
        get(EgressPolicy::public_only(), Arc::new(Nowhere), "https://a.example/").await.unwrap_err();
    assert!(matches!(unknown, EgressError::Name { .. }));
    let policy = EgressPolicy::public_only().allow(Purpose::Api, "127.0.0.1".parse().unwrap());
    let closed = get(policy, resolver(&[]), "http://127.0.0.1:9/").await.unwrap_err();
    assert!(matches!(closed, EgressError::Connect { .. }), "{closed}");
    for error in [unknown, closed] {
        assert!(error.is_transient() && error.sent() == Sent::No);
    }
}

#[tokio::test]
async fn t73_a_url_with_a_user_name_or_another_scheme_is_not_called() {
    for url in ["https://user@a.example/", "https://:secret@a.example/", "ftp://a.example/"] {
        let refused = get(EgressPolicy::public_only(), resolver(&["8.8.8.8"]), url).await.unwrap_err();
        assert!(matches!(refused, EgressError::Url { .. }), "{url}");
        assert!(!refused.to_string().contains("secret"));
    }
}
