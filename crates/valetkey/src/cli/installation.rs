//! Which installation a command works on, and how it gets at its data.

use std::path::PathBuf;

use clap::Args;
use valetkey_app::{App, Caller, environment::Environment};

use super::output::Failure;
use crate::{
    config::{self, Config, Source},
    dev::DataDir,
    open::open,
};

/// Where the settings of the installation are.
#[derive(Clone, Debug, Args)]
pub struct Installation {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "VALETKEY_CONFIG", conflicts_with = "data_dir")]
    config: Option<PathBuf>,
    /// The data directory of `valetkey dev`, to work on that installation.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The database, in place of the one that the settings name.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// The environment that a command works in.
#[derive(Clone, Debug, Args)]
pub struct InEnvironment {
    /// Name or id of the environment. May be left out where there is only one.
    #[arg(long, short, value_name = "NAME")]
    environment: Option<String>,
}

impl Installation {
    /// The settings, as layers.
    pub fn source(&self) -> Result<Source, Failure> {
        let mut source = config::source();
        if let Some(directory) = &self.data_dir {
            DataDir::new(directory).presets(&mut source);
        }
        config::add_file_and_variables(&mut source, self.config.as_deref())?;
        if let Some(url) = &self.database_url {
            source.command("--database-url", "database", "url", url);
        }
        Ok(source)
    }

    /// Opens the installation and does `work` on it.
    pub fn run(&self, work: impl AsyncFnOnce(App) -> Result<(), Failure>) -> Result<(), Failure> {
        let config = Config::parse(&mut self.source()?)?;
        block_on(async {
            let opened = open(&config, &[]).await?;
            let outcome = work(opened.app).await;
            opened.pool.close().await;
            outcome
        })
    }
}

impl InEnvironment {
    /// Finds the environment.
    pub async fn find(&self, app: &App) -> Result<Environment, Failure> {
        if let Some(name) = &self.environment {
            return Ok(app.environment_named(name).await?);
        }
        let mut all = app.list_environments().await?;
        match (all.len(), all.pop()) {
            (1, Some(only)) => Ok(only),
            (0, _) => Err(Failure(
                "there is no environment; make one with `valetkey environment create NAME`".into(),
            )),
            _ => Err(Failure("there are several environments; say which with --environment".into())),
        }
    }

    /// The operator in the environment.
    pub async fn operator(&self, app: &App) -> Result<Caller, Failure> {
        Ok(Caller::operator(self.find(app).await?.id))
    }
}

/// Runs a future to its end.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure(format!("the threads of this program cannot be started: {error}")))?;
    runtime.block_on(work)
}
