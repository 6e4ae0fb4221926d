//! `valetkey connector`.

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
    /// Validate definitions. Each fault is reported with its file, line, column and reason.
    Check {
        /// Files, or directories in which every `connector.yaml` is validated.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
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
            Self::List { format, installation } => list(&installation, format),
        }
    }
}

fn check_all(paths: &[PathBuf]) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in paths {
        let found = definitions::read(path)
            .map_err(|error| Failure(format!("{} cannot be read: {error}", path.display())))?;
        if found.is_empty() {
            return Err(Failure(format!("{} contains no connector.yaml", path.display())));
        }
        files.extend(found);
    }
    let errors: Vec<String> =
        check(&files).into_iter().flat_map(|(_, errors)| errors).map(|error| error.to_string()).collect();
    if !errors.is_empty() {
        return Err(Failure(errors.join("\n")));
    }
    print(&match files.len() {
        1 => "1 definition is valid".to_owned(),
        count => format!("{count} definitions are valid"),
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
