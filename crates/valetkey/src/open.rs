//! Joins the parts of an installation, as its configuration says.

use std::{io, path::Path, sync::Arc};

use valetkey_app::{App, Parts, Settings, refresh::RefresherSettings};
use valetkey_core::{
    Clock, Entropy,
    connector::{DefinitionError, Registry, builtin},
    entropy::Blocks,
};
use valetkey_provider::{
    Provider, ProviderOptions,
    egress::{EgressPolicy, Timeouts},
};
use valetkey_store::{ConnectOptions, Pool, StoreError};

use crate::{
    cli::Failure,
    config::Config,
    definitions,
    system::{SystemClock, SystemEntropy},
};

/// An installation that is open.
pub struct Opened {
    /// The use cases.
    pub app: App,
    /// The database, to close it.
    pub pool: Pool,
}

/// Opens the database, brings it to the schema of this program, and joins the parts.
///
/// `definitions` are connectors beside those of the configuration, each with path and text.
pub async fn open(config: &Config, definitions: &[(String, String)]) -> Result<Opened, Failure> {
    let keyring = config.encryption.keyring().map_err(Failure)?;
    let registry = registry(config, definitions)?;
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
        (Arc::new(SystemClock), Arc::new(Blocks::of(SystemEntropy)));
    let provider = Provider::new(egress(config)?, entropy.clone(), clock.clone())
        .map_err(|error| Failure(format!("egress.extra_ca_file: {error}")))?;
    let (pool, _) = database(config).await?;
    let parts =
        Parts { pool: pool.clone(), keyring, provider, registry, settings: settings(config), clock, entropy };
    Ok(Opened { app: App::new(parts), pool })
}

/// Opens the database and brings it to the schema of this program, whose version is returned.
pub async fn database(config: &Config) -> Result<(Pool, i64), Failure> {
    let pool = Pool::connect(config.database.url.expose(), &ConnectOptions::default()).await?;
    let version = pool.migrate(SystemClock.now()).await?;
    Ok((pool, version))
}

/// The connectors: those that are built in, with the operator's changes.
pub fn registry(config: &Config, further: &[(String, String)]) -> Result<Registry, Failure> {
    let mut own = match &config.connectors.directory {
        Some(directory) => read_definitions(directory)?,
        None => Vec::new(),
    };
    own.extend_from_slice(further);
    let mut registry = Registry::from_sources(builtin(), &own).map_err(|errors| told(&errors))?;
    if let Some(directory) = &config.connectors.directory {
        let tools = definitions::tools(directory).map_err(|error| unreadable(directory, &error))?;
        registry.add_tools(&tools).map_err(|errors| told(&errors))?;
    }
    Ok(registry)
}

fn told(errors: &[DefinitionError]) -> Failure {
    let lines: Vec<String> = errors.iter().map(DefinitionError::to_string).collect();
    Failure(lines.join("\n"))
}

fn unreadable(directory: &Path, error: &io::Error) -> Failure {
    Failure(format!("connectors.directory {} cannot be read: {error}", directory.display()))
}

fn read_definitions(directory: &Path) -> Result<Vec<(String, String)>, Failure> {
    definitions::read(directory).map_err(|error| unreadable(directory, &error))
}

fn settings(config: &Config) -> Settings {
    Settings {
        link_lifetime: config.links.lifetime.count(),
        flow_lifetime: config.links.flow_lifetime.count(),
        verification_lifetime: config.links.verification_lifetime.count(),
        access_token_lifetime: config.client.token_lifetime.count(),
        rotation_overlap: config.client.rotation_overlap.count(),
        operator_session_lifetime: config.operator.session_lifetime.count(),
        refresher: RefresherSettings { per_host: config.refresh.per_host.0, in_all: config.refresh.in_all.0 },
        strict_journal: config.journal.strict,
        call_retention_days: config.journal.call_retention_days.0,
        error_messages: config.journal.error_messages,
        ..Settings::new(config.server.public_url.as_str())
    }
}

/// How the installation reaches third parties.
pub fn egress(config: &Config) -> Result<ProviderOptions, Failure> {
    let egress = &config.egress;
    let policy =
        egress.allow.iter().fold(EgressPolicy::public_only(), |policy, exception| exception.add_to(policy));
    let timeouts = Timeouts {
        connect: egress.connect_timeout.duration(),
        total: egress.timeout.duration(),
        idle: egress.idle_timeout.duration(),
    };
    Ok(ProviderOptions {
        policy,
        extra_ca_pem: egress.extra_ca().map_err(Failure)?,
        timeouts,
        proxy: egress.proxy.clone(),
        resolver: None,
    })
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(match std::error::Error::source(&error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        })
    }
}
