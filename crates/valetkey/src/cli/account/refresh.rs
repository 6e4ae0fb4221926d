//! `valetkey account refresh`: one account, several, or all of a connection.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use clap::Args;
use serde_json::{Value, json};
use valetkey_app::{
    App, Caller,
    account::{AccountAddress, AccountView, ListAccounts},
    doctor::words::relative,
    page::PageRequest,
};
use valetkey_core::{Timestamp, account::State, id::AccountId};

use super::which::{Named, On, by_id};
use crate::{
    cli::output::{Failure, Format, note, print, print_json},
    run::stop_signal,
};

/// How many accounts of a connection are read at a time.
const PAGE: u32 = 500;

/// The states in which a refresh can help.
const HELPED: [State; 3] = [State::Active, State::Expired, State::Error];

/// Refresh accounts now.
#[derive(Debug, Args)]
pub struct Refresh {
    /// The accounts.
    #[arg(
        required_unless_present_any = ["connection", "all_of"],
        conflicts_with_all = ["connection", "identifier", "organization", "user", "all_of", "states"]
    )]
    ids: Vec<AccountId>,
    #[command(flatten)]
    named: Named,
    /// All accounts of this connection that are active, expired or in error.
    #[arg(long, value_name = "CONNECTION", conflicts_with_all = ["connection", "identifier", "organization", "user"])]
    all_of: Option<String>,
    /// Of these accounts only those in this state, such as `expired`. Repeat it for several.
    #[arg(long = "state", value_name = "STATE", requires = "all_of", value_parser = state)]
    states: Vec<State>,
    #[command(flatten)]
    on: On,
    #[command(flatten)]
    format: Format,
}

fn state(text: &str) -> Result<State, String> {
    State::parse(text).ok_or_else(|| {
        let all: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
        format!("must be one of {}", all.join(", "))
    })
}

/// What became of the accounts so far.
struct Run<'a> {
    app: &'a App,
    operator: &'a Caller,
    format: Format,
    stopped: Arc<AtomicBool>,
    told: Vec<Value>,
    done: usize,
    failed: usize,
}

impl Refresh {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { ids, named, all_of, states, on, format } = self;
        on.installation.run(async |app| {
            let operator = on.environment.operator(&app).await?;
            let mut run = Run {
                app: &app,
                operator: &operator,
                format,
                stopped: stop_between_requests()?,
                told: vec![],
                done: 0,
                failed: 0,
            };
            if let Some(connection) = all_of {
                run.all(connection, &states).await?;
            } else {
                let given = ids.iter().map(by_id).chain(named.address()).collect::<Vec<_>>();
                run.these(&given).await?;
            }
            run.end()
        })
    }
}

/// A flag that a signal sets. A request that is under way is waited for, because the provider may have issued tokens
/// that nobody would store.
fn stop_between_requests() -> Result<Arc<AtomicBool>, Failure> {
    let (stopped, signal) = (Arc::new(AtomicBool::new(false)), stop_signal()?);
    let told = stopped.clone();
    tokio::spawn(async move {
        signal.await;
        told.store(true, Ordering::Release);
        note("stopping after the requests that are under way");
    });
    Ok(stopped)
}

impl Run<'_> {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    async fn all(&mut self, connection: String, states: &[State]) -> Result<(), Failure> {
        let states = if states.is_empty() { &HELPED } else { states };
        let mut token = None;
        loop {
            let list = ListAccounts {
                connection_names: vec![connection.clone()],
                page: PageRequest { size: PAGE, token },
                ..ListAccounts::default()
            };
            let page = self.app.list_accounts(self.operator, list).await?;
            let wanted = page.items.iter().filter(|row| states.contains(&row.state));
            self.these(&wanted.map(|row| by_id(&row.id)).collect::<Vec<_>>()).await?;
            token = page.next;
            if token.is_none() || self.is_stopped() {
                return Ok(());
            }
        }
    }

    async fn these(&mut self, addresses: &[AccountAddress]) -> Result<(), Failure> {
        let at_once = self.app.settings().refresher.per_host.max(1) as usize;
        for chunk in addresses.chunks(at_once) {
            if self.is_stopped() {
                return Ok(());
            }
            let results = self.app.refresh_accounts(self.operator, chunk).await;
            for (address, result) in chunk.iter().zip(results) {
                let detail = if result.is_err() { self.detail(address).await } else { None };
                self.tell(address, result, detail.as_deref())?;
            }
        }
        Ok(())
    }

    /// What the provider said about the last refresh of an account that could not be refreshed.
    async fn detail(&self, address: &AccountAddress) -> Option<String> {
        self.app.token_status(self.operator, address).await.ok()?.last_detail
    }

    fn tell(
        &mut self,
        address: &AccountAddress,
        result: Result<AccountView, valetkey_app::Error>,
        detail: Option<&str>,
    ) -> Result<(), Failure> {
        self.done += 1;
        self.failed += usize::from(result.is_err());
        if self.format.is_json() {
            self.told.push(match result {
                Ok(view) => refreshed(&view),
                Err(error) => failed(address, error, detail),
            });
            return Ok(());
        }
        print(&match result {
            Ok(view) => words(&view, self.app.now()),
            Err(error) => {
                let detail = detail.map(|detail| format!("; last: {detail}")).unwrap_or_default();
                format!("failed     {}{detail}", Failure::from(error))
            }
        })
    }

    fn end(self) -> Result<(), Failure> {
        if self.format.is_json() {
            print_json(&Value::Array(self.told))?;
        } else if self.done == 0 {
            print("no account was asked for")?;
        }
        let Self { done, failed, .. } = self;
        if self.stopped.load(Ordering::Acquire) {
            return Err(Failure(format!(
                "stopped after {done} accounts, of which {failed} were not refreshed"
            )));
        }
        match failed {
            0 => Ok(()),
            _ => Err(Failure(format!("{failed} of {done} accounts were not refreshed"))),
        }
    }
}

fn refreshed(view: &AccountView) -> Value {
    let row = &view.account;
    json!({
        "id": row.id,
        "connection": row.connection_name,
        "identifier": row.identifier,
        "result": "refreshed",
        "state": row.state,
        "reason": row.reason,
        "expires_at": row.token_expires_at.map(|at| at.to_string()),
    })
}

fn failed(address: &AccountAddress, error: valetkey_app::Error, detail: Option<&str>) -> Value {
    let code = error.code;
    json!({
        "id": address.id,
        "connection": address.connector,
        "identifier": address.identifier,
        "result": "failed",
        "error": { "code": code, "message": Failure::from(error).to_string() },
        "last_detail": detail,
    })
}

fn words(view: &AccountView, now: Timestamp) -> String {
    let row = &view.account;
    let end = row.token_expires_at.map_or_else(
        || "its token has no known end".to_owned(),
        |at| format!("its token runs out {}", relative(now, at)),
    );
    format!("refreshed  account {} of \"{}\" is {}; {end}", row.id, row.identifier, row.state.as_str())
}
