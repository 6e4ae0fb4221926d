//! The refresh engine against its provider: how many tokens it renews in a second when very many are due, as a part of
//! what the provider answers to somebody who stores nothing.

use std::{
    net::Ipv4Addr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;
use tokio::runtime::Runtime;
use valetkey_app::{
    App, Caller, Parts, Settings,
    account::{AccountAddress, CreateAccount, CredentialInput, OauthInput},
    connection::{ConnectionConfig, ConnectionSecrets, CreateConnection},
    refresh::RefresherSettings,
};
use valetkey_core::{
    Clock, Timestamp,
    connector::{AuthScheme, Oauth2, Registry, builtin},
    credential::OauthCredential,
    scope::ScopeSet,
};
use valetkey_provider::{
    Fields, Provider, ProviderOptions,
    egress::{AllowEntry, EgressPolicy},
    oauth::{OauthClient, RefreshRequest},
};
use valetkey_store::{ConnectOptions, Pool};
use valetkey_testkit::provider::{
    GrantTokens, Settings as ProviderSettings, TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider,
    TestProviderHandle,
};
use valetkey_vault::{Keyring, LocalKey};

use crate::{
    Outcome, seed,
    system::{Numbers, SystemClock, SystemEntropy},
};

/// How the refresh engine is measured.
#[derive(Args, Clone, Copy)]
pub(crate) struct Options {
    /// Accounts that are due.
    #[arg(long, default_value_t = 100_000)]
    accounts: usize,
    /// Token requests under way at the same time, by the engine and by the reference.
    #[arg(long, default_value_t = 64)]
    at_once: u32,
    /// How long the provider takes for an answer, in milliseconds.
    #[arg(long, default_value_t = 50)]
    latency: u64,
    /// Seconds of each sample of the reference.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

/// The clock of this machine, set forward as the measurement needs it.
struct SetForward(AtomicI64);

impl Clock for SetForward {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().millis() + self.0.load(Ordering::Relaxed))
    }
}

/// Measures, and prints what was found.
pub(crate) fn measure(servers: &Runtime, directory: &Path, options: Options) -> Outcome<()> {
    let elsewhere = Runtime::new()?;
    let provider = elsewhere.block_on(elsewhere.spawn(start_provider(options.latency)))??;
    let directory = directory.to_owned();
    let provider = Arc::new(provider);
    servers.block_on(servers.spawn(async move { run(&directory, &provider, options).await }))?
}

async fn start_provider(latency_milliseconds: u64) -> Outcome<TestProviderHandle> {
    let provider = TestProvider::new(Arc::new(Numbers::new(3)), Arc::new(SystemClock));
    let settings = ProviderSettings { records: 0, latency_milliseconds, ..ProviderSettings::default() };
    provider.configure(settings);
    Ok(provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await?)
}

