//! Measures a whole server over loopback: `cargo run --release -p bench`. `docs/benchmarks.md` says what the numbers
//! mean.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock and dials its own server")]
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod bulk;
mod client;
mod load;
mod measure;
mod null;
mod proxy;
mod refresh;
mod report;
mod request;
mod search;
mod seed;
mod server;
mod system;

use std::{
    error::Error,
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use load::Load;
use measure::{Series, Subject, rounds};
use request::{Call, Transport};
use server::Server;

/// The allocator of the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The result of a step.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The name of the threads of the servers.
const SERVERS: &str = "servers";

/// Calls that the targets are about.
const TARGETS: [Call; 4] = [Call::Null, Call::Details, Call::Credential, Call::Open];

/// Calls that show whether something grows with the number of accounts. Those that write are last.
const OTHERS: [Call; 6] =
    [Call::ListFirst, Call::ListDeep, Call::SearchFew, Call::SearchAll, Call::Link, Call::LinkOfNew];

/// What is measured.
#[derive(Parser)]
struct Options {
    /// Where the databases are kept.
    #[arg(long, default_value = "target/bench")]
    directory: PathBuf,
    /// Accounts of the small server.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=9_999_999))]
    few: u64,
    /// Accounts of the large server.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=9_999_999))]
    many: u64,
    /// Requests under way at the same time.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// Seconds of each sample.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Samples of each cell.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Leave out everything but what the targets are about.
    #[arg(long)]
    targets_only: bool,
    /// Measure this instead.
    #[command(subcommand)]
    subject: Option<Part>,
}

/// A part of the product with a measurement of its own.
#[derive(Subcommand)]
enum Part {
    /// The refresh engine.
    Refresh(refresh::Options),
    /// The proxy.
    Proxy(proxy::Options),
    /// Operations on many accounts.
    Bulk(bulk::Options),
    /// The search for tools.
    Search(search::Options),
}

fn main() -> Outcome<()> {
    let options = Options::parse();
    std::fs::create_dir_all(&options.directory)?;
    // The servers and the load have threads of their own, so that neither waits in the queue of the other.
    let mut servers = Builder::new_multi_thread();
    // A thread that ends takes what it has used of the processor with it, which is counted by thread.
    servers.thread_name(SERVERS).thread_keep_alive(Duration::from_hours(1)).enable_all();
    let servers = servers.build()?;
    match options.subject {
        Some(Part::Refresh(how)) => return refresh::measure(&servers, &options.directory, how),
        Some(Part::Proxy(how)) => return proxy::measure(&servers, &options.directory, &how),
        Some(Part::Bulk(how)) => return bulk::measure(&servers, &options.directory, how),
        Some(Part::Search(how)) => return search::measure(how),
        None => {}
    }
    let load = Builder::new_current_thread().enable_all().build()?;
    let few = start(&servers, &options.directory, options.few, false)?;
    let many = start(&servers, &options.directory, options.many, true)?;
    load.block_on(measure_all(&options, [few, many]))
}

/// Starts a server. A small database is filled anew in every run, a large one only when it is not there.
fn start(servers: &Runtime, directory: &Path, accounts: u64, keep: bool) -> Outcome<Server> {
    let file = directory.join(format!("accounts-{accounts}.db"));
    if !keep {
        seed::remove(&file)?;
    }
    let begun = Instant::now();
    let server = servers.block_on(servers.spawn({
        let file = file.clone();
        async move { Server::start(&file, accounts).await }
    }))??;
    // The operating system shall have the file in memory, however long ago it was written.
    let size = std::io::copy(&mut File::open(&file)?, &mut std::io::sink())?;
    println!("{accounts} accounts, {} MB, ready in {:.1} s", size / 1_000_000, begun.elapsed().as_secs_f64());
    Ok(server)
}

async fn measure_all(options: &Options, [few, many]: [Server; 2]) -> Outcome<()> {
    let accounts = [few.accounts, many.accounts];
    let subjects = [Subject::new(few).await?, Subject::new(many).await?];
    let load = Load { clients: options.clients, measured: Duration::from_secs_f64(options.seconds) };
    println!(
        "{} requests at a time, medians of {} samples of {} s, SQLite\n\n{}",
        options.clients,
        options.rounds,
        options.seconds,
        report::heading(accounts)
    );
    let mut verdicts = Vec::new();
    for transport in [Transport::Grpc, Transport::Rest] {
        let measured = rounds(&subjects, transport, &TARGETS, options.rounds, load).await?;
        print(&measured);
        verdicts.extend(report::verdict(&measured, accounts));
    }
    if !options.targets_only {
        let measured = rounds(&subjects, Transport::Grpc, &OTHERS, options.rounds, load).await?;
        print(&measured);
    }
    println!("\n{}", verdicts.join("\n"));
    Ok(())
}

fn print(measured: &[Series]) {
    for series in measured {
        println!("{series}");
    }
}
