//! `valetkey client`.

use clap::Subcommand;
use valetkey_app::{
    client::{Client as Row, CreateClient, NewSecret},
    permission,
};
use valetkey_core::{Timestamp, id::ClientId};

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, Format, Table, print, record},
};

/// Verbs of API clients.
#[derive(Debug, Subcommand)]
pub enum Client {
    /// Create a client and print its secret, which is shown this once.
    Create {
        /// A name for people.
        #[arg(long, default_value = "application")]
        name: String,
        /// What it may do, such as `connected_accounts:read`. Repeat it for several. Where left out: everything but
        /// to read the tokens and keys of accounts.
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<String>,
        /// Let it read the tokens and keys of accounts as well. Each reading is journalled.
        #[arg(long)]
        allow_reading_credentials: bool,
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
            Self::Create {
                name,
                permissions,
                allow_reading_credentials,
                environment,
                format,
                installation,
            } => {
                let mut permissions =
                    if permissions.is_empty() { permission::default() } else { permissions };
                permissions.extend(allow_reading_credentials.then(|| permission::CREDENTIALS.to_owned()));
                installation.run(async |app| {
                    let environment = environment.find(&app).await?.id;
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
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let rows = rows.into_iter().map(|row| {
        let permissions = row.permissions.join(" ");
        let created = row.created_at.to_string();
        [row.id.to_string(), row.name, permissions, created, time(row.last_used_at), time(row.revoked_at)]
    });
    Table::new(["id", "name", "permissions", "created_at", "last_used_at", "revoked_at"], rows)
}
