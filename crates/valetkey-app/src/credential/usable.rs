//! A credential that works, or the reason why there is none.

use std::sync::Arc;

use valetkey_core::{
    account::{NextAction, Reason, State, shown},
    error_code::ErrorCode,
    refresh::OutcomeClass,
};

use super::Snapshot;
use crate::{
    App, Caller, Error, Result,
    account::AccountAddress,
    refresh::{Demand, Flown},
};

/// What a caller wants a credential for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted<'a> {
    /// How long the access token must work from now, in seconds.
    pub min_ttl: i64,
    /// For what, in a word that the journal keeps: the name of a tool, `proxy`, `read`.
    pub purpose: &'a str,
}

/// A credential that works.
pub type Usable = Arc<Snapshot>;

impl Snapshot {
    /// State and reason as they are shown at `now`.
    pub(crate) fn shown(&self, now: valetkey_core::Timestamp) -> (State, Reason) {
        let account = &self.account;
        let valid = self.facts.is_none_or(|facts| facts.token_valid(now));
        shown(account.state, account.reason, account.connection_fault.is_some(), valid)
    }

    /// How long the access token works from `now`, in milliseconds; absent where that is not known, or for ever.
    fn left(&self, now: valetkey_core::Timestamp) -> Option<i64> {
        self.facts?.expires_at.map(|at| at.millis() - now.millis())
    }

    /// Whether the access token works for at least `min_ttl` seconds from `now`.
    fn works_for(&self, min_ttl: i64, now: valetkey_core::Timestamp) -> bool {
        self.left(now).is_none_or(|left| left > 0 && left >= min_ttl.saturating_mul(1000))
    }

    /// How long the access token works in all, in milliseconds; absent where that is not known, or for ever.
    fn lifetime(&self) -> Option<i64> {
        Some(self.facts?.expires_at?.millis() - self.stored_at?.millis())
    }

    fn refreshable(&self) -> bool {
        self.facts.is_some_and(|facts| facts.refreshable && facts.ended.is_none())
    }
}

impl App {
    /// A credential whose access token works for at least `wanted.min_ttl` seconds. One that works as long is given
    /// out at once; else it is refreshed first. The use is recorded.
    pub async fn usable_credential(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        wanted: Wanted<'_>,
    ) -> Result<Usable> {
        let snapshot = self.fresh_snapshot(caller, address, wanted.min_ttl).await?;
        self.record_use(caller, &snapshot, wanted.purpose).await?;
        Ok(snapshot)
    }

    /// The account with a credential that works for at least `min_ttl` seconds.
    pub(crate) async fn fresh_snapshot(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        min_ttl: i64,
    ) -> Result<Usable> {
        let snapshot = self.snapshot(caller, address).await?;
        self.freshened(caller, address, snapshot, min_ttl).await
    }

    /// The same for an account that was read a moment ago.
    pub(crate) async fn freshened(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        snapshot: Usable,
        min_ttl: i64,
    ) -> Result<Usable> {
        let paused = snapshot.account.reason == Reason::AccessTokenExpired && snapshot.refreshable();
        if snapshot.account.state != State::Active && !(snapshot.account.state == State::Expired && paused) {
            return Err(self.not_active(&snapshot));
        }
        if snapshot.works_for(min_ttl, self.clock.now()) {
            return Ok(snapshot);
        }
        // In a box, so that the future of a call that need not wait for this is small.
        Box::pin(self.renewed(caller, address, snapshot, min_ttl)).await
    }

    /// The same for an account whose credential does not work for so long.
    async fn renewed(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        snapshot: Usable,
        min_ttl: i64,
    ) -> Result<Usable> {
        if !snapshot.refreshable() || !snapshot.account.settings.refreshes() {
            return Err(self.runs_out(&snapshot, min_ttl));
        }
        if snapshot.lifetime().is_some_and(|whole| whole < min_ttl.saturating_mul(1000)) {
            return Err(too_short(&snapshot, min_ttl));
        }
        let flown = self.refresh_on_demand(&snapshot.account, Demand::Use, Some(snapshot.generation)).await?;
        let again = Arc::new(self.read_snapshot(caller, address).await?);
        if again.account.state == State::Active && again.works_for(min_ttl, self.clock.now()) {
            return Ok(again);
        }
        if again.account.state != State::Active {
            return Err(self.not_active(&again));
        }
        Err(self.not_refreshed(&again, flown, min_ttl))
    }

    /// The error for an account whose credential cannot be used: state, reason and what to do.
    fn not_active(&self, snapshot: &Snapshot) -> Error {
        let (state, reason) = snapshot.shown(self.clock.now());
        let account = &snapshot.account;
        let action = match NextAction::of(state, reason) {
            NextAction::None => "try again",
            NextAction::Refresh => "refresh it, or have the user authorize again",
            NextAction::Reauthorize => "have the user authorize again with a new authorization link",
            NextAction::FixConnection => "an operator has to correct the connection",
            NextAction::Verify => "the application has to confirm the user",
            NextAction::Resume => "an operator has to resume it",
        };
        let message = format!("account {} is {} ({}); {action}", account.id, state.as_str(), reason.as_str());
        Error::standing(ErrorCode::of_state(state), state, reason, message)
    }

    fn runs_out(&self, snapshot: &Snapshot, min_ttl: i64) -> Error {
        let left = snapshot.left(self.clock.now()).unwrap_or_default() / 1000;
        if left <= 0 {
            return self.not_active(snapshot);
        }
        let message = format!(
            "the access token of account {} works for {left} s more, less than the {min_ttl} s that were asked for, \
             and nothing renews it; ask for less",
            snapshot.account.id
        );
        Error::new(ErrorCode::AccountNotActive, message)
    }

    fn not_refreshed(&self, snapshot: &Snapshot, flown: Flown, min_ttl: i64) -> Error {
        let now = self.clock.now();
        let id = &snapshot.account.id;
        let (state, _) = snapshot.shown(now);
        if state == State::Error {
            return self.not_active(snapshot);
        }
        let left = snapshot.left(now).unwrap_or_default() / 1000;
        let why = match flown {
            Flown::Attempted(OutcomeClass::Success) => return too_short(snapshot, min_ttl),
            Flown::Attempted(class) => format!("the provider could not renew it ({})", class.as_str()),
            Flown::Paused(until) => format!("the provider is left alone until {until}"),
            Flown::StillUnderWay => "a refresh is still under way".to_owned(),
            Flown::Nothing => "nothing renews it".to_owned(),
        };
        let what = if left > 0 {
            format!("works for {left} s more, less than the {min_ttl} s that were asked for")
        } else {
            "has run out".to_owned()
        };
        let message = format!("the access token of account {id} {what}, and {why}; try again");
        Error::new(ErrorCode::Unavailable, message)
    }
}

/// The error for whoever wants a token that works for longer than any of this account does.
fn too_short(snapshot: &Snapshot, min_ttl: i64) -> Error {
    let whole = snapshot.lifetime().unwrap_or_default() / 1000;
    let message = format!(
        "new access tokens of account {} work for {whole} s, less than the {min_ttl} s that were asked for; ask for less",
        snapshot.account.id
    );
    Error::new(ErrorCode::AccountNotActive, message)
}
