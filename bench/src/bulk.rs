//! Many accounts in one request against a request for each, and what that takes of memory.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use clap::Args;
use http::{Request, header};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};

use crate::{Outcome, client::Client, request::Transport, seed, server::Server};

/// Accounts that are there before.
const BEFORE: u64 = 1_000;

/// How bulk operations are measured.
#[derive(Args, Clone, Copy)]
pub(crate) struct Options {
    /// Accounts of a round, created one by one and then as many others at once; at most 10,000.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    accounts: u64,
    /// Requests under way at the same time where each creates one account.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    rounds: u64,
}

/// The memory of this process that is resident, in MB.
struct Memory {
    now: f64,
    /// The most since [`forget_peak`].
    peak: f64,
}

/// Prints what both ways come to over REST, round by round.
pub(crate) fn measure(servers: &Runtime, directory: &Path, how: Options) -> Outcome<()> {
    let file = directory.join("bulk.db");
    seed::remove(&file)?;
    let server = servers.block_on(servers.spawn(async move { Server::start(&file, BEFORE).await }))??;
    let load = Builder::new_current_thread().enable_all().build()?;
    println!(
        "{} accounts a round, SQLite, REST; one by one by {} clients\n\n\
         round  one by one/s  at once/s  ratio  MB before  MB at most  MB after",
        how.accounts, how.clients
    );
    let mut ratios = Vec::new();
    for round in 0..how.rounds {
        let single = load.block_on(one_by_one(&server, how, round))?;
        let body = bulk_body(how.accounts, round);
        let before = memory()?;
        forget_peak();
        let bulk = load.block_on(at_once(&server, how.accounts, body))?;
        let after = memory()?;
        let (single, bulk) = (rate(how.accounts, single), rate(how.accounts, bulk));
        ratios.push(bulk / single);
        println!(
            "{round:>5}  {single:>12.0}  {bulk:>9.0}  {:>5.1}  {:>9.1}  {:>10.1}  {:>8.1}",
            bulk / single,
            before.now,
            after.peak,
            after.now
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!("\nmedian ratio {:.1}; wanted at least 5", ratios[ratios.len() / 2]);
    Ok(())
}

fn rate(accounts: u64, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most 10,000")]
    let accounts = accounts as f64;
    accounts / took.as_secs_f64()
}

fn account(way: &str, round: u64, number: u64) -> Value {
    json!({
        "connection_id": seed::connection_name(number),
        "identifier": format!("{way}-{round}-{number:05}"),
        "identifier_type": "user_id",
    })
}

fn bulk_body(accounts: u64, round: u64) -> Bytes {
    let accounts: Value = (0..accounts).map(|number| account("bulk", round, number)).collect();
    json!({ "accounts": accounts, "wait_seconds": 300 }).to_string().into()
}

fn request(server: &Server, path: &str, body: Bytes) -> Outcome<Request<Full<Bytes>>> {
    let request = Request::post(path)
        .header(header::HOST, server.address.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {}", server.token.expose()))
        .header(header::CONTENT_TYPE, "application/json");
    Ok(request.body(Full::new(body))?)
}

/// How long it takes with a request for each account.
async fn one_by_one(server: &Server, how: Options, round: u64) -> Outcome<Duration> {
    let clients = Client::several(Transport::Rest, server.address, how.clients).await?;
    let mut requests: Vec<Vec<Request<Full<Bytes>>>> = (0..how.clients).map(|_| vec![]).collect();
    for (number, client) in (0..how.accounts).zip((0..how.clients).cycle()) {
        let body = account("single", round, number).to_string().into();
        requests[client].push(request(server, "/v1/connect/accounts", body)?);
    }
    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for (mut client, requests) in clients.into_iter().zip(requests) {
        workers.spawn(async move {
            for request in requests {
                client.call(request).await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    Ok(begun.elapsed())
}

/// How long it takes with one request for all accounts.
async fn at_once(server: &Server, accounts: u64, body: Bytes) -> Outcome<Duration> {
    let mut clients = Client::several(Transport::Rest, server.address, 1).await?;
    let mut client = clients.pop().ok_or("no client")?;
    let request = request(server, "/v1/connect/accounts:bulk-create", body)?;
    let begun = Instant::now();
    let answer: Value = serde_json::from_slice(&client.call(request).await?)?;
    let took = begun.elapsed();
    if answer["state"] == "finished" && answer["succeeded"] == accounts {
        Ok(took)
    } else {
        Err(format!("not all accounts were created: {answer}").into())
    }
}

fn memory() -> Outcome<Memory> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let megabytes = |name: &str| -> Outcome<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    };
    Ok(Memory { now: megabytes("VmRSS:")?, peak: megabytes("VmHWM:")? })
}

/// Has the operating system count the most that is resident anew, where it can.
fn forget_peak() {
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}
