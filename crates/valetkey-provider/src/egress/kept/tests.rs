//! When a connection is used again, and when not.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{net::Ipv4Addr, time::Duration};

use http::{Method, StatusCode};
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use url::Url;

use crate::egress::{AllowEntry, EgressClient, EgressOptions, EgressPolicy, Opened, Purpose, Request};

/// A provider that says how each of its connections goes on: it tells of each request on which connection it came.
struct Provider {
    url: Url,
    requests: mpsc::UnboundedReceiver<usize>,
}

/// What a connection does after an answer.
#[derive(Clone, Copy)]
enum Then {
    Stay,
    Close,
}

async fn provider(answer: &'static str, then: Then) -> Provider {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://127.0.0.1:{}/", socket.local_addr().unwrap().port()).parse().unwrap();
    let (told, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = socket.accept().await.unwrap();
            tokio::spawn(connection(stream, number, answer, then, told.clone()));
        }
    });
    Provider { url, requests }
}

async fn connection(
    mut stream: TcpStream,
    number: usize,
    answer: &'static str,
    then: Then,
    told: mpsc::UnboundedSender<usize>,
) {
    let (mut read, mut piece) = (Vec::new(), [0; 1024]);
    while let Ok(length @ 1..) = stream.read(&mut piece).await {
        read.extend_from_slice(&piece[..length]);
        if read.ends_with(b"\r\n\r\n") {
            read.clear();
            told.send(number).unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            if matches!(then, Then::Close) {
                return;
            }
        }
    }
}

fn client() -> EgressClient {
    let policy = EgressPolicy::public_only().allow_everywhere(&"127.0.0.1".parse::<AllowEntry>().unwrap());
    EgressClient::new(EgressOptions { policy, ..EgressOptions::default() }).unwrap()
}

async fn open(client: &EgressClient, url: &Url) -> Opened {
    let request = Request::new(Purpose::Api, Method::GET, url.clone());
    client.open(request, None, Duration::from_secs(10)).await.unwrap()
}

/// Sends a request and reads its answer.
async fn call(client: &EgressClient, url: &Url) -> String {
    let opened = open(client, url).await;
    assert_eq!(opened.status, StatusCode::OK);
    String::from_utf8(opened.body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

const WHOLE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
const BEGUN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nok";

#[tokio::test]
async fn a_connection_is_used_again_when_its_answer_has_ended() {
    for answer in [WHOLE, CHUNKED] {
        let (client, mut provider) = (client(), provider(answer, Then::Stay).await);
        for _ in 0..3 {
            assert_eq!(call(&client, &provider.url).await, "ok");
            assert_eq!(provider.requests.recv().await, Some(0));
        }
    }
}

#[tokio::test]
async fn calls_at_the_same_time_have_a_connection_each() {
    let (client, mut provider) = (client(), provider(WHOLE, Then::Stay).await);
    let (first, second) = (open(&client, &provider.url).await, open(&client, &provider.url).await);
    drop((first, second));
    assert_eq!((provider.requests.recv().await, provider.requests.recv().await), (Some(0), Some(1)));
}

#[tokio::test]
async fn a_connection_that_the_provider_has_closed_is_not_used_again() {
    let (client, mut provider) = (client(), provider(WHOLE, Then::Close).await);
    for number in 0..3 {
        assert_eq!(call(&client, &provider.url).await, "ok");
        assert_eq!(provider.requests.recv().await, Some(number));
    }
}

#[tokio::test]
async fn a_connection_whose_answer_was_left_is_closed() {
    let (client, mut provider) = (client(), provider(BEGUN, Then::Stay).await);
    for number in 0..2 {
        drop(open(&client, &provider.url).await);
        assert_eq!(provider.requests.recv().await, Some(number));
    }
}
