//! The proxy against nginx, against a bare forwarder and against no proxy at all: one upstream, the same clients, in
//! turns.

mod bare;
mod nginx;
mod processor;
mod subject;
mod upstream;

use std::{
    error::Error,
    fmt,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use clap::Args;
use http::{Request, header};
use http_body_util::Full;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};
use valetkey_core::Secret;

use crate::{
    Outcome, SERVERS,
    client::Client,
    load::{Sample, summary, work},
    request::Transport,
    system::Numbers,
};
use nginx::Nginx;
use processor::Processor;

/// How the proxy is measured.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// Accounts in rotation.
    #[arg(long, default_value_t = 100_000)]
    accounts: u64,
    /// Connections, each with one request at a time.
    #[arg(long, value_delimiter = ',', default_value = "64,1")]
    connections: Vec<usize>,
    /// Requests a second of the samples that do not ask for all that a way can do, for what a call adds to its latency.
    #[arg(long, default_value_t = 5_000.0)]
    rate: f64,
    /// Seconds of each sample.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Samples of each way.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measure only the ways whose names have this in them, without ratios.
    #[arg(long)]
    only: Option<String>,
}

/// One way to the upstream.
struct Way {
    name: &'static str,
    address: SocketAddr,
    path: &'static str,
    token: Option<Secret>,
    /// Accounts that requests choose from; 0 where there are none.
    accounts: u64,
    processor: Processor,
}

/// What one sample says of a way.
#[derive(Clone, Copy, Default)]
struct Measured {
    sample: Sample,
    /// Processor time of the proxy for one request, in microseconds.
    cost: f64,
}

impl Measured {
    fn of(latencies: Vec<Duration>, time: Duration, used: Duration) -> Self {
        let sample = summary(latencies, time);
        Self { sample, cost: used.as_secs_f64() * 1e6 / (sample.rate * time.as_secs_f64()) }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sample: Sample { rate, p50, p99 }, cost } = self;
        write!(
            out,
            "{rate:>8.0} requests/s   p50 {p50:.3} ms   p99 {p99:.3} ms   {cost:>5.1} µs of processor each"
        )
    }
}

/// Measures, and prints what was found.
pub(crate) fn measure(servers: &Runtime, directory: &Path, options: &Options) -> Outcome<()> {
    let elsewhere = Runtime::new()?;
    let upstream = elsewhere.block_on(async { upstream::start().await })?;
    let nginx = Nginx::start(directory, upstream)?;
    let bare = servers.block_on(async { bare::start(upstream).await })?;
    let (directory, accounts) = (directory.to_owned(), options.accounts);
    let (address, token) = servers
        .block_on(servers.spawn(async move { subject::start(&directory, upstream, accounts).await }))??;
    let plain =
        |name, address, processor| Way { name, address, path: "/data", token: None, accounts: 0, processor };
    let ours = |name, accounts| Way {
        path: "/proxy/data",
        token: Some(token.clone()),
        accounts,
        ..plain(name, address, Processor::Threads(SERVERS))
    };
    let mut ways = vec![
        plain("direct", upstream, Processor::Nobody),
        plain("nginx", nginx.address, Processor::Children(nginx.id())),
        plain("bare forwarder", bare, Processor::Threads(SERVERS)),
        ours("valetkey, 1 account", 1),
        ours("valetkey, all accounts", options.accounts),
    ];
    ways.retain(|way| options.only.as_ref().is_none_or(|only| way.name.contains(only.as_str())));
    let load = Builder::new_current_thread().enable_all().build()?;
    if let Some(all) = ways.iter().find(|way| way.accounts > 1) {
        println!("first call of each account: {}", load.block_on(once_each(all))?);
    }
    for connections in &options.connections {
        for rate in [None, Some(options.rate)] {
            let how = rate.map_or_else(
                || "as many requests as there can be".into(),
                |rate| format!("{rate} requests/s"),
            );
            println!("{connections} connections, {how}, medians of {} samples", options.rounds);
            let samples = load.block_on(in_turns(&ways, *connections, rate, options))?;
            report(&ways, &samples, rate.is_none() && options.only.is_none());
        }
    }
    Ok(())
}

/// The samples of each way, one per round.
async fn in_turns(
    ways: &[Way],
    connections: usize,
    rate: Option<f64>,
    options: &Options,
) -> Outcome<Vec<Vec<Measured>>> {
    #[expect(clippy::cast_precision_loss, reason = "there are a few connections")]
    let pace = rate.map(|rate| Duration::from_secs_f64(connections as f64 / rate));
    let mut rounds = Vec::new();
    for _ in 0..options.rounds {
        let mut samples = Vec::new();
        for way in ways {
            samples.push(run(way, connections, pace, Duration::from_secs_f64(options.seconds)).await?);
        }
        rounds.push(samples);
    }
    Ok(rounds)
}

