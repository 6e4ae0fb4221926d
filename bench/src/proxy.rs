//! The proxy against nginx and against no proxy at all: one upstream, the same clients, in turns.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use clap::Args;
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    task::JoinSet,
};
use valetkey_app::{
    App, Caller, Parts, Settings,
    account::{AccountAddress, CreateAccount, CredentialInput, OauthInput},
    connection::{ConnectionConfig, ConnectionSecrets, CreateConnection},
};
use valetkey_core::{
    Clock as _, Secret,
    connector::{Registry, builtin},
};
use valetkey_provider::{
    Provider, ProviderOptions,
    egress::{AllowEntry, EgressPolicy},
};
use valetkey_server::listen::{Endpoint, Limits, serve};
use valetkey_store::{ConnectOptions, Pool};
use valetkey_vault::{Keyring, LocalKey};

use crate::{
    Outcome,
    client::Client,
    load::{Sample, summary, work},
    request::Transport,
    seed, server,
    system::{Numbers, SystemClock, SystemEntropy},
};

/// How the proxy is measured.
#[derive(Args, Clone, Copy)]
pub(crate) struct Options {
    /// Accounts in rotation.
    #[arg(long, default_value_t = 100_000)]
    accounts: u64,
    /// Connections, each with one request at a time.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Seconds of each sample.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Samples of each way.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// The length of the upstream's answer, in bytes.
const ANSWER: usize = 1024;

/// One way to the upstream.
struct Way {
    name: &'static str,
    address: SocketAddr,
    path: &'static str,
    token: Option<Secret>,
    /// Accounts that requests choose from; 0 where there are none.
    accounts: u64,
}

/// Measures, and prints what was found.
pub(crate) fn measure(servers: &Runtime, directory: &Path, options: Options) -> Outcome<()> {
    let elsewhere = Runtime::new()?;
    let upstream = elsewhere.block_on(async { start_upstream().await })?;
    let nginx = Nginx::start(directory, upstream)?;
    let directory = directory.to_owned();
    let (address, token) = servers.block_on(
        servers.spawn(async move { start_proxy(&directory, upstream, options.accounts).await }),
    )??;
    let ours =
        |name, accounts| Way { name, address, path: "/proxy/data", token: Some(token.clone()), accounts };
    let plain = |name, address| Way { name, address, path: "/data", token: None, accounts: 0 };
    let ways = [
        plain("direct", upstream),
        plain("nginx", nginx.address),
        ours("valetkey, 1 account", 1),
        ours("valetkey, all accounts", options.accounts),
    ];
    let load = Builder::new_current_thread().enable_all().build()?;
    for connections in [options.connections, 1] {
        println!(
            "{connections} connections, {} accounts, medians of {} samples",
            options.accounts, options.rounds
        );
        let samples = load.block_on(in_turns(&ways, connections, options))?;
        report(&ways, &samples);
    }
    Ok(())
}

/// The samples of each way, one per round.
async fn in_turns(ways: &[Way; 4], connections: usize, options: Options) -> Outcome<Vec<[Sample; 4]>> {
    let mut rounds = Vec::new();
    for _ in 0..options.rounds {
        let mut samples = [Sample::default(); 4];
        for (way, sample) in ways.iter().zip(&mut samples) {
            *sample = run(way, connections, Duration::from_secs_f64(options.seconds)).await?;
        }
        rounds.push(samples);
    }
    Ok(rounds)
}

async fn run(way: &Way, connections: usize, measured: Duration) -> Outcome<Sample> {
    let begin = Instant::now() + measured / 5;
    let end = begin + measured;
    let mut workers = JoinSet::new();
    for (client, number) in
        Client::several(Transport::Rest, way.address, connections).await?.into_iter().zip(0..)
    {
        let requests = Requests::new(way, number);
        workers.spawn(work(client, move || requests.make(), begin, end));
    }
    let mut latencies = Vec::new();
    while let Some(worker) = workers.join_next().await {
        latencies.extend(worker??);
    }
    Ok(summary(latencies, measured))
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
        let mut request = Request::builder().uri(&self.uri).header(header::HOST, &self.host);
        if let Some(token) = &self.token {
            request = request
                .header(header::AUTHORIZATION, token)
                .header("connection-name", "test")
                .header("identifier", identifier(self.numbers.below(self.accounts)));
        }
        Ok(request.body(Full::default())?)
    }
}

fn report(ways: &[Way; 4], rounds: &[[Sample; 4]]) {
    let median = |of: &dyn Fn(&[Sample; 4]) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    for (place, way) in ways.iter().enumerate() {
        println!(
            "{:<24} {:>8.0} requests/s   p50 {:.3} ms   p99 {:.3} ms",
            way.name,
            median(&|samples| samples[place].rate),
            median(&|samples| samples[place].p50),
            median(&|samples| samples[place].p99)
        );
    }
    let ratio = |left: usize, right: usize| median(&|samples| samples[left].rate / samples[right].rate);
    println!("valetkey / nginx                      {:.2}  (target >= 0.5)", ratio(2, 1));
    println!("all accounts / 1 account              {:.2}  (target >= 0.7)", ratio(3, 2));
    let added = median(&|samples| samples[2].p50 - samples[0].p50);
    println!("valetkey, p50 beyond a direct call    {added:.3} ms\n");
}