async fn run(directory: &Path, provider: &Arc<TestProviderHandle>, options: Options) -> Outcome<()> {
    let file = directory.join("refresh.db");
    seed::remove(&file)?;
    let clock = Arc::new(SetForward(AtomicI64::new(0)));
    let (app, pool) = open(&file, provider, clock.clone(), options.at_once).await?;
    let begun = Instant::now();
    fill(&app, provider, options.accounts).await?;
    println!("{} accounts connected in {:.1} s", options.accounts, begun.elapsed().as_secs_f64());
    let oauth2 = definition(provider)?;
    let before = reference(provider, &oauth2, options).await?;
    // Every access token has run out by then.
    clock.0.store(Duration::from_hours(2).as_millis().try_into()?, Ordering::Relaxed);
    let (memory, begun) = (resident()?, Instant::now());
    let done = app.refresh_due().await?;
    let elapsed = begun.elapsed().as_secs_f64();
    let peak = resident()?;
    let after = reference(provider, &oauth2, options).await?;
    if done.refreshed != options.accounts {
        return Err(format!("{} of {} accounts were refreshed", done.refreshed, options.accounts).into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate is approximate")]
    let rate = done.refreshed as f64 / elapsed;
    let maximum = f64::midpoint(before, after);
    println!("engine: {} refreshes in {elapsed:.1} s, {rate:.0} per second", done.refreshed);
    println!(
        "provider alone, {} requests at a time, {} ms each, before and after: {before:.0} and {after:.0} per second",
        options.at_once, options.latency
    );
    println!("engine / provider: {:.2} (target 0.8)", rate / maximum);
    println!("resident memory before and after: {memory} and {peak} MB, the provider's included");
    pool.close().await;
    Ok(seed::remove(&file)?)
}

async fn open(
    file: &Path,
    provider: &TestProviderHandle,
    clock: Arc<SetForward>,
    at_once: u32,
) -> Outcome<(App, Pool)> {
    let pool = Pool::connect(&format!("sqlite:{}", file.display()), &ConnectOptions::default()).await?;
    pool.migrate(clock.now()).await?;
    let entropy = Arc::new(SystemEntropy);
    let app = App::new(Parts {
        pool: pool.clone(),
        keyring: Keyring::new(
            Arc::new(LocalKey::from_base64(&LocalKey::generate(&Numbers::new(7)))?),
            vec![],
        ),
        provider: client(clock.clone())?,
        registry: registry(provider)?,
        settings: Settings {
            refresher: RefresherSettings { per_host: at_once, in_all: at_once },
            ..Settings::new("http://localhost")
        },
        clock,
        entropy,
    });
    Ok((app, pool))
}

fn client(clock: Arc<dyn Clock>) -> Outcome<Provider> {
    let policy = EgressPolicy::public_only().allow_everywhere(&"127.0.0.1".parse::<AllowEntry>()?);
    let options = ProviderOptions { policy, ..ProviderOptions::default() };
    Ok(Provider::new(options, Arc::new(SystemEntropy), clock)?)
}

fn registry(provider: &TestProviderHandle) -> Outcome<Registry> {
    let moved = |text: &str| text.replace("http://127.0.0.1:8444", &provider.base_url);
    let sources: Vec<_> = builtin().iter().map(|(file, text)| (*file, moved(text))).collect();
    let sources: Vec<_> = sources.iter().map(|(file, text)| (*file, text.as_str())).collect();
    Registry::from_sources(&sources, &[]).map_err(|errors| format!("{errors:?}").into())
}

fn definition(provider: &TestProviderHandle) -> Outcome<Oauth2> {
    let registry = registry(provider)?;
    match registry.get("TESTPROVIDER").map(|connector| &connector.auth) {
        Some(AuthScheme::Oauth2(oauth2)) => Ok((**oauth2).clone()),
        _ => Err("the test provider has no definition".into()),
    }
}

async fn fill(app: &App, provider: &TestProviderHandle, accounts: usize) -> Outcome<()> {
    let environment = app.create_environment(seed::ENVIRONMENT, None).await?;
    let caller = Caller::operator(environment.id);
    let request = CreateConnection {
        provider_key: "TESTPROVIDER".into(),
        name: Some("test".into()),
        config: ConnectionConfig { client_id: Some(TEST_CLIENT_ID.into()), ..ConnectionConfig::default() },
        secrets: ConnectionSecrets {
            client_secret: Some(TEST_CLIENT_SECRET.into()),
            ..ConnectionSecrets::default()
        },
        ..CreateConnection::default()
    };
    app.create_connection(&caller, request).await?;
    for number in 0..accounts {
        let user = format!("user_{number}");
        let GrantTokens { access_token, refresh_token, .. } =
            provider.provider.issue_grant(TEST_CLIENT_ID, &user, &["profile", "read"]);
        let tokens = OauthInput {
            access_token: access_token.into(),
            refresh_token: refresh_token.into(),
            scopes: vec!["profile".into(), "read".into()],
        };
        let address = AccountAddress {
            connector: Some("test".into()),
            identifier: Some(user),
            ..AccountAddress::default()
        };
        let credential = Some(CredentialInput::Oauth(tokens));
        let request = CreateAccount { address, credential, ..CreateAccount::default() };
        app.create_account(&caller, request).await?;
    }
    Ok(())
}

/// Token requests per second by the same client code, each with the refresh token that the one before brought, and
/// nothing stored.
async fn reference(provider: &Arc<TestProviderHandle>, oauth2: &Oauth2, options: Options) -> Outcome<f64> {
    let sender = client(Arc::new(SystemClock))?;
    let answered = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let until = begun + Duration::from_secs_f64(options.seconds);
    let mut tasks = Vec::new();
    for number in 0..options.at_once {
        let (sender, oauth2, answered) = (sender.clone(), oauth2.clone(), answered.clone());
        let grant =
            provider.provider.issue_grant(TEST_CLIENT_ID, &format!("reference_{number}"), &["profile"]);
        tasks.push(tokio::spawn(async move {
            let mut credential = OauthCredential {
                access_token: grant.access_token.into(),
                refresh_token: Some(grant.refresh_token.into()),
                ..OauthCredential::default()
            };
            while Instant::now() < until {
                credential = renew(&sender, &oauth2, &credential).await?;
                answered.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate is approximate")]
    Ok(answered.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64())
}

async fn renew(sender: &Provider, oauth2: &Oauth2, old: &OauthCredential) -> Outcome<OauthCredential> {
    let secret = TEST_CLIENT_SECRET.into();
    let client = OauthClient {
        client_id: TEST_CLIENT_ID,
        client_secret: Some(&secret),
        authentication: oauth2.token.client_authentication,
    };
    let request = RefreshRequest {
        oauth2,
        client,
        credential: old,
        granted: &ScopeSet::default(),
        fields: &Fields::new(),
        timeout: Duration::from_secs(20),
    };
    Ok(sender.refresh(request).await?.grant.credential)
}

/// The resident memory of this process, in megabytes.
fn resident() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kilobytes / 1000)
}
