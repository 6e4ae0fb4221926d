//! Recording what came of an attempt: tokens, state, schedule and journal in one transaction, or nothing of it.

use std::time::Duration;

use serde_json::json;
use valetkey_core::{
    Timestamp,
    account::{AccountEvent, Reason, State},
    error_code::ErrorCode,
    journal::EventKind,
    refresh::{Answer, Follow, OutcomeClass, backoff, follow},
};
use valetkey_provider::oauth::Refreshed;
use valetkey_store::{
    Tx, account,
    refresh::{self, Settled},
    token_host,
};

use super::{attempt::Attempted, claim::Job};
use crate::{
    App, Caller, Error, Result,
    account::{Account, Change, Granted, SealedGrant},
    journal::About,
};

/// What was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Recorded {
    /// The outcome.
    Outcome,
    /// Nothing: the slot was taken by another process, or the credential was replaced or destroyed meanwhile.
    Overtaken,
}

/// An attempt with its outcome, and the tokens sealed.
pub(crate) struct Finished {
    pub(crate) job: Job,
    pub(crate) attempted: Attempted,
    grant: Option<SealedGrant>,
}

impl Finished {
    /// Whether the provider issued tokens.
    pub(crate) const fn brings_tokens(&self) -> bool {
        matches!(self.attempted, Attempted::Issued(_))
    }
}

/// The longest pause of a host that does not answer, in milliseconds.
const LONGEST_HOST_PAUSE: i64 = 60_000;

/// By how much the end of a refresh token has to move to count as moved, in milliseconds: more than answers of a provider
/// that tells the seconds left can differ by.
const MOVED: i64 = 60_000;

/// Whether a refresh has moved the end of the refresh token.
fn moved(before: Option<Timestamp>, after: Option<Timestamp>) -> bool {
    before.zip(after).is_some_and(|(before, after)| after.millis() - before.millis() > MOVED)
}

/// How long the outcome of an attempt is tried to be stored where the database is away, in seconds.
const STORE_PATIENCE: u64 = 600;

impl App {
    /// Seals what an attempt brought.
    pub(crate) async fn finish_attempt(&self, job: Job, attempted: Attempted) -> Result<Finished> {
        let grant = match &attempted {
            Attempted::Issued(refreshed) => Some(self.seal_refreshed(&job, &job.account, refreshed).await?),
            Attempted::Failed(_) | Attempted::NotSent(_) => None,
        };
        Ok(Finished { job, attempted, grant })
    }

    async fn seal_refreshed(&self, job: &Job, row: &Account, refreshed: &Refreshed) -> Result<SealedGrant> {
        let connector = &job.target.connection.connector;
        let grant = &refreshed.grant;
        // A value that is not acceptable leaves the old one in place.
        let fields = connector.discovered(&grant.captured).unwrap_or_default();
        let scopes = match &grant.granted {
            Some(listed) => job.target.oauth2.scopes.granted(&row.granted_scopes, listed),
            None => row.granted_scopes.clone(),
        };
        let granted = Granted {
            credential: valetkey_core::credential::Credential::Oauth2(grant.credential.clone()),
            scopes: Some(scopes),
            fields,
            provider_account_id: None,
            user_email: None,
        };
        self.seal_grant_for(row, &granted, None, Some(&*job.target)).await
    }

