//! `valetkey environment`.

use clap::{Subcommand, ValueEnum};
use valetkey_app::environment::{Environment as Row, UpdateEnvironment};
use valetkey_core::environment::VerificationMode;

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, Format, Table},
};

/// Verbs of environments.
#[derive(Debug, Subcommand)]
pub enum Environment {
    /// Create an environment.
    Create {
        /// Its name: letters, digits, `-` and `_`.
        name: String,
        /// The name under which end users know your application; pages show it. The environment's name where absent.
        #[arg(long, value_name = "NAME")]
        application: Option<String>,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
    /// List all environments.
    List {
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
    /// Change what holds for an environment.
    Set {
        #[command(flatten)]
        environment: InEnvironment,
        /// The name under which end users know your application.
        #[arg(long, value_name = "NAME")]
        application: Option<String>,
        /// Who confirms the user that has authorized.
        #[arg(long, value_enum)]
        verification: Option<Verification>,
        /// An address to which a browser may be sent after the flow, exactly as links name it. Repeat it for several;
        /// the list takes the place of the one before, and an empty text empties it.
        #[arg(long = "return-url", value_name = "URL")]
        return_urls: Option<Vec<String>>,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
}

/// Who confirms the user that has authorized.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Verification {
    /// Nobody: whoever completes the flow activates the account.
    None,
    /// The application, at the address that a link names.
    Custom,
    /// Only operators of this server can complete a flow.
    Platform,
}

impl From<Verification> for VerificationMode {
    fn from(mode: Verification) -> Self {
        match mode {
            Verification::None => Self::None,
            Verification::Custom => Self::Custom,
            Verification::Platform => Self::Platform,
        }
    }
}

impl Environment {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { name, application, format, installation } => installation.run(async |app| {
                let row = app.create_environment(&name, application.as_deref()).await?;
                table([row]).print(format)
            }),
            Self::List { format, installation } => {
                installation.run(async |app| table(app.list_environments().await?).print(format))
            }
            Self::Set { environment, application, verification, return_urls, format, installation } => {
                let allowed_return_urls =
                    return_urls.map(|urls| urls.into_iter().filter(|url| !url.is_empty()).collect());
                let change = UpdateEnvironment {
                    application,
                    verification_mode: verification.map(Into::into),
                    allowed_return_urls,
                };
                installation.run(async |app| {
                    let row = environment.find(&app).await?;
                    table([app.update_environment(&row.id, change).await?]).print(format)
                })
            }
        }
    }
}

fn table(rows: impl IntoIterator<Item = Row>) -> Table<6> {
    let rows = rows.into_iter().map(|row| {
        [
            row.id.to_string(),
            row.name,
            row.application,
            row.verification_mode.as_str().to_owned(),
            row.allowed_return_urls.join(" "),
            row.created_at.to_string(),
        ]
    });
    Table::new(["id", "name", "application", "verification", "return_urls", "created_at"], rows)
}
