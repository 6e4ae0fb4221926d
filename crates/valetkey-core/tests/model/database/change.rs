//! `valetkey_app::account::transition`: the one way in which the state of an account and its credential are written.

use valetkey_core::{
    Timestamp,
    account::{AccountEvent, Effect, Reason, Situation, State, decide},
    refresh::Slot,
};

use super::{Database, Due, Guard, Live, Read, Row, Rules};
use crate::provider::Token;

/// Why a transaction ends without a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rollback {
    /// The law refuses the event.
    Refused,
    /// The account is not as it was read.
    Conflict,
}

impl Database {
    /// `App::apply`. `token` is what the event brings. Where it fails, the database is that of a transaction which is
    /// rolled back.
    pub(crate) fn change(
        &mut self,
        read: &Read,
        event: AccountEvent,
        token: Option<Token>,
        now: Timestamp,
        rules: &Rules,
    ) -> Result<(), Rollback> {
        let before = &read.account;
        let grant = before.grant(now, rules);
        let situation =
            Situation { state: before.state, reason: before.reason, grant, scopes_missing: false };
        let decision = decide(situation, event).map_err(|_| Rollback::Refused)?;
        if read.outdated && rules.has(Guard::Version) {
            return Err(Rollback::Conflict);
        }
        (self.state, self.reason, self.versioned) = (decision.state, decision.reason, true);
        match (decision.effect, token) {
            (Effect::StoreCredential | Effect::PromoteParked, Some(token)) => {
                if event != AccountEvent::TokenRefreshed {
                    self.begin_renewal(rules);
                    self.parked = None;
                }
                self.store(before, token, now, rules)?;
            }
            (Effect::ParkCredential, token) => self.parked = token,
            (Effect::DestroyParked, _) => self.parked = None,
            (Effect::DestroyAll, _) => (self.row, self.live, self.parked) = (None, None, None),
            (Effect::None, _) | (Effect::StoreCredential | Effect::PromoteParked, None) => {}
        }
        self.reschedule(before, rules);
        Ok(())
    }

    /// `valetkey_store::credential::put`.
    fn store(&mut self, before: &Self, token: Token, now: Timestamp, rules: &Rules) -> Result<(), Rollback> {
        let generation = |account: &Self| account.live.map(|live| live.generation);
        let expected = generation(before);
        if expected != generation(self) && rules.has(Guard::Generation) {
            return Err(Rollback::Conflict);
        }
        let generation = expected.unwrap_or(0) + 1;
        self.live = Some(Live { generation, serial: self.stored, token, expires_at: rules.expiry(now) });
        self.stored += 1;
        Ok(())
    }

    /// `App::begin_renewal`. The version of the account, which grows with each credential at least, is stood for by the
    /// number of credentials.
    fn begin_renewal(&mut self, rules: &Rules) {
        let version = i64::try_from(self.stored).expect("there are few credentials");
        let mut slot = Slot::of_obtained(version);
        if !rules.has(Guard::Numbering) {
            slot.fencing = self.row.map_or(0, |row| row.slot.fencing + 1);
        }
        let due = if self.state == State::Suspended { Due::Never } else { rules.renewal() };
        self.row = Some(Row { slot, ended: None, due, failures: 0 });
        self.scheduled = true;
    }

    /// `App::reschedule`.
    fn reschedule(&mut self, before: &Self, rules: &Rules) {
        let suspended = |account: &Self| account.state == State::Suspended;
        let (was, is) = (suspended(before), suspended(self));
        let (Some(seen), Some(row), true) = (before.row, &mut self.row, was != is) else { return };
        row.due = match seen.ended {
            None if !is && seen.slot.attempt.is_some() => Due::Soon,
            None if !is => rules.renewal(),
            Some(Reason::RefreshOutcomeUnknown) if !is => Due::AtExpiry,
            None | Some(_) => Due::Never,
        };
        self.scheduled = true;
    }
}
