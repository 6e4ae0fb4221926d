//! `valetkey account`.

use clap::Subcommand;
use valetkey_app::account::{AccountAddress, AccountView, ListAccounts};
use valetkey_app::page::PageRequest;
use valetkey_core::{Timestamp, id::AccountId, scope::ScopeSet};

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, Format, Table, print, record},
};

/// Verbs of connected accounts.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// List accounts, oldest first.
    List {
        /// Only those of this connection.
        #[arg(long)]
        connection: Option<String>,
        /// Only those with a word that starts with this text, in identifier or e-mail address.
        #[arg(long)]
        query: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        format: Format,
    },
    /// Show one account: its state, why it is in it, and what to do next. Never a token.
    Show(One),
    /// Switch an account off for a while; its credential is kept.
    Suspend(One),
    /// Switch a suspended account on again.
    Resume(One),
    /// Destroy the credentials of an account and keep its record.
    Disconnect(One),
    /// Delete an account with its credentials.
    Delete(One),
}

/// Where a command works.
#[derive(Debug, clap::Args)]
pub struct On {
    #[command(flatten)]
    environment: InEnvironment,
    #[command(flatten)]
    installation: Installation,
}

/// One account.
#[derive(Debug, clap::Args)]
pub struct One {
    /// The account.
    id: AccountId,
    #[command(flatten)]
    on: On,
    #[command(flatten)]
    format: Format,
}

impl One {
    fn address(&self) -> AccountAddress {
        AccountAddress { id: Some(self.id.to_string()), ..AccountAddress::default() }
    }
}

impl Account {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::List { connection, query, limit, on: On { environment, installation }, format } => {
                let list = ListAccounts {
                    connection_names: connection.into_iter().collect(),
                    query,
                    page: PageRequest { size: limit, token: None },
                    ..ListAccounts::default()
                };
                installation.run(async |app| {
                    let page = app.list_accounts(&environment.operator(&app).await?, list).await?;
                    table(page.items).print(format)
                })
            }
            Self::Show(one) => one.on.installation.run(async |app| {
                let operator = one.on.environment.operator(&app).await?;
                show(&app.account(&operator, &one.address()).await?, one.format)
            }),
            Self::Suspend(one) => one.on.installation.run(async |app| {
                let operator = one.on.environment.operator(&app).await?;
                show(&app.suspend_account(&operator, &one.address()).await?, one.format)
            }),
            Self::Resume(one) => one.on.installation.run(async |app| {
                let operator = one.on.environment.operator(&app).await?;
                show(&app.resume_account(&operator, &one.address()).await?, one.format)
            }),
            Self::Disconnect(one) => one.on.installation.run(async |app| {
                let operator = one.on.environment.operator(&app).await?;
                show(&app.disconnect_account(&operator, &one.address()).await?, one.format)
            }),
            Self::Delete(one) => one.on.installation.run(async |app| {
                let operator = one.on.environment.operator(&app).await?;
                app.delete_account(&operator, &one.address()).await?;
                print(&format!("connected account {} is deleted", one.id))
            }),
        }
    }
}

fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn scopes(set: &ScopeSet) -> String {
    set.join(" ")
}

fn show(view: &AccountView, format: Format) -> Result<(), Failure> {
    let row = &view.account;
    let missing = row.requested_scopes.minus(&row.granted_scopes);
    record(
        &[
            ("id", row.id.as_str()),
            ("connection", &row.connection_name),
            ("provider", &row.connector),
            ("identifier", &row.identifier),
            ("state", row.state.as_str()),
            ("reason", row.reason.as_str()),
            ("next_action", view.next_action().as_str()),
            ("state_changed_at", &row.state_changed_at.to_string()),
            ("token_expires_at", &time(row.token_expires_at)),
            ("last_authorized_at", &time(row.last_authorized_at)),
            ("granted_scopes", &scopes(&row.granted_scopes)),
            ("missing_scopes", &scopes(&missing)),
            ("metadata", &row.metadata),
        ],
        format,
    )
}

fn table(rows: Vec<valetkey_app::account::Account>) -> Table<6> {
    let rows = rows.into_iter().map(|row| {
        let (state, reason) = (row.state.as_str().to_owned(), row.reason.as_str().to_owned());
        [row.id.to_string(), row.connection_name, row.identifier, state, reason, time(row.token_expires_at)]
    });
    Table::new(["id", "connection", "identifier", "state", "reason", "token_expires_at"], rows)
}
