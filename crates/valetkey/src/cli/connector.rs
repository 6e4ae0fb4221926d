//! `valetkey connector`.

mod import;

use std::path::PathBuf;

use clap::Subcommand;
use valetkey_core::connector::{Registry, builtin, check};

use super::{
    installation::Installation,
    output::{Failure, Format, Table, print},
};
use crate::{config::Config, definitions, open};

/// Verbs of connector definitions.
#[derive(Debug, Subcommand)]
pub enum Connector {
    /// Validate definitions and their tools. Each fault is reported with its file, line, column and reason.
    Check {
        /// Files, or directories in which every `connector.yaml` is validated; with each, its `tools/*.yaml`.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Make a connector with tools of the description of an API.
    #[command(subcommand)]
    Import(import::Import),
    /// List the connectors of an installation; those that are built in where none is named.
    List {
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Connector {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check { paths } => check_all(&paths),
            Self::Import(import) => import.run(),
            Self::List { format, installation } => list(&installation, format),
        }
    }
}

fn check_all(paths: &[PathBuf]) -> Result<(), Failure> {
    let (mut files, mut tools) = (Vec::new(), Vec::new());
    for path in paths {
        let unreadable = |error| Failure(format!("{} cannot be read: {error}", path.display()));
        let found = definitions::read(path).map_err(unreadable)?;
        if found.is_empty() {
            return Err(Failure(format!("{} contains no connector.yaml", path.display())));
        }
        files.extend(found);
        tools.extend(definitions::tools_of(path).map_err(unreadable)?);
    }
    let errors: Vec<String> = check(&files, &tools).iter().map(ToString::to_string).collect();
    if !errors.is_empty() {
        return Err(Failure(errors.join("\n")));
    }
    let definitions = match files.len() {
        1 => "1 definition is valid".to_owned(),
        count => format!("{count} definitions are valid"),
    };
    print(&match tools.len() {
        0 => definitions,
        1 => format!("{definitions}, and so is 1 file of tools"),
        count => format!("{definitions}, and so are {count} files of tools"),
    })
}

fn list(installation: &Installation, format: Format) -> Result<(), Failure> {
    let registry = match Config::parse(&mut installation.source()?) {
        Ok(config) => open::registry(&config, &[])?,
        Err(_) => Registry::from_sources(builtin(), &[]).unwrap_or_default(),
    };
    let rows = registry.iter().map(|connector| {
        let auth = connector.auth.kind().as_str().to_owned();
        [connector.slug.clone(), connector.provider_key.clone(), connector.name.clone(), auth]
    });
    Table::new(["slug", "provider_key", "name", "auth"], rows).print(format)
}
