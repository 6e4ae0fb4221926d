//! The database, and the transactions of the server on it. Each is written after its counterpart in `valetkey_app`,
//! which its documentation names; what is decided in them is decided by the functions that the server calls.

mod change;
mod claim;
mod settle;

use valetkey_core::{
    Timestamp,
    account::{AccountEvent, CredentialFacts, Grant, Reason, State},
    refresh::{Attempt, Slot},
};

pub(crate) use self::{
    change::Rollback,
    claim::{Demand, Step},
    settle::Settled,
};
use crate::{
    provider::Token,
    time::{Elapse, NOW, TICK},
};

/// A condition under which the database writes, for tests that take one away.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Guard {
    /// What belongs to an attempt is written under the number that the slot was taken with.
    Fencing,
    /// What was decided upon an open attempt is written where that is still open.
    OpenAttempt,
    /// The schedule is changed for want of work where it is as it was read.
    Schedule,
    /// A change of an account is written where its version is the one that was read.
    Version,
    /// A credential is replaced where its generation is the one that was read.
    Generation,
    /// The numbers of a slot do not begin anew where a credential is destroyed and another is obtained.
    Numbering,
}

/// What holds for an account throughout.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Rules {
    /// The guards that are taken away.
    pub(crate) without: &'static [Guard],
    /// Whether the definition tolerates a repeated presentation.
    pub(crate) repeat_tolerated: bool,
    /// The setting of the account.
    pub(crate) auto_refresh: bool,
    /// How long an access token works, in ticks; absent: the provider does not say.
    pub(crate) lifetime: Option<i64>,
    /// Failures in a row that have happened before.
    pub(crate) failures: u32,
}

impl Rules {
    fn has(&self, guard: Guard) -> bool {
        !self.without.contains(&guard)
    }

    fn expiry(&self, now: Timestamp) -> Option<Timestamp> {
        self.lifetime.map(|ticks| now.plus_seconds(ticks * TICK))
    }

    /// When something is due for a new credential.
    fn renewal(&self) -> Due {
        match (self.auto_refresh, self.lifetime) {
            (true, _) => Due::Soon,
            (false, Some(_)) => Due::AtExpiry,
            (false, None) => Due::Never,
        }
    }
}

/// A live credential.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Live {
    /// Its generation, as the database counts.
    pub(crate) generation: i64,
    /// Its number among all credentials that were ever stored. No transaction reads it.
    pub(crate) serial: usize,
    /// Its refresh token.
    pub(crate) token: Token,
    /// When its access token runs out.
    pub(crate) expires_at: Option<Timestamp>,
}

/// When the background has to do something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Due {
    /// Never.
    Never,
    /// When the access token has run out.
    AtExpiry,
    /// At any time from now on, while nobody holds the slot.
    Soon,
}

/// The row of `refreshes`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Row {
    /// The slot.
    pub(crate) slot: Slot,
    /// Why the credential cannot be refreshed any more.
    pub(crate) ended: Option<Reason>,
    /// When something is due.
    pub(crate) due: Due,
    /// Failures in a row.
    pub(crate) failures: u32,
}

/// Everything that is stored of the account.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Database {
    /// The state of the account.
    pub(crate) state: State,
    /// Why.
    pub(crate) reason: Reason,
    /// The live credential.
    pub(crate) live: Option<Live>,
    /// How it is kept fresh.
    pub(crate) row: Option<Row>,
    /// A credential that waits for the confirmation of the user.
    pub(crate) parked: Option<Token>,
    /// How many credentials were ever stored.
    pub(crate) stored: usize,
    /// Whether this transaction has counted up the version of the account.
    pub(crate) versioned: bool,
    /// Whether this transaction has written when something is due.
    pub(crate) scheduled: bool,
}

/// What a process knows of the attempt that it makes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Job {
    /// The number under which the slot was taken.
    pub(crate) fencing: i64,
    /// The attempt as it was noted.
    pub(crate) attempt: Attempt,
    /// The credential.
    pub(crate) credential: Live,
    /// Failures in a row before it.
    pub(crate) failures: u32,
}

/// What a transaction has read of the account, before it writes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Read {
    /// As it was.
    pub(crate) account: Database,
    /// Whether its version has been counted up since.
    pub(crate) outdated: bool,
    /// Whether somebody has written since when something is due.
    pub(crate) rescheduled: bool,
}

impl Database {
    /// An account that was authorized with `token` just now.
    pub(crate) fn authorized(token: Token, rules: &Rules) -> Self {
        let mut account = Self {
            state: State::PendingAuth,
            reason: Reason::NotAuthorized,
            live: None,
            row: None,
            parked: None,
            stored: 0,
            versioned: false,
            scheduled: false,
        };
        let read = Read::of(&account);
        let done = account.change(&read, AccountEvent::CredentialObtained, Some(token), NOW, rules);
        assert_eq!(done, Ok(()));
        (account.versioned, account.scheduled) = (false, false);
        account.row = account.row.map(|row| Row { failures: rules.failures, ..row });
        account
    }

    /// What the live credential is good for.
    pub(crate) fn grant(&self, now: Timestamp, rules: &Rules) -> Grant {
        self.live.map_or(Grant::Absent, |live| {
            let facts = CredentialFacts {
                expires_at: live.expires_at,
                refreshable: self.row.is_some(),
                ended: self.row.and_then(|row| row.ended),
                auto_refresh: rules.auto_refresh,
            };
            facts.grant(now)
        })
    }

    /// Whether the background looks at the account at `now`.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let Some(row) = self.row else { return false };
        let due = match row.due {
            Due::Never => false,
            Due::Soon => true,
            Due::AtExpiry => self.live.and_then(|live| live.expires_at).is_none_or(|at| at <= now),
        };
        due && row.slot.held_until.is_none_or(|until| until <= now)
    }
}

impl Read {
    /// What a transaction reads now.
    pub(crate) fn of(account: &Database) -> Self {
        Self { account: account.clone(), outdated: false, rescheduled: false }
    }
}

impl Elapse for Database {
    fn elapse(&mut self) -> bool {
        let held = self.row.as_mut().is_some_and(|row| row.slot.held_until.elapse());
        let valid = self.live.as_mut().is_some_and(|live| live.expires_at.elapse());
        held | valid
    }
}

impl Elapse for Job {
    fn elapse(&mut self) -> bool {
        self.credential.expires_at.elapse()
    }
}
