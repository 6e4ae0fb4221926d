//! Taking the slot of an account: from here on this process alone may spend its refresh token.

use std::sync::Arc;

use valetkey_core::{
    Timestamp,
    account::{AccountEvent, CredentialFacts, Grant, Reason, State},
    id::{AccountId, EnvironmentId},
    refresh::{Claim, LEASE_SECONDS, Slot, claim, may_refresh},
};
use valetkey_store::{
    Tx, account,
    credential::{self, Credential},
    refresh::{self, Refresh},
};

use super::TokenTarget;
use crate::{
    App, Caller, Result,
    account::{Account, Change},
};

/// Why a refresh is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Demand {
    /// It is due.
    Schedule,
    /// A credential is needed whose access token has run out or is about to.
    Use,
    /// Somebody asks for it.
    Request,
}

/// A slot that this process has taken, and everything that the request needs.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) account: Account,
    pub(crate) credential: Credential,
    pub(crate) kept: Refresh,
    /// The slot as it was taken.
    pub(crate) slot: Slot,
    pub(crate) target: Arc<TokenTarget>,
}

/// What came of an attempt to take a slot.
#[derive(Debug)]
pub(crate) enum Step {
    /// It is taken; after the commit the request may be sent.
    Take(Box<Job>),
    /// Another process is at it.
    Wait,
    /// The connection is at fault and not tried before then.
    Fault(Timestamp),
    /// There is nothing to refresh, or nothing to refresh it with; the account tells why.
    Nothing,
}

impl App {
    /// Takes the slot of an account, where the law and the account allow it. What has run out for good is noted on the
    /// way.
    pub(crate) async fn claim_slot(
        &self,
        tx: &mut Tx,
        (environment, id): (&EnvironmentId, &AccountId),
        target: &Arc<TokenTarget>,
        demand: Demand,
    ) -> Result<Step> {
        let now = self.clock.now();
        let Some(kept) = refresh::get(tx, environment, id).await? else { return Ok(Step::Nothing) };
        if demand == Demand::Schedule && kept.due_at.is_none_or(|at| now < at) {
            // Another process has done it since it was looked up.
            return Ok(Step::Nothing);
        }
        let row = account::get(tx, environment, id).await?;
        let live = credential::get(tx, environment, id).await?;
        let (Some(row), Some(live)) = (row, live) else {
            refresh::schedule(tx, environment, id, None).await?;
            return Ok(Step::Nothing);
        };
        if !may_refresh(row.state, row.reason) || kept.ended.is_some() || !kept.refreshable {
            return self.nothing_to_refresh(tx, &row, &live, &kept, demand).await;
        }
        // What was begun on demand is brought to its end.
        if demand == Demand::Schedule && !row.settings.refreshes() && kept.slot.attempt.is_none() {
            return self.nothing_to_refresh(tx, &row, &live, &kept, demand).await;
        }
        if let Some(later) = postponed(target, &live, &kept, demand, now) {
            if demand == Demand::Schedule {
                refresh::schedule(tx, environment, id, Some(later)).await?;
            }
            return Ok(Step::Fault(later));
        }
        let later = now.plus_seconds(LEASE_SECONDS);
        if demand != Demand::Request && !self.takes_turn(tx, environment, target, later).await? {
            return Ok(Step::Fault(later));
        }
        match claim(&kept.slot, live.generation, target.oauth2.refresh.repeat_tolerated, now) {
            Claim::Wait(_) => Ok(Step::Wait),
            Claim::Lost => self.outcome_lost(tx, &row, &live, &kept).await,
            Claim::Take(slot) => {
                let holder = &self.process;
                if !refresh::take(tx, environment, id, &kept.slot, &slot, holder, now).await? {
                    return Ok(Step::Wait);
                }
                let target = target.clone();
                Ok(Step::Take(Box::new(Job { account: row, credential: live, kept, slot, target })))
            }
        }
    }

    /// The next thing that happens to a credential which is not refreshed is that it runs out. Only the schedule changes
    /// when something is due, and only where nobody has done so since.
    async fn nothing_to_refresh(
        &self,
        tx: &mut Tx,
        row: &Account,
        live: &Credential,
        kept: &Refresh,
        demand: Demand,
    ) -> Result<Step> {
        let now = self.clock.now();
        let over = live.expires_at.is_some_and(|at| at <= now);
        let due_at = if over || kept.ended.is_some_and(|reason| reason != Reason::RefreshOutcomeUnknown) {
            None
        } else {
            live.expires_at
        };
        if let (Demand::Schedule, Some(seen)) = (demand, kept.due_at.filter(|seen| Some(*seen) != due_at)) {
            refresh::reschedule(tx, &row.environment_id, &row.id, seen, due_at).await?;
        }
        if over && row.state == State::Active {
            let caller = Caller::server(row.environment_id.clone());
            self.apply(tx, &caller, row, Change::Event(AccountEvent::TokenRanOut)).await?;
        }
        Ok(Step::Nothing)
    }

    /// An attempt was begun, nobody is at it any more, and the provider does not let us ask again.
    async fn outcome_lost(
        &self,
        tx: &mut Tx,
        row: &Account,
        live: &Credential,
        kept: &Refresh,
    ) -> Result<Step> {
        let now = self.clock.now();
        let due_at = live.expires_at.filter(|at| *at > now);
        let (environment, id) = (&row.environment_id, &row.id);
        if refresh::end(tx, environment, id, &kept.slot, Reason::RefreshOutcomeUnknown, due_at).await? {
            let caller = Caller::server(row.environment_id.clone());
            self.apply(tx, &caller, row, Change::Event(AccountEvent::RefreshOutcomeLost)).await?;
        }
        Ok(Step::Nothing)
    }
}

/// Until when a refresh has to wait for its connection or its provider.
fn postponed(
    target: &TokenTarget,
    live: &Credential,
    kept: &Refresh,
    demand: Demand,
    now: Timestamp,
) -> Option<Timestamp> {
    let connection = &target.connection;
    let fault = connection.fault.as_ref().and(connection.fault_retry_at).filter(|at| *at > now);
    let disabled = (!connection.enabled).then(|| now.plus_seconds(DISABLED_PAUSE));
    let early = live.expires_at.and_then(|at| target.oauth2.refresh.earliest(at)).filter(|at| *at > now);
    let at_it = kept.slot.held_until.is_some_and(|until| now < until);
    let failing = kept.due_at.filter(|at| kept.failures > 0 && !at_it && *at > now);
    match demand {
        Demand::Schedule | Demand::Use => fault.into_iter().chain(disabled).chain(early).chain(failing).max(),
        Demand::Request => disabled.into_iter().chain(early).max(),
    }
}

/// How long the accounts of a disabled connection are left alone, in seconds.
const DISABLED_PAUSE: i64 = 600;

/// What is known of a live credential and its row.
pub(crate) fn facts(row: &Account, live: &Credential, kept: Option<&Refresh>) -> CredentialFacts {
    CredentialFacts {
        expires_at: live.expires_at,
        refreshable: kept.is_some_and(|kept| kept.refreshable),
        ended: kept.and_then(|kept| kept.ended),
        auto_refresh: row.settings.refreshes(),
    }
}

/// What the live credential of an account is good for.
pub(crate) fn grant_of(
    row: &Account,
    live: Option<&Credential>,
    kept: Option<&Refresh>,
    now: Timestamp,
) -> Grant {
    live.map_or(Grant::Absent, |live| facts(row, live, kept).grant(now))
}
