//! A closed loop: each client sends its next request when it has the answer to the last one.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tokio::task::JoinSet;

use crate::{
    Outcome,
    client::Client,
    request::{Call, Requests, Transport},
    server::Server,
};

/// How hard and how long.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// Requests under way at the same time.
    pub(crate) clients: usize,
    /// How long is measured.
    pub(crate) measured: Duration,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Requests per second.
    pub(crate) rate: f64,
    /// The median latency, in milliseconds.
    pub(crate) p50: f64,
    /// The latency that 99 of 100 requests stay below, in milliseconds.
    pub(crate) p99: f64,
}

/// Measures one kind of request, after a fifth of the time unmeasured.
pub(crate) async fn run(
    server: &Server,
    transport: Transport,
    call: Call,
    deep: &str,
    load: Load,
) -> Outcome<Sample> {
    let begin = Instant::now() + load.measured / 5;
    let end = begin + load.measured;
    let mut workers = JoinSet::new();
    let clients = Client::several(transport, server.address, load.clients).await?;
    for (client, number) in clients.into_iter().zip(0..) {
        let requests = Requests::new(server, transport, call, deep, number)?;
        workers.spawn(work(client, move || requests.make(), begin, end));
    }
    let mut latencies = Vec::new();
    while let Some(worker) = workers.join_next().await {
        latencies.extend(worker??);
    }
    Ok(summary(latencies, load.measured))
}

/// What a client does until `end`; the latencies of what it did since `begin`.
pub(crate) async fn work(
    mut client: Client,
    make: impl Fn() -> Outcome<Request<Full<Bytes>>>,
    begin: Instant,
    end: Instant,
) -> Outcome<Vec<Duration>> {
    let mut latencies = Vec::new();
    loop {
        let request = make()?;
        let sent = Instant::now();
        if sent >= end {
            return Ok(latencies);
        }
        client.call(request).await?;
        let done = Instant::now();
        if sent >= begin && done < end {
            latencies.push(done - sent);
        }
    }
}

/// What the latencies of `measured` amount to.
pub(crate) fn summary(mut latencies: Vec<Duration>, measured: Duration) -> Sample {
    latencies.sort_unstable();
    let at = |hundredths: usize| {
        let place = (latencies.len() * hundredths / 100).min(latencies.len().saturating_sub(1));
        latencies.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let count = latencies.len() as f64;
    Sample { rate: count / measured.as_secs_f64(), p50: at(50), p99: at(99) }
}
