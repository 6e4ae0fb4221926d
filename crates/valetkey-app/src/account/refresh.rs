//! Refresh an account by hand, and what is known of its tokens.

use valetkey_core::{
    Timestamp,
    account::{NextAction, Reason, State},
    connector::AuthType,
    error_code::ErrorCode,
    health::TokenState,
    refresh::OutcomeClass,
    revocation::RevocationState,
};
use valetkey_store::{credential, refresh, revocation};

use super::{AccountAddress, AccountView};
use crate::{
    App, Caller, Error, Result,
    refresh::{Demand, Flown, facts},
};

/// What is known of the tokens of an account; nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenStatus {
    /// The state that is shown.
    pub state: State,
    /// Why.
    pub reason: Reason,
    /// What brings it back to work.
    pub next_action: NextAction,
    /// Counts the credentials that the account has had; 0 without one.
    pub generation: i64,
    /// When the access token was issued, where it is renewed.
    pub issued_at: Option<Timestamp>,
    /// When the access token runs out, where that is known.
    pub expires_at: Option<Timestamp>,
    /// Whether there is something to refresh it with.
    pub refreshable: bool,
    /// Whether it is refreshed by itself.
    pub auto_refresh: bool,
    /// When something is due next.
    pub due_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: i64,
    /// The outcome of the last attempt.
    pub last_outcome: Option<OutcomeClass>,
    /// What the provider said about it.
    pub last_detail: Option<String>,
    /// When that was.
    pub last_outcome_at: Option<Timestamp>,
    /// Whether an attempt is under way, or its outcome is not known.
    pub attempt_open: bool,
    /// What is wrong with the connection.
    pub connection_fault: Option<String>,
    /// What became of the last tokens that were destroyed.
    pub revocation: Option<(RevocationState, Option<String>)>,
}

impl TokenStatus {
    /// What the access token is good for at `now`.
    pub fn token_state(&self, now: Timestamp) -> TokenState {
        if self.generation == 0 { TokenState::None } else { TokenState::of(self.expires_at, now) }
    }
}

impl App {
    /// Refreshes an account now, also where it is not refreshed by itself. Answers with the account as it is after
    /// that; fails where nothing can be refreshed, and where the provider did not renew the token.
    pub async fn refresh_account(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountView> {
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        let flown = match row.auth_type {
            AuthType::Oauth2 => self.refresh_on_demand(&row, Demand::Request, None).await?,
            AuthType::Basic | AuthType::Bearer | AuthType::ApiKey | AuthType::None => Flown::Nothing,
        };
        let view = self.account(caller, address).await?;
        let id = &row.id;
        let (state, reason) = (view.account.state, view.account.reason);
        let refused = |message: String| {
            let code =
                if state == State::Active { ErrorCode::NotRefreshable } else { ErrorCode::of_state(state) };
            Error::standing(code, state, reason, message)
        };
        Err(match flown {
            Flown::Attempted(OutcomeClass::Success) => return Ok(view),
            Flown::Attempted(OutcomeClass::RateLimited) => Error::new(
                ErrorCode::RateLimited,
                format!("the provider limits requests; account {id} is refreshed later by itself"),
            ),
            Flown::Attempted(
                class @ (OutcomeClass::Transient | OutcomeClass::Unknown | OutcomeClass::UnusableAnswer),
            ) => Error::unavailable(format!(
                "account {id} was not refreshed ({}); it is tried again by itself",
                class.as_str()
            )),
            Flown::Attempted(
                class @ (OutcomeClass::GrantRevoked
                | OutcomeClass::RevokedAtProvider
                | OutcomeClass::ClientMisconfigured
                | OutcomeClass::ScopeProblem),
            ) => refused(format!(
                "account {id} could not be refreshed ({}): it is {} ({})",
                class.as_str(),
                state.as_str(),
                reason.as_str()
            )),
            Flown::Nothing => refused(format!(
                "account {id} has nothing to refresh: it is {} ({}); next: {}",
                state.as_str(),
                reason.as_str(),
                view.next_action().as_str()
            )),
            Flown::Paused(until) => {
                Error::unavailable(format!("account {id} cannot be refreshed before {until}; try again then"))
            }
            Flown::StillUnderWay => Error::unavailable(format!(
                "a refresh of account {id} is under way in another process; try again"
            )),
        })
    }

    /// Refreshes many accounts, each for itself; the answers are in the order of the addresses.
    pub async fn refresh_accounts(
        &self,
        caller: &Caller,
        addresses: &[AccountAddress],
    ) -> Vec<Result<AccountView>> {
        use futures_util::{FutureExt, StreamExt, stream};
        let refreshes: Vec<_> =
            addresses.iter().map(|address| self.refresh_account(caller, address).boxed()).collect();
        stream::iter(refreshes).buffered(self.settings.refresher.per_host.max(1) as usize).collect().await
    }

    /// What is known of the tokens of an account.
    pub async fn token_status(&self, caller: &Caller, address: &AccountAddress) -> Result<TokenStatus> {
        let view = self.account(caller, address).await?;
        let row = &view.account;
        let mut reader = self.pool.read().await?;
        let live = credential::get(&mut reader, &row.environment_id, &row.id).await?;
        let kept = refresh::get(&mut reader, &row.environment_id, &row.id).await?;
        let told = revocation::of_account(&mut reader, &row.environment_id, &row.id, 1).await?;
        let facts = live.as_ref().map(|live| facts(row, live, kept.as_ref()));
        let kept = kept.as_ref();
        Ok(TokenStatus {
            state: row.state,
            reason: row.reason,
            next_action: view.next_action(),
            generation: live.as_ref().map_or(0, |live| live.generation),
            issued_at: kept.map(|kept| kept.issued_at),
            expires_at: live.as_ref().and_then(|live| live.expires_at),
            refreshable: facts.is_some_and(|facts| facts.refreshable && facts.ended.is_none()),
            auto_refresh: row.settings.refreshes(),
            due_at: kept.and_then(|kept| kept.due_at),
            failures: kept.map_or(0, |kept| kept.failures),
            last_outcome: kept.and_then(|kept| kept.last_outcome),
            last_detail: kept.and_then(|kept| kept.last_detail.clone()),
            last_outcome_at: kept.and_then(|kept| kept.last_outcome_at),
            attempt_open: kept.is_some_and(|kept| kept.slot.attempt.is_some()),
            connection_fault: row.connection_fault.clone(),
            revocation: told.into_iter().next().map(|told| (told.state, told.detail)),
        })
    }
}
