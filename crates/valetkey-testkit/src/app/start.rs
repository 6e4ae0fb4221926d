//! Start a server for one test.

use std::{error::Error, net::Ipv4Addr, sync::Arc};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use valetkey_app::{
    App, Caller, Parts, Settings,
    client::CreateClient,
    connection::{ConnectionConfig, ConnectionSecrets, ConnectionView, CreateConnection},
    environment::{Environment, UpdateEnvironment},
    permission,
};
use valetkey_core::{
    Clock, Entropy, Secret,
    connector::{Registry, builtin},
    environment::VerificationMode,
};
use valetkey_provider::{
    Provider, ProviderOptions,
    egress::{AllowEntry, EgressPolicy},
};
use valetkey_server::Front;
use valetkey_server::listen::{Endpoint, Limits, serve};
use valetkey_store::{Pool, WriteObserver};
use valetkey_vault::{Keyring, LocalKey};

use super::{SeededEntropy, TestClock, TestDatabase};
use crate::{
    browser::Browser,
    provider::{TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider, TestProviderHandle},
};

/// The result of a step of a test.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What differs from test to test.
#[derive(Default)]
pub struct TestAppOptions {
    /// Who confirms users in the first environment.
    pub verification: Option<VerificationMode>,
    /// Addresses that a link may return to.
    pub return_urls: Vec<String>,
    /// Told of every write.
    pub observer: Option<Arc<dyn WriteObserver>>,
    /// A database that exists already, to start on what another server left.
    pub database: Option<Arc<TestDatabase>>,
    /// A different stream of randomness, for a second server on one database.
    pub seed: u64,
    /// Further connectors: path and text. The address of the built-in test provider stands for this test's.
    pub connectors: Vec<(String, String)>,
    /// A provider in another process, in place of this server's own.
    pub provider_url: Option<String>,
    /// The time of another server, so that both have the same.
    pub clock: Option<Arc<TestClock>>,
    /// Changes what the operator has set.
    pub settings: Option<fn(&mut Settings)>,
    /// Changes the way out to third parties.
    pub egress: Option<fn(&mut ProviderOptions)>,
}

/// A running server, a running provider, an environment with a client, and time that the test moves.
pub struct TestApp {
    /// The use cases.
    pub app: App,
    /// The whole HTTP service, to call without a network.
    pub router: Front,
    /// The time.
    pub clock: Arc<TestClock>,
    /// The built-in test provider.
    pub provider: TestProviderHandle,
    /// The database.
    pub database: Arc<TestDatabase>,
    /// The open database.
    pub pool: Pool,
    /// Where the server listens; also its public URL.
    pub url: String,
    /// The first environment.
    pub environment: Environment,
    /// An access token of a client with every permission.
    pub token: Secret,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl TestApp {
    /// A server with the defaults.
    ///
    /// # Errors
    /// Where something does not start.
    pub async fn start() -> Outcome<Self> {
        Self::with(TestAppOptions::default()).await
    }

    /// A server.
    ///
    /// # Errors
    /// Where something does not start.
    pub async fn with(options: TestAppOptions) -> Outcome<Self> {
        let clock = options.clock.clone().unwrap_or_else(|| Arc::new(TestClock::default()));
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(options.seed));
        let provider = TestProvider::new(Arc::new(SeededEntropy::new(options.seed ^ 1)), clock.clone());
        let provider = provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await?;
        let database = match options.database {
            Some(database) => database,
            None => Arc::new(TestDatabase::new()?),
        };
        let pool = database.open(clock.now(), options.observer).await?;
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", socket.local_addr()?);
        let provider_url = options.provider_url.as_ref().unwrap_or(&provider.base_url);
        let registry = registry(provider_url, &options.connectors)?;
        let (mut settings, mut egress) = (Settings::new(&url), loopback()?);
        options.settings.into_iter().for_each(|change| change(&mut settings));
        options.egress.into_iter().for_each(|change| change(&mut egress));
        let app = join(&pool, settings, egress, clock.clone(), entropy.clone(), registry)?;
        let router = valetkey_server::router(app.clone(), entropy)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(
            vec![Endpoint { socket, tls: None }],
            router.clone(),
            Limits::default(),
            async move { drop(stopped.await) },
        ));
        let environment = first_environment(&app).await?;
        let change = UpdateEnvironment {
            application: None,
            verification_mode: options.verification,
            allowed_return_urls: (!options.return_urls.is_empty()).then_some(options.return_urls),
        };
        let environment = app.update_environment(&environment.id, change).await?;
        let token = new_client(&app, &environment).await?;
        let stop = Some(stop);
        Ok(Self { app, router, clock, provider, database, pool, url, environment, token, stop, server })
    }

    /// An operator of the first environment.
    pub fn operator(&self) -> Caller {
        Caller::operator(self.environment.id.clone())
    }

    /// A client of the first environment with every permission, as the use cases see it.
    ///
    /// # Errors
    /// Where the token does not stand for a client any more.
    pub async fn client(&self) -> Outcome<Caller> {
        Ok(self.app.authenticate_token(self.token.expose()).await?.ok_or("the token is not accepted")?)
    }

    /// Another environment and an access token of a client in it.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub async fn another_environment(&self, name: &str) -> Outcome<(Environment, Secret)> {
        let environment = self.app.create_environment(name, None).await?;
        let token = new_client(&self.app, &environment).await?;
        Ok((environment, token))
    }

    /// A connection to the test provider under the given name, in the first environment.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub async fn connection(&self, name: &str) -> Outcome<ConnectionView> {
        self.connection_in(&self.operator(), name, "TESTPROVIDER").await
    }

    /// A connection of any connector whose OAuth application is the test provider's.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub async fn connection_in(
        &self,
        caller: &Caller,
        name: &str,
        provider_key: &str,
    ) -> Outcome<ConnectionView> {
        create_connection(&self.app, caller, name, provider_key).await
    }

    /// A browser without history.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn browser(&self) -> Outcome<Browser> {
        Ok(Browser::new(None)?)
    }

    /// Stops the server and waits until the database is closed.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended already.
            let _ = stop.send(());
        }
        drop((&mut self.server).await);
        self.pool.close().await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The built-in connectors and further ones, each with path and text, in which the address of the built-in test provider
