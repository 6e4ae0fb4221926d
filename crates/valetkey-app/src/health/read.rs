//! Read how well an account works.

use valetkey_core::{
    Day, Timestamp,
    health::{Forecast, Outlook, Rate, WINDOW_DAYS, ended_authentication, forecast},
    journal::EventKind,
};
use valetkey_store::{
    Conn, credential, event, refresh,
    tool_call::{self, DayCount},
};

use crate::{
    App, Caller, Result,
    account::{Account, AccountAddress, AccountDetails, TokenStatus},
    refresh::facts,
};

/// How well an account works.
#[derive(Clone, Debug)]
pub struct AccountHealth {
    /// The account, in the state that callers see.
    pub account: AccountDetails,
    /// What is known of its tokens.
    pub token: TokenStatus,
    /// Authorizations and refreshes.
    pub authentication: AuthenticationHealth,
    /// Calls made with it.
    pub calls: CallCount,
    /// When a person is needed next.
    pub forecast: Forecast,
    /// From when to when is counted.
    pub window: (Timestamp, Timestamp),
}

/// Authorizations and refreshes of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthenticationHealth {
    /// Authorizations that ended, by a user or by an import.
    pub authorizations: Rate,
    /// Refreshes that ended.
    pub refreshes: Rate,
    /// When one of both last succeeded, whenever that was.
    pub last_success_at: Option<Timestamp>,
    /// When one of both last failed, whenever that was, and how.
    pub last_failure: Option<(Timestamp, String)>,
}

impl AuthenticationHealth {
    /// Both together.
    pub fn all(&self) -> Rate {
        let mut all = self.authorizations;
        all += self.refreshes;
        all
    }

    fn add(&mut self, kind: EventKind, outcome: Option<&str>, count: i64) {
        let Some(succeeded) = ended_authentication(kind, outcome) else { return };
        let rate = match kind {
            EventKind::TokenRefreshed | EventKind::TokenRefreshFailed => &mut self.refreshes,
            _ => &mut self.authorizations,
        };
        *rate += Rate { all: count, failed: if succeeded { 0 } else { count } };
    }
}

/// Calls made with an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Executions of tools.
    pub tool_executions: i64,
    /// Proxied requests.
    pub api_requests: i64,
    /// How many of both the provider refused or failed.
    pub provider_errors: i64,
    /// How many of both this server refused or failed.
    pub platform_errors: i64,
}

impl CallCount {
    /// The calls of all these days.
    pub fn of(days: &[DayCount]) -> Self {
        days.iter().fold(Self::default(), |sum, day| Self {
            tool_executions: sum.tool_executions + day.tool_executions,
            api_requests: sum.api_requests + day.api_requests,
            provider_errors: sum.provider_errors + day.provider_errors,
            platform_errors: sum.platform_errors + day.platform_errors,
        })
    }

    /// How many there were, and how many failed.
    pub const fn rate(self) -> Rate {
        Rate {
            all: self.tool_executions + self.api_requests,
            failed: self.provider_errors + self.platform_errors,
        }
    }
}

impl App {
    /// How well an account works: counted from the first moment of the day, in UTC, on which the last 30 days began.
    /// Calls are counted within 200 ms.
    pub async fn account_health(&self, caller: &Caller, address: &AccountAddress) -> Result<AccountHealth> {
        let account = self.account_details(caller, address).await?;
        let token = self.token_status(caller, address).await?;
        let row = &account.account;
        let now = self.clock.now();
        let (today, mut reader) = (Day::of(now), self.pool.read().await?);
        let first = today.plus(1 - WINDOW_DAYS);
        let authentication = authentication(&mut reader, row, first.start()).await?;
        let days = tool_call::days(&mut reader, &row.environment_id, &row.id, first.number(), today.number())
            .await?;
        let forecast = forecast(&outlook(&mut reader, row).await?, now);
        drop(reader);
        let calls = CallCount::of(&days);
        Ok(AccountHealth { token, authentication, calls, forecast, window: (first.start(), now), account })
    }
}

async fn authentication(conn: &mut Conn, row: &Account, since: Timestamp) -> Result<AuthenticationHealth> {
    let (environment, id) = (&row.environment_id, &row.id);
    let mut health = AuthenticationHealth::default();
    for (kind, outcome, count) in event::counts(conn, environment, id, since).await? {
        health.add(kind, outcome.as_deref(), count);
    }
    for kind in [EventKind::CredentialStored, EventKind::TokenRefreshed] {
        let last = event::last_ended(conn, environment, id, kind).await?;
        health.last_success_at = health.last_success_at.max(last.map(|last| last.at));
    }
    let mut failures = vec![];
    for kind in [EventKind::FlowEnded, EventKind::VerificationRefused, EventKind::TokenRefreshFailed] {
        failures.extend(event::last_ended(conn, environment, id, kind).await?);
    }
    let last = failures.into_iter().max_by(|left, right| left.id.cmp(&right.id));
    health.last_failure =
        last.map(|last| (last.at, last.outcome.unwrap_or_else(|| "verification_refused".to_owned())));
    Ok(health)
}

async fn outlook(conn: &mut Conn, row: &Account) -> Result<Outlook> {
    let live = credential::get(conn, &row.environment_id, &row.id).await?;
    let kept = refresh::get(conn, &row.environment_id, &row.id).await?;
    Ok(Outlook {
        state: row.state,
        reason: row.reason,
        credential: live.as_ref().map(|live| facts(row, live, kept.as_ref())),
        grant_ends_at: kept.as_ref().and_then(|kept| kept.grant_ends_at),
        grant_end_moves: kept.as_ref().is_some_and(|kept| kept.grant_end_moves),
        failures: kept.map_or(0, |kept| kept.failures),
    })
}
