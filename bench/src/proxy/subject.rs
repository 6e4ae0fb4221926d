//! Valetkey, as it is started in production but for TLS, with accounts of the test connector whose API is the upstream.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Instant,
};

use tokio::net::TcpListener;
use valetkey_app::{
    App, Caller, Parts, Settings,
    account::{AccountAddress, CreateAccount, CredentialInput, OauthInput},
    connection::{ConnectionConfig, ConnectionSecrets, CreateConnection},
};
use valetkey_core::{
    Clock as _, Secret,
    connector::{Registry, builtin},
    entropy::Blocks,
};
use valetkey_provider::{
    Provider, ProviderOptions,
    egress::{AllowEntry, EgressPolicy},
};
use valetkey_server::listen::{Endpoint, Limits, serve};
use valetkey_store::{ConnectOptions, Pool};
use valetkey_vault::{Keyring, LocalKey};

use super::identifier;
use crate::{
    Outcome, seed, server,
    system::{Numbers, SystemClock, SystemEntropy},
};

/// Starts it in this runtime, with an account for each user. Returns where it is, and a token of a client.
pub(super) async fn start(
    directory: &Path,
    upstream: SocketAddr,
    accounts: u64,
) -> Outcome<(SocketAddr, Secret)> {
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
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(Blocks::of(SystemEntropy)));
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
