//! What an operator wants to know about one account: what is wrong with it, and what to do.
//!
//! [`App::diagnose_account`] gathers the facts; each check is a function from facts to a sentence. To add one, add a
//! [`Subject`] and its function.

mod account;
mod check;
mod journal;
mod surroundings;
mod way;
pub mod words;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::{Map, Value};
use valetkey_core::{connector::AuthType, refresh::TOKEN_TIMEOUT_SECONDS};
use valetkey_provider::{Diagnosis, DiagnosisError, DiagnosisRequest};
use valetkey_store::{
    refresh::{self, Refresh},
    revocation,
    token_host::{self, TokenHost},
};

pub use check::{Check, Subject, Verdict};
pub use journal::Event;
use words::Remedy;

use crate::{
    App, Caller, Result,
    account::{Account, AccountAddress},
};

/// The result of all checks of an account.
#[derive(Clone, Debug)]
pub struct Report {
    /// The account, as callers see it.
    pub account: Account,
    /// The checks, in the order of [`Subject`].
    pub checks: Vec<Check>,
}

impl Report {
    /// How many checks failed.
    pub fn failed(&self) -> usize {
        self.checks.iter().filter(|check| check.verdict == Verdict::Fail).count()
    }
}

impl App {
    /// Finds out what is wrong with an account. With `probe` the provider is asked whether it accepts the client of
    /// the connection, by a refresh with a token that nobody has; no token of the account is ever sent. Changes
    /// nothing.
    pub async fn diagnose_account(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        probe: bool,
    ) -> Result<Report> {
        let view = self.account(caller, address).await?;
        let row = view.account;
        let by_id = AccountAddress { id: Some(row.id.to_string()), ..AccountAddress::default() };
        let status = self.token_status(caller, &by_id).await?;
        let remedy = Remedy::of(&row);
        let mut checks = vec![account::state(&status, &remedy)];
        let (renewed, now) = (row.auth_type == AuthType::Oauth2, self.clock.now());
        if renewed {
            let diagnosis = self.go(&row, &view.api_config, probe).await?;
            checks.extend(way::checks(diagnosis, &remedy, now, probe));
        } else {
            checks.extend(way::none(row.auth_type, probe));
        }
        let (kept, host) = self.kept_of(&row).await?;
        let told =
            revocation::of_account(&mut *self.pool.read().await?, &row.environment_id, &row.id, 1).await?;
        let connection = self.connection(caller, row.connection_id.as_str()).await?;
        let paused = host.as_ref().and_then(|host| host.paused_until);
        let waits = paused.into_iter().chain(connection.fault_retry_at).any(|until| until > now);
        let ended = kept.as_ref().and_then(|kept| kept.ended);
        let held = kept.as_ref().and_then(|kept| kept.slot.held_until).is_some_and(|until| until > now);
        let renewal = account::Renewal { status: &status, renewed, ended, waits, held };
        let at_fault = connection.fault.is_some();
        checks.extend([
            account::scopes(&row.requested_scopes, &row.granted_scopes, status.generation > 0, &remedy),
            account::expiry(&renewal, &remedy, now),
            account::outcomes(&renewal, at_fault, &remedy, now),
            surroundings::connection(&connection, &remedy, now),
            surroundings::host_pause(host.as_ref(), now),
            surroundings::revocations(told.first(), now),
        ]);
        Ok(Report { account: row, checks })
    }

    /// Goes the way of a refresh of an account, with no token of it.
    async fn go(
        &self,
        row: &Account,
        api_config: &Map<String, Value>,
        probe: bool,
    ) -> Result<std::result::Result<Diagnosis, DiagnosisError>> {
        let target = self.token_target(&row.environment_id, &row.connection_id).await?;
        let request = DiagnosisRequest {
            oauth2: &target.oauth2,
            client: target.client(),
            fields: &target.fields(api_config),
            timeout: Duration::from_secs(TOKEN_TIMEOUT_SECONDS.unsigned_abs()),
            probe,
        };
        Ok(self.provider.diagnose(request).await)
    }

    /// How an account is kept fresh, and the host that does it.
    async fn kept_of(&self, row: &Account) -> Result<(Option<Refresh>, Option<TokenHost>)> {
        let mut reader = self.pool.read().await?;
        let kept = refresh::get(&mut reader, &row.environment_id, &row.id).await?;
        let host = match &kept {
            Some(kept) => token_host::get(&mut reader, &kept.host).await?,
            None => None,
        };
        Ok((kept, host))
    }
}
