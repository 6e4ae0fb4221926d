//! `valetkey client`.

use clap::Subcommand;
use valetkey_app::client::{Client as Row, CreateClient, NewSecret};
use valetkey_core::id::ClientId;

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, Format, Table, print, record, time},
    permissions::Permissions,
};

/// Verbs of API clients.
#[derive(Debug, Subcommand)]
pub enum Client {
    /// Create a client and print its secret, which is shown this once.
    Create {
        /// A name for people.
        #[arg(long, default_value = "application")]
        name: String,
        #[command(flatten)]
        permissions: Permissions,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
    /// List the clients of an environment.
    List {
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
    /// Give a client a new secret. The old one keeps working for a while.
    Rotate {
        /// The client.
        id: ClientId,
        /// Let the old secret stop working at once.
        #[arg(long)]
        now: bool,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
    /// Revoke a client: its secrets and tokens, and the API tokens it has made, stop working.
    Revoke {
        /// The client.
        id: ClientId,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Client {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { name, permissions, environment, format, installation } => {
                installation.run(async |app| {
                    let environment = environment.find(&app).await?.id;
                    let permissions = permissions.chosen();
                    show(&app.create_client(CreateClient { environment, name, permissions }).await?, format)
                })
            }
            Self::List { environment, format, installation } => installation.run(async |app| {
                let environment = environment.find(&app).await?;
                table(app.list_clients(&environment.id).await?).print(format)
            }),
            Self::Rotate { id, now, environment, format, installation } => installation.run(async |app| {
                let environment = environment.find(&app).await?;
                show(&app.rotate_client_secret(&environment.id, &id, now.then_some(0)).await?, format)
            }),
            Self::Revoke { id, environment, installation } => installation.run(async |app| {
                let environment = environment.find(&app).await?;
                app.revoke_client(&environment.id, &id).await?;
                print(&format!("API client {id} is revoked"))
            }),
        }
    }
}

fn show(new: &NewSecret, format: Format) -> Result<(), Failure> {
    let fields = [("client_id", new.client.id.as_str()), ("client_secret", new.secret.expose())];
    record(&fields, format)
}

fn table(rows: Vec<Row>) -> Table<6> {
    let rows = rows.into_iter().map(|row| {
        let permissions = row.permissions.join(" ");
        let created = row.created_at.to_string();
        [row.id.to_string(), row.name, permissions, created, time(row.last_used_at), time(row.revoked_at)]
    });
    Table::new(["id", "name", "permissions", "created_at", "last_used_at", "revoked_at"], rows)
}