/// Calls for each account once, so that what is measured after it is a server that has met them all.
async fn once_each(way: &Way) -> Outcome<Measured> {
    let (begin, before) = (Instant::now(), way.processor.used());
    let next = Arc::new(AtomicU64::new(0));
    let mut workers = JoinSet::new();
    for mut client in Client::several(Transport::Rest, way.address, 64).await? {
        let (requests, next) = (Requests::new(way, 0), next.clone());
        workers.spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests.accounts {
                    return Ok::<_, Box<dyn Error + Send + Sync>>(latencies);
                }
                let sent = Instant::now();
                client.call(requests.of(number)?).await?;
                latencies.push(sent.elapsed());
            }
        });
    }
    let mut latencies = Vec::new();
    while let Some(worker) = workers.join_next().await {
        latencies.extend(worker??);
    }
    let used = way.processor.used().saturating_sub(before);
    Ok(Measured::of(latencies, begin.elapsed(), used))
}

/// One sample, with a request of each connection every `pace`, or as soon as it has the answer to the last one.
async fn run(way: &Way, connections: usize, pace: Option<Duration>, measured: Duration) -> Outcome<Measured> {
    let start = Instant::now();
    let begin = start + measured / 5;
    let end = begin + measured;
    let mut workers = JoinSet::new();
    for (client, number) in
        Client::several(Transport::Rest, way.address, connections).await?.into_iter().zip(0..)
    {
        let requests = Requests::new(way, number);
        match pace {
            None => drop(workers.spawn(work(client, move || requests.make(), begin, end))),
            Some(pace) => {
                let first = start + pace / u32::try_from(connections)? * u32::try_from(number)?;
                workers.spawn(at_pace(client, requests, pace, first, begin, end));
            }
        }
    }
    tokio::time::sleep_until(begin.into()).await;
    let before = way.processor.used();
    tokio::time::sleep_until(end.into()).await;
    let used = way.processor.used().saturating_sub(before);
    let mut latencies = Vec::new();
    while let Some(worker) = workers.join_next().await {
        latencies.extend(worker??);
    }
    Ok(Measured::of(latencies, measured, used))
}

/// What a client does until `end` that sends a request every `pace` from `first` on; the latencies of what it did since
/// `begin`.
async fn at_pace(
    mut client: Client,
    requests: Requests,
    pace: Duration,
    first: Instant,
    begin: Instant,
    end: Instant,
) -> Outcome<Vec<Duration>> {
    let (mut latencies, mut next) = (Vec::new(), first);
    while next < end {
        tokio::time::sleep_until(next.into()).await;
        let request = requests.make()?;
        let sent = Instant::now();
        client.call(request).await?;
        if next >= begin {
            latencies.push(sent.elapsed());
        }
        next += pace;
    }
    Ok(latencies)
}

struct Requests {
    uri: String,
    host: String,
    token: Option<String>,
    accounts: u64,
    numbers: Numbers,
}

impl Requests {
    fn new(way: &Way, number: u64) -> Self {
        Self {
            uri: way.path.to_owned(),
            host: way.address.to_string(),
            token: way.token.as_ref().map(|token| format!("Bearer {}", token.expose())),
            accounts: way.accounts,
            numbers: Numbers::new(number + 1),
        }
    }

    fn make(&self) -> Outcome<Request<Full<Bytes>>> {
        self.of(self.numbers.below(self.accounts.max(1)))
    }

    fn of(&self, account: u64) -> Outcome<Request<Full<Bytes>>> {
        let mut request = Request::builder().uri(&self.uri).header(header::HOST, &self.host);
        if let Some(token) = &self.token {
            request = request
                .header(header::AUTHORIZATION, token)
                .header("connection-name", "test")
                .header("identifier", identifier(account));
        }
        Ok(request.body(Full::default())?)
    }
}

fn report(ways: &[Way], rounds: &[Vec<Measured>], targets: bool) {
    let median = |of: &dyn Fn(&[Measured]) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(|round| of(round)).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    for (place, way) in ways.iter().enumerate() {
        let of = |value: fn(&Measured) -> f64| median(&|round| value(&round[place]));
        let (rate, p50, p99) = (of(|m| m.sample.rate), of(|m| m.sample.p50), of(|m| m.sample.p99));
        let middle = Measured { sample: Sample { rate, p50, p99 }, cost: of(|m| m.cost) };
        println!("{:<24} {middle}", way.name);
    }
    if targets {
        let ratio =
            |left: usize, right: usize| median(&|round| round[left].sample.rate / round[right].sample.rate);
        println!("bare forwarder / nginx                {:.2}", ratio(2, 1));
        println!("valetkey / nginx                      {:.2}  (target >= 0.5)", ratio(3, 1));
        println!("all accounts / 1 account              {:.2}  (target >= 0.7)", ratio(4, 3));
    }
    if ways.len() == 5 {
        for (place, name) in [(1, "nginx"), (3, "valetkey")] {
            let added = median(&|round| round[place].sample.p50 - round[0].sample.p50);
            println!("{name:<8} p50 beyond a direct call     {added:.3} ms");
        }
    }
    println!();
}

fn identifier(number: u64) -> String {
    format!("user_{number}")
}
