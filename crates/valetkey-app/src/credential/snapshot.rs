//! Accounts with their credentials in memory, for as long as nobody could tell the difference.
//!
//! A snapshot that was read or looked at in the last half second is used as it is; an older one too, where the database
//! says that no other process has written to it, as SQLite does. Else a single query says whether account, credential
//! and connection are still the same; only a difference has them read, opened and made ready again.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicI64, Ordering},
};

use valetkey_core::{
    Secret, Timestamp,
    account::{CredentialFacts, State},
    credential::Credential,
    id::AccountId,
    scope::ScopeSet,
};
use valetkey_store::{Tx, account::Stamp, credential, refresh};

use crate::{
    App, Caller, Error, Result,
    account::{Account, AccountAddress, credential_context},
    call::Way,
    refresh::facts,
};

/// How old the note of the last use may become before it is written again, in milliseconds.
const USE_NOTED_EVERY: i64 = 60_000;

/// What a snapshot takes in memory beside its texts, in bytes, with what a call needs and its place among the others.
const BESIDE_TEXTS: usize = 3_072;

/// How much of a credential there is in memory for each byte of it: itself, what is made of it once it is needed, and the
/// spellings that answers are searched for.
const SPELLINGS: usize = 10;

/// An account with its credential, as they were read together.
#[derive(Debug)]
pub struct Snapshot {
    /// The account as it is stored.
    pub account: Account,
    /// Its credential, where it has one.
    pub credential: Option<Credential>,
    /// What is known of the credential.
    pub(crate) facts: Option<CredentialFacts>,
    /// When the credential was stored. It is of the same row as the expiry, so that the two belong together however
    /// the reads of a snapshot fall between the writes of others.
    pub(crate) stored_at: Option<Timestamp>,
    /// The generation of the credential; 0 without one.
    pub(crate) generation: i64,
    /// How the credential gets to its API, once somebody has asked.
    pub(crate) way: OnceLock<Arc<Way>>,
    /// When the account was noted as used, in milliseconds since 1970; 0 where it never was.
    noted: AtomicI64,
    /// What was stored when the reading began. A change in the middle of it makes a difference to the next look.
    stamp: Option<Stamp>,
    /// What it takes in memory, about.
    pub(super) bytes: usize,
}

impl Snapshot {
    /// When the account was last used.
    pub(crate) fn last_used_at(&self) -> Option<Timestamp> {
        let noted = self.noted.load(Ordering::Relaxed);
        (noted != 0).then(|| Timestamp::from_millis(noted))
    }