fn identifier(number: u64) -> String {
    format!("user_{number}")
}

async fn start_upstream() -> Outcome<SocketAddr> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = socket.local_addr()?;
    tokio::spawn(async move {
        let body = Bytes::from(vec![b'x'; ANSWER]);
        while let Ok((stream, _)) = socket.accept().await {
            let _ = stream.set_nodelay(true);
            let body = body.clone();
            let answer = service_fn(move |request: Request<Incoming>| {
                let body = body.clone();
                async move {
                    request.into_body().collect().await?;
                    let answer = Response::builder().header(header::CONTENT_TYPE, "application/octet-stream");
                    Ok::<_, hyper::Error>(answer.body(Full::new(body)).unwrap_or_default())
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    });
    Ok(address)
}

/// The reference: nginx with connections to the upstream that are kept, and its log on.
struct Nginx {
    process: Child,
    address: SocketAddr,
}

impl Nginx {
    fn start(directory: &Path, upstream: SocketAddr) -> Outcome<Self> {
        let folder = std::fs::canonicalize(directory)?.join("nginx");
        std::fs::create_dir_all(&folder)?;
        let port = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let folder_text = folder.display();
        let config = format!(
            "daemon off;\nworker_processes auto;\npid {folder_text}/pid;\nerror_log {folder_text}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n  access_log {folder_text}/access.log combined buffer=64k flush=1s;\n\
             client_body_temp_path {folder_text}/body;\n  proxy_temp_path {folder_text}/proxy;\n\
             fastcgi_temp_path {folder_text}/f;\n  uwsgi_temp_path {folder_text}/u;\n  scgi_temp_path {folder_text}/s;\n\
             keepalive_requests 1000000000;\n\
             upstream api {{ server {upstream}; keepalive 128; keepalive_requests 1000000000; }}\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://api; proxy_http_version 1.1;\n\
             proxy_set_header Connection \"\"; }} }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, config)?;
        let process = Command::new("nginx")
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("nginx cannot be started (Debian: apt-get install nginx-light): {error}")
            })?;
        let address: SocketAddr = (Ipv4Addr::LOCALHOST, port).into();
        let nginx = Self { process, address };
        let until = Instant::now() + Duration::from_secs(5);
        while std::net::TcpStream::connect(address).is_err() {
            if Instant::now() > until {
                return Err("nginx does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

async fn start_proxy(directory: &Path, upstream: SocketAddr, accounts: u64) -> Outcome<(SocketAddr, Secret)> {
    let file = directory.join("proxy.db");
    seed::remove(&file)?;
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = socket.local_addr()?;
    let pool = Pool::connect(&format!("sqlite:{}", file.display()), &ConnectOptions::default()).await?;
    pool.migrate(SystemClock.now()).await?;
    let app = app(&pool, &format!("http://{address}"), upstream)?;
    let begun = Instant::now();
    let environment = app.create_environment(seed::ENVIRONMENT, None).await?;
    fill(&app, &Caller::operator(environment.id.clone()), accounts).await?;
    println!("{accounts} accounts connected in {:.1} s", begun.elapsed().as_secs_f64());
    let token = server::token(&app, &environment).await?;
    let router = valetkey_server::router(app.clone(), Arc::new(SystemEntropy))?;
    tokio::spawn(serve(
        vec![Endpoint { socket, tls: None }],
        router,
        Limits::default(),
        std::future::pending(),
    ));
    Ok((address, token))
}

fn app(pool: &Pool, url: &str, upstream: SocketAddr) -> Outcome<App> {
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let moved = |text: &str| text.replace("http://127.0.0.1:8444", &format!("http://{upstream}"));
    let sources: Vec<_> = builtin().iter().map(|(file, text)| (*file, moved(text))).collect();
    let sources: Vec<_> = sources.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let registry = Registry::from_sources(&sources, &[]).map_err(|errors| format!("{errors:?}"))?;
    let policy = EgressPolicy::public_only().allow_everywhere(&"127.0.0.1".parse::<AllowEntry>()?);
    let options = ProviderOptions { policy, ..ProviderOptions::default() };
    let key = LocalKey::from_base64(&LocalKey::generate(&Numbers::new(7)))?;
    Ok(App::new(Parts {
        pool: pool.clone(),
        keyring: Keyring::new(Arc::new(key), vec![]),
        provider: Provider::new(options, entropy.clone(), clock.clone())?,
        registry,
        settings: Settings::new(url),
        clock,
        entropy,
    }))
}

async fn fill(app: &App, caller: &Caller, accounts: u64) -> Outcome<()> {
    let request = CreateConnection {
        provider_key: "TESTPROVIDER".into(),
        name: Some("test".into()),
        config: ConnectionConfig { client_id: Some("bench".into()), ..ConnectionConfig::default() },
        secrets: ConnectionSecrets::default(),
        ..CreateConnection::default()
    };
    app.create_connection(caller, request).await?;
    for number in 0..accounts {
        let tokens = OauthInput { access_token: format!("access-{number}").into(), ..OauthInput::default() };
        let address = AccountAddress {
            connector: Some("test".into()),
            identifier: Some(identifier(number)),
            ..AccountAddress::default()
        };
        let credential = Some(CredentialInput::Oauth(tokens));
        app.create_account(caller, CreateAccount { address, credential, ..CreateAccount::default() }).await?;
    }
    Ok(())
}
