//! The configuration: one module per section, each with types, defaults, documentation and validation in one place.
//!
//! It is read in layers: the defaults, the command that runs, the TOML file, variables, and flags. To add a setting, add a line
//! to its section; to add a section, add its module and a line to `sections!`. `valetkey.default.toml` is generated.

pub mod client;
pub mod connectors;
pub mod database;
pub mod egress;
pub mod encryption;
pub mod journal;
mod kind;
pub mod links;
pub mod log;
pub mod operator;
mod print;
mod reader;
pub mod refresh;
mod section;
pub mod server;
mod source;
pub mod tls;
mod value;

use std::path::Path;

pub use kind::Seconds;
pub use print::reference;
use reader::Reader;
use section::{Check, Description, Section};
pub use source::Source;

macro_rules! sections {
    ($($field:ident: $type:ty,)+) => {
        /// Everything that can be set.
        #[derive(Clone, Debug)]
        pub struct Config {
            $( #[doc = concat!("Section `", stringify!($field), "`.")] pub $field: $type, )+
        }

        /// The sections, in the order in which they are written.
        const DESCRIPTIONS: &[Description] = &[$(<$type as Section>::DESCRIPTION),+];

        impl Config {
            fn read(source: &Source, problems: &mut Vec<String>) -> Option<Self> {
                $( let $field = Reader::section::<$type>(source, problems); )+
                Some(Self { $($field: $field?),+ })
            }

            fn shown(&self) -> Vec<Vec<Option<String>>> {
                vec![$(self.$field.shown()),+]
            }

            fn problems(&self) -> Vec<String> {
                let mut problems = Vec::new();
                $( problems.extend(self.$field.problems()); )+
                problems
            }
        }
    };
}

sections! {
    server: server::Server,
    tls: tls::Tls,
    database: database::Database,
    encryption: encryption::Encryption,
    links: links::Links,
    client: client::Client,
    operator: operator::Operator,
    refresh: refresh::Refresh,
    journal: journal::Journal,
    connectors: connectors::Connectors,
    egress: egress::Egress,
    log: log::Log,
}

/// What is wrong with a configuration: one sentence per line, each of which says what to set.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// A source without layers.
pub fn source() -> Source {
    Source::new(DESCRIPTIONS)
}

/// Adds the file, where one is named, and the variables of this process.
pub fn add_file_and_variables(source: &mut Source, file: Option<&Path>) -> Result<(), ConfigError> {
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError(vec![format!("the configuration file {} cannot be read: {error}", path.display())])
        })?;
        source.file(path, &text);
    }
    source.variables(
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
    );
    Ok(())
}

impl Config {
    /// Reads the settings, and looks at no file that they name.
    pub fn parse(source: &mut Source) -> Result<Self, ConfigError> {
        let mut problems = source.take_problems();
        match Self::read(source, &mut problems) {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(ConfigError(problems)),
        }
    }

    /// Reads and validates. Every problem is reported, not only the first.
    pub fn load(source: &mut Source) -> Result<Self, ConfigError> {
        let mut problems = source.take_problems();
        let config = Self::read(source, &mut problems);
        problems.extend(config.iter().flat_map(Self::problems));
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(ConfigError(problems)),
        }
    }

    /// The effective configuration as TOML with origins, secrets masked.
    pub fn effective(&self, source: &Source) -> String {
        print::effective(self, source)
    }
}