    /// Whether a use at `now` is to be noted with the account. So that not every use changes its row, it is for one use
    /// in a minute.
    pub(crate) fn is_use_to_note(&self, now: Timestamp) -> bool {
        let noted = self.noted.load(Ordering::Relaxed);
        let due = (now.millis() - noted).abs() >= USE_NOTED_EVERY;
        due && self.noted.compare_exchange(noted, now.millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

impl App {
    /// Forgets an account that changes, in memory.
    pub(crate) fn forget_snapshot(&self, id: &AccountId) {
        self.snapshots.forget(id, self.clock.now());
    }

    /// The account with its credential. The credential is decrypted; nothing is recorded yet.
    pub(crate) async fn snapshot(&self, caller: &Caller, address: &AccountAddress) -> Result<Arc<Snapshot>> {
        let now = self.clock.now();
        let mut known = self.snapshots.get(&caller.environment, address, now);
        if matches!(known, Some((_, false)) if self.snapshots.is_to_ask(now)) {
            self.ask_for_foreign_writes(now)?;
            known = self.snapshots.get(&caller.environment, address, now);
        }
        match known {
            Some((known, true)) => Ok(known),
            // In a box, here and below, so that the future of a call that finds everything in memory is small.
            known => Box::pin(self.looked_at(caller, address, known.map(|(known, _)| known), now)).await,
        }
    }

    /// Finds out whether another process has written to the database, where the database tells.
    fn ask_for_foreign_writes(&self, now: Timestamp) -> Result<()> {
        if let Some(version) = self.pool.foreign_version()? {
            self.snapshots.note_foreign(version, now);
        }
        Ok(())
    }

    /// Has accounts looked at before they are used again, because a connection or a definition changes.
    pub(crate) fn doubt_snapshots(&self) {
        self.snapshots.doubt(self.clock.now());
    }

    /// Commits the change of a connection or a definition.
    pub(crate) async fn commit_shared(&self, tx: Tx) -> Result<()> {
        self.doubt_snapshots();
        tx.commit().await?;
        self.doubt_snapshots();
        Ok(())
    }

    /// The account with its credential as they are stored now: what is known of them where that is still true.
    async fn looked_at(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        known: Option<Arc<Snapshot>>,
        now: Timestamp,
    ) -> Result<Arc<Snapshot>> {
        if let Some(known) = known {
            let stamped = address.stamp(&mut *self.pool.read().await?, caller).await?;
            if let Some((stamp, used_at)) = stamped
                && known.stamp.as_ref() == Some(&stamp)
            {
                known.noted.fetch_max(used_at.map_or(0, Timestamp::millis), Ordering::Relaxed);
                self.snapshots.keep(address, &known, now);
                return Ok(known);
            }
            self.snapshots.discard(&known.account.id);
        }
        let snapshot = Arc::new(Box::pin(self.read_snapshot(caller, address)).await?);
        // One that is not active may be brought back at any moment, and is then shown with its token at once.
        if snapshot.account.state == State::Active {
            self.snapshots.keep(address, &snapshot, now);
        }
        Ok(snapshot)
    }

    /// The account with its credential as they are stored now.
    pub(crate) async fn read_snapshot(&self, caller: &Caller, address: &AccountAddress) -> Result<Snapshot> {
        let mut reader = self.pool.read().await?;
        let stamp = address.stamp(&mut reader, caller).await?.map(|(stamp, _)| stamp);
        let account = address.get(&mut reader, caller).await?;
        let live = credential::get(&mut reader, &account.environment_id, &account.id).await?;
        let kept = refresh::get(&mut reader, &account.environment_id, &account.id).await?;
        drop(reader);
        let mut snapshot = Snapshot {
            credential: None,
            facts: live.as_ref().map(|live| facts(&account, live, kept.as_ref())),
            stored_at: live.as_ref().map(|live| live.updated_at),
            generation: live.as_ref().map_or(0, |live| live.generation),
            way: OnceLock::new(),
            noted: account.last_used_at.map_or(0, Timestamp::millis).into(),
            stamp,
            bytes: BESIDE_TEXTS + texts(&account),
            account,
        };
        if let Some(live) = live {
            let account = &snapshot.account;
            let context = credential_context(&account.environment_id, &account.id);
            let plain = self.keys.open(context, &live.sealed).await?;
            let credential = Credential::from_plaintext(&plain).map_err(Error::internal)?;
            snapshot.bytes += SPELLINGS * secrets(&credential);
            snapshot.credential = Some(credential);
        }
        Ok(snapshot)
    }
}

/// How long the texts of an account are that callers and providers choose, in bytes. Values for calls are there twice:
/// sealed and ready.
fn texts(account: &Account) -> usize {
    let scopes = [&account.requested_scopes, &account.granted_scopes].into_iter();
    let scopes: usize = scopes.flat_map(ScopeSet::iter).map(|scope| scope.len() + 32).sum();
    let config = account.api_config.as_ref().map_or(0, |config| config.as_bytes().len());
    let metadata = account.metadata.len() + account.application_metadata.len();
    4 * account.identifier.len() + metadata + scopes + 3 * config
}

/// How long the secrets of a credential are, in bytes.
fn secrets(credential: &Credential) -> usize {
    let pair = |access: &Secret, refresh: Option<&Secret>| {
        access.expose().len() + refresh.map_or(0, |refresh| refresh.expose().len())
    };
    match credential {
        Credential::Oauth2(grant) => {
            let more = grant.additional.values();
            let more: usize = more.map(|more| pair(&more.access_token, more.refresh_token.as_ref())).sum();
            pair(&grant.access_token, grant.refresh_token.as_ref()) + more
        }
        Credential::Static(values) => values.expose().len(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use valetkey_core::{account::Reason, connector::AuthType, scope::ScopeSet, settings::AccountSettings};

    use super::*;

    /// A snapshot of the account with this number, without a credential.
    pub(in crate::credential) fn snapshot(number: u8, bytes: usize) -> Snapshot {
        let now = Timestamp::EPOCH;
        let account = Account {
            id: format!("ca_01m7xpe60048x53qvqq32bj{number:03}").parse().unwrap(),
            environment_id: "env_01m7xpe60048x53qvqq32bjf16".parse().unwrap(),
            connection_id: "conn_01m7xpe60048x53qvqq32bjf16".parse().unwrap(),
            connection_name: "test".into(),
            connector: "TESTPROVIDER".into(),
            auth_type: AuthType::Oauth2,
            connection_fault: None,
            identifier: format!("user_{number}"),
            identifier_type: "custom".into(),
            organization_id: None,
            user_id: None,
            state: State::Active,
            reason: Reason::None,
            state_changed_at: now,
            api_config: None,
            metadata: "{}".into(),
            application_metadata: "{}".into(),
            settings: AccountSettings::default(),
            test_mode: false,
            narrowed_scopes: None,
            requested_scopes: ScopeSet::default(),
            granted_scopes: ScopeSet::default(),
            token_expires_at: None,
            last_used_at: None,
            last_authorized_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        Snapshot {
            account,
            credential: None,
            facts: None,
            stored_at: None,
            generation: 0,
            way: OnceLock::new(),
            noted: 0.into(),
            stamp: None,
            bytes,
        }
    }
}