/// stands for `provider`.
///
/// # Errors
/// Where a connector is not valid.
pub fn registry(provider: &str, further: &[(String, String)]) -> Outcome<Registry> {
    let moved = |text: &str| text.replace("http://127.0.0.1:8444", provider);
    let builtin: Vec<_> = builtin().iter().map(|(file, text)| (*file, moved(text))).collect();
    let sources: Vec<_> = builtin.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let further: Vec<_> = further.iter().map(|(file, text)| (file.clone(), moved(text))).collect();
    Registry::from_sources(&sources, &further)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n").into())
}

/// The way out to the public and to this machine.
pub(super) fn loopback() -> Outcome<ProviderOptions> {
    let policy = EgressPolicy::public_only().allow_everywhere(&"127.0.0.1".parse::<AllowEntry>()?);
    Ok(ProviderOptions { policy, ..ProviderOptions::default() })
}

/// Joins the use cases on a database. All servers of all tests have the same key.
pub(super) fn join(
    pool: &Pool,
    settings: Settings,
    egress: ProviderOptions,
    clock: Arc<TestClock>,
    entropy: Arc<dyn Entropy>,
    registry: Registry,
) -> Outcome<App> {
    Ok(App::new(Parts {
        pool: pool.clone(),
        keyring: Keyring::new(
            Arc::new(LocalKey::from_base64(&LocalKey::generate(&SeededEntropy::new(7)))?),
            vec![],
        ),
        provider: Provider::new(egress, entropy.clone(), clock.clone())?,
        registry,
        settings,
        clock,
        entropy,
    }))
}

/// The environment that every test begins with, made where it is missing.
pub(super) async fn first_environment(app: &App) -> Outcome<Environment> {
    match app.environment_named("test").await {
        Ok(environment) => Ok(environment),
        Err(_) => Ok(app.create_environment("test", Some("Test app")).await?),
    }
}

/// A connection of any connector whose OAuth application is the test provider's.
pub(super) async fn create_connection(
    app: &App,
    caller: &Caller,
    name: &str,
    provider_key: &str,
) -> Outcome<ConnectionView> {
    let request = CreateConnection {
        provider_key: provider_key.into(),
        name: Some(name.into()),
        config: ConnectionConfig { client_id: Some(TEST_CLIENT_ID.into()), ..ConnectionConfig::default() },
        secrets: ConnectionSecrets {
            client_secret: Some(TEST_CLIENT_SECRET.into()),
            ..ConnectionSecrets::default()
        },
        ..CreateConnection::default()
    };
    Ok(app.create_connection(caller, request).await?)
}

async fn new_client(app: &App, environment: &Environment) -> Outcome<Secret> {
    let request = CreateClient {
        environment: environment.id.clone(),
        name: "test".into(),
        permissions: permission::ALL.iter().map(|name| (*name).to_owned()).collect(),
    };
    let made = app.create_client(request).await?;
    Ok(app.issue_token(&made.client).await?.access_token)
}
