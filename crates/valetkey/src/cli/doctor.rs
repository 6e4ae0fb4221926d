//! `valetkey doctor`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use valetkey_app::doctor::{Check, Report};

use super::{
    account::One,
    output::{Failure, print, print_json},
};

/// What can be examined.
#[derive(Debug, Subcommand)]
pub enum Doctor {
    /// Find out what is wrong with one account, and what to do.
    ///
    /// Checks, in this order: the state, the clock of this machine against the provider's, the egress policy, the
    /// name, connection and certificate of the token endpoint's host, whether the provider accepts the client, scopes,
    /// expiry and schedule, the last outcomes, the connection, the pause of the host, revocations. Changes nothing, and
    /// fails where a check fails.
    ///
    /// To find out whether the provider accepts the client it sends one refresh request with the client's credentials
    /// and with the refresh token `valetkey-doctor-probe`, which nobody has: a provider that complains about the token
    /// has accepted the client. No token of the account is sent.
    Account(Account),
}

/// Find out what is wrong with one account.
#[derive(Debug, Args)]
pub struct Account {
    /// Do not ask the provider whether it accepts the client.
    #[arg(long)]
    no_probe: bool,
    #[command(flatten)]
    one: One,
}

impl Doctor {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Account(Account { no_probe, one }) = self;
        one.run(async |app, operator| {
            let report = app.diagnose_account(operator, &one.address(), !no_probe).await?;
            if one.format.is_json() {
                print_json(&json(&report))?;
            } else {
                print(&text(&report))?;
            }
            match report.failed() {
                0 => Ok(()),
                1 => Err(Failure("1 check failed".into())),
                failed => Err(Failure(format!("{failed} checks failed"))),
            }
        })
    }
}

fn json(report: &Report) -> Value {
    let check = |check: &Check| {
        json!({
            "check": check.subject.as_str(),
            "verdict": check.verdict.as_str(),
            "found": check.found,
            "next": check.next,
        })
    };
    json!({
        "account": report.account.id,
        "connection": report.account.connection_name,
        "identifier": report.account.identifier,
        "failed": report.failed(),
        "checks": report.checks.iter().map(check).collect::<Vec<_>>(),
    })
}

fn text(report: &Report) -> String {
    let row = &report.account;
    let width = report.checks.iter().map(|check| check.subject.as_str().len()).max().unwrap_or_default();
    let mut lines = vec![format!(
        "account {} of \"{}\" in connection \"{}\"",
        row.id, row.identifier, row.connection_name
    )];
    for Check { subject, verdict, found, next } in &report.checks {
        lines.push(format!("{verdict:7}  {:width$}  {found}", subject.as_str()));
        lines.extend(next.iter().map(|next| format!("{:7}  {:width$}  → {next}", "", "")));
    }
    lines.join("\n")
}
