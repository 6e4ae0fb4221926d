//! `valetkey link`.

use clap::Subcommand;
use valetkey_app::link::Link as Row;
use valetkey_core::{Timestamp, id::AccountId};

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, Format, Table, print},
};

/// Verbs of authorization links.
#[derive(Debug, Subcommand)]
pub enum Link {
    /// List the links of an account, newest first. Their addresses are secret and not shown.
    List {
        /// The account.
        account: AccountId,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
    /// Revoke a link: it can no longer be opened, and a flow that it started cannot be completed.
    Revoke {
        /// The id of the link.
        id: String,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Link {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::List { account, environment, format, installation } => installation.run(async |app| {
                let operator = environment.operator(&app).await?;
                table(app.list_links(&operator, &account).await?).print(format)
            }),
            Self::Revoke { id, environment, installation } => installation.run(async |app| {
                app.revoke_link(&environment.operator(&app).await?, &id).await?;
                print(&format!("authorization link {id} is revoked"))
            }),
        }
    }
}

fn table(rows: Vec<Row>) -> Table<6> {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let rows = rows.into_iter().map(|row| {
        let (created, expires) = (row.created_at.to_string(), row.expires_at.to_string());
        [row.id.to_string(), created, expires, time(row.opened_at), time(row.used_at), time(row.revoked_at)]
    });
    Table::new(["id", "created_at", "expires_at", "opened_at", "used_at", "revoked_at"], rows)
}
