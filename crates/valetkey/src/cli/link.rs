//! `valetkey link`.

use clap::Subcommand;
use valetkey_app::{
    account::AccountAddress,
    link::{CreateLink, Link as Row},
};
use valetkey_core::id::AccountId;

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, Format, Table, print, record, time},
};
use crate::config::Seconds;

/// Verbs of authorization links.
#[derive(Debug, Subcommand)]
pub enum Link {
    /// Make a link for an account, which is created where it does not exist, and print its address.
    Create {
        /// The name of the connection.
        connection: String,
        /// The application's own id of the user.
        identifier: String,
        /// Where the browser goes at the end. It must be on the list of `environment set --return-url`.
        #[arg(long, value_name = "URL")]
        return_url: Option<String>,
        /// Where the application confirms the user.
        #[arg(long, value_name = "URL")]
        user_verify_url: Option<String>,
        /// Ask for these of the connection's scopes only. Repeat it for several.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// How long it can be opened, such as `1h`.
        #[arg(long)]
        lifetime: Option<Seconds>,
        /// How many authorizations can be completed with it, up to 100; one where left out.
        #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(1..=100))]
        max_uses: Option<i64>,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
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
            Self::Create {
                connection,
                identifier,
                return_url,
                user_verify_url,
                scopes,
                lifetime,
                max_uses,
                environment,
                format,
                installation,
            } => {
                let link = CreateLink {
                    address: AccountAddress {
                        connector: Some(connection),
                        identifier: Some(identifier),
                        ..AccountAddress::default()
                    },
                    return_url,
                    user_verify_url,
                    scopes: (!scopes.is_empty()).then_some(scopes),
                    lifetime: lifetime.map(Seconds::count),
                    max_uses,
                    state: None,
                };
                installation.run(async |app| {
                    let made = app.create_link(&environment.operator(&app).await?, link).await?;
                    let expires = made.link.expires_at.to_string();
                    let fields = [
                        ("id", made.link.id.as_str()),
                        ("link", made.url.expose()),
                        ("expires_at", &expires),
                    ];
                    record(&fields, format)
                })
            }
            Self::List { account, environment, format, installation } => installation.run(async |app| {
                let operator = environment.operator(&app).await?;
                table(app.list_links(&operator, account.as_str()).await?).print(format)
            }),
            Self::Revoke { id, environment, installation } => installation.run(async |app| {
                app.revoke_link(&environment.operator(&app).await?, &id).await?;
                print(&format!("authorization link {id} is revoked"))
            }),
        }
    }
}

fn table(rows: Vec<Row>) -> Table<6> {
    let rows = rows.into_iter().map(|row| {
        let (created, expires) = (row.created_at.to_string(), row.expires_at.to_string());
        [row.id.to_string(), created, expires, time(row.opened_at), time(row.used_at), time(row.revoked_at)]
    });
    Table::new(["id", "created_at", "expires_at", "opened_at", "used_at", "revoked_at"], rows)
}