    /// Records an outcome. Where the database is busy or away it is tried again for long: tokens that were issued are
    /// not dropped while this process lives.
    pub(crate) async fn settle(&self, mut finished: Finished) -> Result<Recorded> {
        let until = tokio::time::Instant::now() + Duration::from_secs(STORE_PATIENCE);
        loop {
            let error = match self.settle_once(&finished).await {
                Ok(recorded) => return Ok(recorded),
                Err(error) => error,
            };
            let again = matches!(error.code, ErrorCode::Conflict | ErrorCode::Unavailable);
            if !again || tokio::time::Instant::now() > until {
                return Err(error);
            }
            if error.code == ErrorCode::Unavailable {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            self.seal_anew(&mut finished).await?;
        }
    }

    /// Lays captured fields over the account as it is now.
    async fn seal_anew(&self, finished: &mut Finished) -> Result<()> {
        let Attempted::Issued(refreshed) = &finished.attempted else { return Ok(()) };
        let (environment, id) = (&finished.job.account.environment_id, &finished.job.account.id);
        let read =
            async { Ok::<_, Error>(account::get(&mut *self.pool.read().await?, environment, id).await?) };
        if let Ok(Some(row)) = read.await {
            finished.grant = Some(self.seal_refreshed(&finished.job, &row, refreshed).await?);
            finished.job.account = row;
        }
        Ok(())
    }

    async fn settle_once(&self, finished: &Finished) -> Result<Recorded> {
        let mut tx = self.pool.begin().await?;
        let recorded = self.settle_in(&mut tx, finished).await?;
        tx.commit().await?;
        self.forget_snapshot(&finished.job.account.id);
        Ok(recorded)
    }

    /// Records an outcome in a transaction that may hold others.
    pub(crate) async fn settle_in(&self, tx: &mut Tx, finished: &Finished) -> Result<Recorded> {
        let Finished { job, attempted, grant } = finished;
        let now = self.clock.now();
        let failures = job.kept.failures + 1;
        let answer = Answer {
            class: attempted.class(),
            maybe_issued: attempted.maybe_issued(),
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
            token_valid: job.credential.expires_at.is_none_or(|at| now < at),
        };
        let follow = follow(answer);
        let pause = backoff(answer.failures, attempted.retry_after(), self.jitter());
        let later = Timestamp::from_millis(now.millis().saturating_add(pause));
        let mut settled = Settled {
            outcome: answer.class,
            detail: attempted.detail(),
            at: now,
            open: job.slot.attempt.and_then(|attempt| attempt.left_open(follow)),
            due_at: Some(later),
            ended: None,
            failures,
            issued_at: None,
            refreshable: job.kept.refreshable,
            grant_ends_at: job.kept.grant_ends_at,
            grant_end_moves: job.kept.grant_end_moves,
        };
        match follow {
            Follow::Store => {
                let renewal = grant.as_ref().and_then(|grant| grant.renewal.as_ref());
                settled.failures = 0;
                settled.issued_at = Some(now);
                settled.due_at = renewal.and_then(|renewal| renewal.due_at);
                settled.refreshable = renewal.is_some_and(|renewal| renewal.refreshable);
                settled.grant_ends_at = renewal.and_then(|renewal| renewal.grant_ends_at);
                settled.grant_end_moves = moved(job.kept.grant_ends_at, settled.grant_ends_at);
                if matches!(attempted, Attempted::Issued(refreshed) if !refreshed.unrenewed.is_empty()) {
                    settled.due_at = Some(later);
                }
            }
            Follow::LeaveOpen | Follow::Retry => {}
            Follow::FaultConnection => {
                settled.due_at = Some(self.fault_connection(tx, job, attempted).await?);
            }
            Follow::Tell(event) => {
                settled.ended = event.ends_grant();
                settled.due_at = settled.due_at.filter(|_| settled.ended.is_none());
            }
        }
        let (environment, id) = (&job.account.environment_id, &job.account.id);
        if !refresh::settle(tx, environment, id, job.slot.fencing, &settled).await? {
            self.overtaken(tx, finished).await?;
            return Ok(Recorded::Overtaken);
        }
        let row = account::get(tx, environment, id).await?;
        let row =
            row.ok_or_else(|| Error::new(ErrorCode::AccountNotFound, format!("account {id} not found")))?;
        if row.state == State::Suspended {
            refresh::schedule(tx, environment, id, None).await?;
        }
        self.note_host(tx, job, &answer, attempted).await?;
        self.follow_account(tx, finished, &row, follow).await?;
        self.note_failure(tx, job, &settled).await?;
        Ok(Recorded::Outcome)
    }

    async fn follow_account(
        &self,
        tx: &mut Tx,
        finished: &Finished,
        row: &Account,
        follow: Follow,
    ) -> Result<()> {
        let Finished { job, grant, .. } = finished;
        let caller = Caller::server(row.environment_id.clone());
        match follow {
            Follow::Store => {
                let Some(grant) = grant.clone() else { return Ok(()) };
                if grant.about_user.is_some() && row.version != job.account.version {
                    return Err(Error::conflict("the account"));
                }
                if job.target.connection.fault.is_some() {
                    self.clear_fault(tx, &row.environment_id, &row.connection_id).await?;
                }
                self.apply(tx, &caller, row, Change::Refreshed(grant)).await?;
            }
            Follow::Tell(event) => {
                self.apply(tx, &caller, row, Change::Event(event)).await?;
            }
            // It was taken for lost, and is known now: no token was spent. Who resumes the account at the same time is
            // to read it again.
            Follow::Retry | Follow::FaultConnection
                if row.reason == Reason::RefreshOutcomeUnknown || row.state == State::Suspended =>
            {
                self.apply(tx, &caller, row, Change::Event(AccountEvent::RefreshOutcomeKnown)).await?;
            }
            Follow::Retry | Follow::LeaveOpen | Follow::FaultConnection => {}
        }
        Ok(())
    }

    /// One event for each attempt, so that failures can be counted.
    async fn note_failure(&self, tx: &mut Tx, job: &Job, settled: &Settled) -> Result<()> {
        if settled.outcome == OutcomeClass::Success {
            return Ok(());
        }
        let caller = Caller::server(job.account.environment_id.clone());
        let about = About { account: Some(&job.account.id), connection: Some(&job.account.connection_id) };
        let details = json!({
            "outcome": settled.outcome.as_str(), "detail": settled.detail,
            "generation": job.credential.generation, "failures": settled.failures,
        });
        self.record(tx, &caller, EventKind::TokenRefreshFailed, about, &details).await
    }

    /// A host that does not answer is left alone for a while, and one that answers is not any more.
    async fn note_host(&self, tx: &mut Tx, job: &Job, answer: &Answer, attempted: &Attempted) -> Result<()> {
        let host = &job.kept.host;
        match answer.class {
            OutcomeClass::Transient | OutcomeClass::RateLimited
                if !matches!(attempted, Attempted::NotSent(_)) =>
            {
                let known = token_host::get(tx, host).await?;
                let failures = known.map_or(0, |known| known.failures) + 1;
                let asked = attempted.retry_after();
                let pause = backoff(u32::try_from(failures).unwrap_or(u32::MAX), asked, self.jitter());
                let until = self.clock.now().millis() + pause.min(LONGEST_HOST_PAUSE);
                token_host::pause(tx, host, failures, Timestamp::from_millis(until)).await?;
            }
            OutcomeClass::Success | OutcomeClass::GrantRevoked | OutcomeClass::RevokedAtProvider => {
                token_host::recover(tx, host).await?;
            }
            OutcomeClass::Transient
            | OutcomeClass::RateLimited
            | OutcomeClass::ClientMisconfigured
            | OutcomeClass::ScopeProblem
            | OutcomeClass::UnusableAnswer
            | OutcomeClass::Unknown => {}
        }
        Ok(())
    }

    /// The credential that was refreshed is not the live one any more. Tokens that came for an account which has none
    /// by now are of no use to anybody: the provider is told.
    async fn overtaken(&self, tx: &mut Tx, finished: &Finished) -> Result<()> {
        let Finished { job, attempted, .. } = finished;
        let row = &job.account;
        let caller = Caller::server(row.environment_id.clone());
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        let details = json!({
            "outcome": attempted.class().as_str(), "generation": job.credential.generation, "overtaken": true,
        });
        self.record(tx, &caller, EventKind::TokenRefreshFailed, about, &details).await?;
        let kept = refresh::get(tx, &row.environment_id, &row.id).await?;
        if let (Attempted::Issued(refreshed), None) = (attempted, kept) {
            let fields = self.open_api_config(&row.environment_id, &row.id, row.api_config.as_ref()).await?;
            self.queue_orphan(tx, row.into(), &fields, &refreshed.grant.credential).await?;
        }
        Ok(())
    }
}
