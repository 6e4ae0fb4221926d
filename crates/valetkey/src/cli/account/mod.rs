//! `valetkey account`.

mod calls;
mod refresh;
mod set;
mod show;
mod which;

use clap::Subcommand;
use valetkey_app::{
    App, Caller,
    account::{Account as Row, ListAccounts},
    page::PageRequest,
};
use valetkey_core::Timestamp;

pub use which::{On, One};

use super::output::{Failure, Format, Table, print, record};

/// Verbs of connected accounts. An account is named by its id, or by `--connection` and `--identifier`.
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
    /// Show one account: its state, why it is in it, what to do next, and what happened to it. Never a token.
    Show(One),
    /// Refresh accounts now, whether or not it is due. Fails where one could not be refreshed.
    Refresh(refresh::Refresh),
    /// Change the settings of an account. What is not given stays.
    Set(set::Set),
    /// Switch an account off for a while; its credential is kept.
    Suspend(One),
    /// Switch a suspended account on again.
    Resume(One),
    /// Destroy the credential of an account and keep its record; a running server tells the provider.
    Disconnect(One),
    /// Delete an account with its credential; a running server tells the provider.
    Delete(One),
}

impl One {
    /// Does `work` on the account as the operator.
    pub fn run(&self, work: impl AsyncFnOnce(&App, &Caller) -> Result<(), Failure>) -> Result<(), Failure> {
        self.on.installation.run(async |app| {
            let operator = self.on.environment.operator(&app).await?;
            work(&app, &operator).await
        })
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
            Self::Show(one) => one.run(async |app, operator| show::show(app, operator, &one).await),
            Self::Refresh(refresh) => refresh.run(),
            Self::Set(set) => set.run(),
            Self::Suspend(one) => one.run(async |app, operator| {
                app.suspend_account(operator, &one.address()).await?;
                show::show(app, operator, &one).await
            }),
            Self::Resume(one) => one.run(async |app, operator| {
                app.resume_account(operator, &one.address()).await?;
                show::show(app, operator, &one).await
            }),
            Self::Disconnect(one) => one.run(async |app, operator| {
                app.disconnect_account(operator, &one.address()).await?;
                show::show(app, operator, &one).await
            }),
            Self::Delete(one) => one.run(async |app, operator| {
                app.delete_account(operator, &one.address()).await?;
                if one.format.is_json() {
                    return record(&[("result", "deleted")], one.format);
                }
                print(&format!("{} is deleted", one.words()))
            }),
        }
    }
}

fn table(rows: Vec<Row>) -> Table<6> {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let rows = rows.into_iter().map(|row| {
        let (state, reason) = (row.state.as_str().to_owned(), row.reason.as_str().to_owned());
        [row.id.to_string(), row.connection_name, row.identifier, state, reason, time(row.token_expires_at)]
    });
    Table::new(["id", "connection", "identifier", "state", "reason", "token_expires_at"], rows)
}
