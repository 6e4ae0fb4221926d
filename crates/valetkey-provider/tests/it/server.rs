//! A server on loopback that answers by script and remembers what it was sent.

use std::{
    collections::{BTreeMap, VecDeque},
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use url::{Url, form_urlencoded};

/// What happens after a request was read.
pub(crate) enum Reply {
    /// An answer; the connection is kept.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// These bytes, and the end of the connection.
    Bytes(&'static str),
    /// Nothing, while the connection stays open.
    Silence,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        let headers = vec![("content-type", "application/json".into())];
        Self::Answer { status, headers, body: body.to_string() }
    }

    pub(crate) fn xml(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: vec![("content-type", "text/xml".into())], body: body.into() }
    }

    pub(crate) fn with(self, name: &'static str, value: &str) -> Self {
        match self {
            Self::Answer { status, mut headers, body } => {
                headers.push((name, value.into()));
                Self::Answer { status, headers, body }
            }
            other => other,
        }
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The number of its connection, from 0.
    pub(crate) connection: usize,
    pub(crate) method: String,
    pub(crate) url: Url,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    /// A parameter of the query or the form.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.url.query().unwrap_or_default();
        [query, &self.body]
            .into_iter()
            .flat_map(|text| form_urlencoded::parse(text.as_bytes()))
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[derive(Default)]
struct State {
    script: VecDeque<Reply>,
    received: Vec<Received>,
}

/// The server. It stops with the runtime of the test.
pub(crate) struct Server {
    pub(crate) base_url: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    /// A server that gives `script` in order, and status 418 once that is used up.
    pub(crate) async fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let state =
            Arc::new(Mutex::new(State { script: script.into_iter().collect(), received: Vec::new() }));
        tokio::spawn(accept(listener, state.clone()));
        Self { base_url, state }
    }

    /// Goes on with `replies`, which may name the address of the server.
    pub(crate) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.extend(replies);
    }

    /// All requests so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    /// The only request so far.
    pub(crate) fn only(&self) -> Received {
        let mut received = self.received();
        assert_eq!(received.len(), 1, "{received:?}");
        received.remove(0)
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut number = 0;
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(number, stream, state.clone()));
        number += 1;
    }
}

async fn serve(connection: usize, stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(connection, &mut stream).await {
        let reply = {
            let mut state = state.lock().unwrap();
            state.received.push(request);
            state.script.pop_front()
        };
        let text = match reply {
            None => "HTTP/1.1 418 Unscripted\r\ncontent-length: 0\r\n\r\n".to_owned(),
            Some(Reply::Silence) => return std::future::pending().await,
            Some(Reply::Bytes(bytes)) => {
                let _ = stream.write_all(bytes.as_bytes()).await;
                return;
            }
            Some(Reply::Answer { status, headers, body }) => {
                let lines: Vec<_> =
                    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                let lines = lines.concat();
                format!("HTTP/1.1 {status} Scripted\r\n{lines}content-length: {}\r\n\r\n{body}", body.len())
            }
        };
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A request; `None` at the end of the connection, or where a client speaks TLS.
async fn read(connection: usize, stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await.ok()?;
        if head.is_empty() && !byte.is_ascii_uppercase() {
            return None;
        }
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received {
        connection,
        method,
        url: Url::parse(&format!("http://server{target}")).unwrap(),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
