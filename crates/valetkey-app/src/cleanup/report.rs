//! Report the accounts that a cleanup policy finds.

use serde::{Deserialize, Serialize};
use valetkey_core::{
    Timestamp,
    cleanup::{CleanupPolicy, CleanupRule},
};
use valetkey_store::{PageRequest, account};

use crate::{App, Caller, Error, Result, account::AccountDetails, connection::addressed};

/// Which accounts to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanupQuery {
    /// The rules.
    pub policy: CleanupPolicy,
    /// Of this connection only, by id or name.
    pub connection: Option<String>,
}

/// An account that a policy finds.
#[derive(Clone, Debug)]
pub struct CleanupCandidate {
    /// The account.
    pub account: AccountDetails,
    /// The rule that finds it.
    pub rule: CleanupRule,
    /// Since when what the rule says is so.
    pub since: Timestamp,
}

impl CleanupQuery {
    /// Refuses a policy that finds nothing, in whatever account.
    pub(crate) fn check(&self) -> Result<()> {
        if self.policy != CleanupPolicy::default() {
            return Ok(());
        }
        let text = "must have a rule: unused_days, expired_days, pending_days or orphaned";
        Err(Error::invalid("policy", "required", text))
    }
}

impl App {
    /// The accounts that a policy finds, oldest first, and the token of the next page. A page can have fewer than asked
    /// for, or none, where many accounts that are needed lie between.
    pub async fn report_cleanup(
        &self,
        caller: &Caller,
        query: &CleanupQuery,
        page: &PageRequest,
    ) -> Result<(Vec<CleanupCandidate>, Option<String>)> {
        query.check()?;
        let now = self.clock.now();
        let mut reader = self.pool.read().await?;
        let environment = &caller.environment;
        let connection = match query.connection.as_deref().filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(addressed(&mut reader, environment, text).await?.id),
            None => None,
        };
        let limits = query.policy.limits(now);
        let found = account::cleanup(&mut reader, environment, &limits, connection.as_ref(), page).await?;
        drop(reader);
        let mut candidates = Vec::with_capacity(found.items.len());
        for candidate in found.items {
            let Some((rule, since)) = query.policy.finds(&candidate.facts, now) else { continue };
            let mut details = self.details_of_all(vec![candidate.account]).await?;
            candidates.extend(details.pop().map(|account| CleanupCandidate { account, rule, since }));
        }
        Ok((candidates, found.next))
    }
}
