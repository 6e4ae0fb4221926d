//! `valetkey token`.

use clap::Subcommand;
use valetkey_app::{
    Caller,
    api_token::{ApiToken as Row, CreateApiToken},
    permission,
};

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, Format, Table, print, record, time},
    permissions::Permissions,
};

/// Verbs of API tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Create a token and print it, which is done this once.
    Create {
        /// A name for people.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        permissions: Permissions,
        /// Days until it expires.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
    /// List the tokens of an environment.
    List {
        /// Revoked and expired ones too.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
    /// Revoke a token.
    Revoke {
        /// The id of the token, `tok_…`.
        id: String,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Token {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { name, permissions, days, environment, format, installation } => {
                installation.run(async |app| {
                    // Who has the data directory and its key can read every credential; the operator may give what he has.
                    let everything = permission::ALL.iter().map(|name| (*name).to_owned()).collect();
                    let environment = environment.find(&app).await?.id;
                    let operator = Caller { permissions: everything, ..Caller::operator(environment) };
                    let permissions = permissions.chosen();
                    let request = CreateApiToken { name, permissions, lifetime: Some(days * 86_400) };
                    let new = app.create_api_token(&operator, request).await?;
                    record(&[("id", new.row.id.as_str()), ("token", new.token.expose())], format)
                })
            }
            Self::List { all, environment, format, installation } => installation.run(async |app| {
                let operator = environment.operator(&app).await?;
                table(app.list_api_tokens(&operator, all).await?).print(format)
            }),
            Self::Revoke { id, environment, installation } => installation.run(async |app| {
                let operator = environment.operator(&app).await?;
                app.revoke_api_token(&operator, &id).await?;
                print(&format!("API token {id} is revoked"))
            }),
        }
    }
}

fn table(rows: Vec<Row>) -> Table<7> {
    let rows = rows.into_iter().map(|row| {
        [
            row.id.to_string(),
            row.name,
            row.hint,
            row.permissions.join(" "),
            row.expires_at.to_string(),
            time(row.last_used_at),
            time(row.revoked_at),
        ]
    });
    Table::new(["id", "name", "token", "permissions", "expires_at", "last_used_at", "revoked_at"], rows)
}
