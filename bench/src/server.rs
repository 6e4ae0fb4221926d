//! A whole server on a port of this machine, with a database of a given size.

use std::{net::Ipv4Addr, net::SocketAddr, path::Path, sync::Arc};

use tokio::net::TcpListener;
use valetkey_app::{App, Parts, Settings, client::CreateClient, environment::Environment, permission};
use valetkey_core::connector::{Registry, builtin};
use valetkey_core::{Clock as _, Secret};
use valetkey_provider::{Provider, ProviderOptions, egress::EgressPolicy};
use valetkey_server::listen::{Endpoint, Limits, serve};
use valetkey_store::{ConnectOptions, Pool};
use valetkey_vault::{Keyring, LocalKey};

use crate::{
    Outcome, null, seed,
    system::{Numbers, SystemClock, SystemEntropy},
};

/// A running server.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// An access token of a client with every permission.
    pub(crate) token: Secret,
    /// How many accounts it began with.
    pub(crate) accounts: u64,
}

impl Server {
    /// Starts a server on the database file `file`, which is made and filled where it does not hold `accounts`.
    pub(crate) async fn start(file: &Path, accounts: u64) -> Outcome<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let url = format!("http://{address}");
        let (app, environment) = if let Some(found) = stored(file, &url, accounts).await {
            found
        } else {
            seed::remove(file)?;
            let (app, pool) = open(file, &url).await?;
            seed::fill(&app, &pool, accounts).await?;
            pool.close().await;
            stored(file, &url, accounts).await.ok_or("the filled database is not complete")?
        };
        seed::give_credentials(&app, &environment, accounts).await?;
        let router = valetkey_server::router(app.clone(), Arc::new(SystemEntropy))?;
        let router = null::beside(router, app.clone(), Arc::new(SystemEntropy));
        tokio::spawn(serve(
            vec![Endpoint { socket, tls: None }],
            router,
            Limits::default(),
            std::future::pending(),
        ));
        Ok(Self { address, token: token(&app, &environment).await?, accounts })
    }
}

/// The application on a database that was filled by an earlier run; `None` where it is not there, not complete, or of
/// another schema.
async fn stored(file: &Path, url: &str, accounts: u64) -> Option<(App, Environment)> {
    if !file.exists() {
        return None;
    }
    let (app, pool) = open(file, url).await.ok()?;
    let found = app.environment_named(seed::ENVIRONMENT).await.ok();
    if let Some(environment) = found
        && seed::is_complete(&app, &environment, accounts).await
    {
        return Some((app, environment));
    }
    pool.close().await;
    None
}

async fn open(file: &Path, url: &str) -> Outcome<(App, Pool)> {
    let pool = Pool::connect(&format!("sqlite:{}", file.display()), &ConnectOptions::default()).await?;
    pool.migrate(SystemClock.now()).await?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let options = ProviderOptions { policy: EgressPolicy::public_only(), ..ProviderOptions::default() };
    // The same key in every run, so that a database can be used again.
    let key = LocalKey::from_base64(&LocalKey::generate(&Numbers::new(7)))?;
    let registry = Registry::from_sources(builtin(), &[]).map_err(|errors| format!("{errors:?}"))?;
    let app = App::new(Parts {
        pool: pool.clone(),
        keyring: Keyring::new(Arc::new(key), vec![]),
        provider: Provider::new(options, entropy.clone(), clock.clone())?,
        registry,
        settings: Settings::new(url),
        clock,
        entropy,
    });
    Ok((app, pool))
}

/// An access token of a client with every permission.
pub(crate) async fn token(app: &App, environment: &Environment) -> Outcome<Secret> {
    let request = CreateClient {
        environment: environment.id.clone(),
        name: "bench".into(),
        permissions: permission::ALL.iter().map(|name| (*name).to_owned()).collect(),
    };
    let made = app.create_client(request).await?;
    Ok(app.issue_token(&made.client).await?.access_token)
}
