//! The way out through a forward proxy.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};

use http::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use url::Url;
use valetkey_provider::egress::{
    Addresses, EgressClient, EgressError, EgressOptions, EgressPolicy, Purpose, Request, Resolve, Sent,
};

use crate::tls::server;

/// Every name is this address.
struct Named(IpAddr);

impl Resolve for Named {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        Box::pin(async { Ok(vec![self.0]) })
    }
}

/// A forward proxy that leads every tunnel to `port` of this machine, or refuses; its port, and what it was asked for.
async fn proxy(port: Option<u16>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            seen.lock().unwrap().push(String::from_utf8(head).unwrap());
            let Some(port) = port else {
                let _ = stream.write_all(b"HTTP/1.1 403 Not here\r\n\r\n").await;
                continue;
            };
            #[expect(clippy::disallowed_methods, reason = "the proxy of the test is no part of the server")]
            let mut target = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n").await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut target).await;
        }
    });
    (own, asked)
}

async fn get(
    proxy: u16,
    ca: Option<String>,
    address: &str,
    policy: EgressPolicy,
) -> Result<u16, EgressError> {
    let options = EgressOptions {
        policy,
        extra_ca_pem: ca,
        proxy: Some(format!("http://127.0.0.1:{proxy}").parse().unwrap()),
        resolver: Some(Arc::new(Named(address.parse().unwrap()))),
        ..EgressOptions::default()
    };
    let url = Url::parse("https://localhost:8443/x").unwrap();
    let request = Request::new(Purpose::Api, Method::GET, url);
    Ok(EgressClient::new(options).unwrap().send(request).await?.into_answer().status.as_u16())
}

#[tokio::test]
async fn t71_the_proxy_is_asked_for_the_address_that_was_checked() {
    let (port, ca) = server().await;
    let (proxy, asked) = proxy(Some(port)).await;
    assert_eq!(get(proxy, Some(ca), "8.8.8.8", EgressPolicy::public_only()).await, Ok(200));
    assert_eq!(*asked.lock().unwrap(), ["CONNECT 8.8.8.8:8443 HTTP/1.1\r\nhost: 8.8.8.8:8443\r\n\r\n"]);
}

#[tokio::test]
async fn t71_the_guard_stands_before_the_proxy() {
    let (proxy, asked) = proxy(None).await;
    for address in ["10.0.0.1", "169.254.169.254", "127.0.0.1", "::1"] {
        let refused = get(proxy, None, address, EgressPolicy::public_only()).await;
        assert!(matches!(refused, Err(EgressError::Blocked { .. })), "{address}: {refused:?}");
    }
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn what_an_exception_allows_is_called_directly() {
    let (proxy, asked) = proxy(None).await;
    let policy = EgressPolicy::public_only().allow(Purpose::Api, "127.0.0.1".parse().unwrap());
    let nobody = get(proxy, None, "127.0.0.1", policy).await;
    assert!(matches!(nobody, Err(EgressError::Connect { .. })), "{nobody:?}");
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_away_is_named_and_nothing_was_sent() {
    let (proxy, _) = proxy(None).await;
    for (port, says) in [(proxy, "403"), (9, "cannot be reached")] {
        let refused = get(port, None, "8.8.8.8", EgressPolicy::public_only()).await.unwrap_err();
        assert_eq!(refused.sent(), Sent::No);
        assert!(
            refused.to_string().contains(says) && refused.to_string().contains("forward proxy"),
            "{refused}"
        );
    }
}
