//! The one place where the state of an account and its credential are written, together and as the law says.

use std::collections::BTreeMap;

use serde_json::json;
use valetkey_core::{
    Timestamp,
    account::{AccountEvent, Effect, Reason, Situation, State, decide},
    credential::Credential,
    error_code::ErrorCode,
    journal::EventKind,
    refresh::{RefreshWindow, Slot, due},
    scope::ScopeSet,
    sealed::Sealed,
};
use valetkey_store::{Tx, account, credential, refresh, token_host};

use super::{Account, view::credential_context};
use crate::{
    App, Caller, Error, Result,
    journal::About,
    refresh::{Renewal, TokenTarget, grant_of},
    revocation::PreparedRevocation,
};

/// A credential that was obtained, and what came with it.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) credential: Credential,
    /// The granted scopes, where they are known.
    pub(crate) scopes: Option<ScopeSet>,
    /// Account fields that were given or captured.
    pub(crate) fields: BTreeMap<String, String>,
    /// The provider's own id of the account.
    pub(crate) provider_account_id: Option<String>,
    /// The e-mail address at the provider.
    pub(crate) user_email: Option<String>,
}

impl Default for Granted {
    fn default() -> Self {
        Self {
            credential: Credential::Static("{}".into()),
            scopes: None,
            fields: BTreeMap::new(),
            provider_account_id: None,
            user_email: None,
        }
    }
}

/// What happened to an account, with what the effect needs.
#[derive(Debug)]
pub enum Change {
    /// An event without a credential.
    Event(AccountEvent),
    /// A credential was obtained, sealed for its account.
    Obtained(SealedGrant),
    /// The user was confirmed; the parked credential, sealed anew for its place among the live ones.
    Verified(SealedGrant),
    /// New tokens came by a refresh.
    Refreshed(SealedGrant),
    /// The account is disconnected; with what the provider is to be told.
    Disconnected(Option<PreparedRevocation>),
}

/// A credential sealed for one account, with what is stored in clear beside it.
#[derive(Clone, Debug)]
pub struct SealedGrant {
    pub(crate) sealed: Sealed,
    pub(crate) requested: Option<ScopeSet>,
    pub(crate) granted: Option<ScopeSet>,
    /// The account's `api_config` and metadata, where the grant changes them.
    pub(crate) about_user: Option<(Option<Sealed>, String)>,
    /// Absent for a credential that no provider renews.
    pub(crate) renewal: Option<Renewal>,
}

impl SealedGrant {
    fn expires_at(&self) -> Option<Timestamp> {
        self.renewal.as_ref().and_then(|renewal| renewal.expires_at)
    }
}

impl App {
    /// Seals a grant that was obtained for an account. Done before the transaction, because sealing may have to make a
    /// data key.
    pub(crate) async fn seal_grant(
        &self,
        row: &Account,
        granted: &Granted,
        requested: Option<ScopeSet>,
    ) -> Result<SealedGrant> {
        let target = match &granted.credential {
            Credential::Oauth2(_) => Some(self.token_target(&row.environment_id, &row.connection_id).await?),
            Credential::Static(_) => None,
        };
        self.seal_grant_for(row, granted, requested, target.as_deref()).await
    }

    /// Seals a grant: the credential, and the account's fields laid over its `api_config`.
    pub(crate) async fn seal_grant_for(
        &self,
        row: &Account,
        granted: &Granted,
        requested: Option<ScopeSet>,
        target: Option<&TokenTarget>,
    ) -> Result<SealedGrant> {
        let context = credential_context(&row.environment_id, &row.id);
        let sealed = self.keys.seal(context, &granted.credential.to_plaintext()).await?;
        let mut config = self.open_api_config(&row.environment_id, &row.id, row.api_config.as_ref()).await?;
        for (name, value) in &granted.fields {
            config.insert(name.clone(), json!(value));
        }
        let renewal = match (&granted.credential, target) {
            (Credential::Oauth2(credential), Some(target)) => {
                let fields = target.fields(&config);
                Some(Renewal::of(
                    &target.oauth2,
                    &fields,
                    credential,
                    &row.settings,
                    self.clock.now(),
                    self.jitter(),
                ))
            }
            (Credential::Oauth2(_) | Credential::Static(_), _) => None,
        };
        let known =
            [("provider_account_id", &granted.provider_account_id), ("user_email", &granted.user_email)];
        let known: Vec<_> =
            known.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))).collect();
        let about_user = if known.is_empty() && granted.fields.is_empty() {
            None
        } else {
            let mut metadata: serde_json::Map<_, _> =
                serde_json::from_str(&row.metadata).map_err(Error::internal)?;
            metadata.extend(known.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
            let config = self.seal_api_config(&row.environment_id, &row.id, &config).await?;
            Some((config, serde_json::Value::Object(metadata).to_string()))
        };
        let granted = granted.scopes.clone().or_else(|| requested.clone());
        Ok(SealedGrant { sealed, requested, granted, about_user, renewal })
    }

    /// A random number for a schedule.
    pub(crate) fn jitter(&self) -> u32 {
        let mut bytes = [0; 4];
        self.entropy.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    /// Applies a change to the account as it was read. Fails with `CONFLICT` where it has changed since.
    pub(crate) async fn apply(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        row: &Account,
        change: Change,
    ) -> Result<Account> {
        let now = self.clock.now();
        let live = credential::get(tx, &row.environment_id, &row.id).await?;
        let kept = refresh::get(tx, &row.environment_id, &row.id).await?;
        let (event, grant) = match change {
            Change::Event(event) => (event, None),
            Change::Obtained(grant) => (AccountEvent::CredentialObtained, Some(grant)),
            Change::Verified(grant) => (AccountEvent::VerificationPassed, Some(grant)),
            Change::Refreshed(grant) => (AccountEvent::TokenRefreshed, Some(grant)),
            Change::Disconnected(revocation) => {
                self.queue_revocation(tx, caller, row, live.as_ref(), revocation).await?;
                (AccountEvent::DisconnectRequested, None)
            }
        };
        let situation = Situation {
            state: row.state,
            reason: row.reason,
            grant: grant_of(row, live.as_ref(), kept.as_ref(), now),
            scopes_missing: grant.as_ref().is_some_and(|grant| lacks_scopes(row, grant)),
        };
        let decision = decide(situation, event).map_err(|refused| {
            let code = match event {
                AccountEvent::ResumeRequested => ErrorCode::AccountNotSuspended,
                _ => ErrorCode::of_state(row.state),
            };
            Error::standing(code, row.state, row.reason, format!("account {}: {refused}", row.id))
        })?;
        let mut next = row.clone();
        (next.state, next.reason, next.updated_at) = (decision.state, decision.reason, now);
        if decision.state != row.state {
            next.state_changed_at = now;
        }
        let expected = live.as_ref().map(|live| live.generation);
        match (decision.effect, grant) {
            (Effect::StoreCredential | Effect::PromoteParked, Some(grant)) => {
                if event != AccountEvent::TokenRefreshed {
                    self.begin_renewal(tx, &next, &grant).await?;
                    // What is still parked is older than this credential and must not replace it later.
                    valetkey_store::verification::close_all(tx, &row.environment_id, &row.id, now).await?;
                    next.last_authorized_at = Some(now);
                }
                let kind = if event == AccountEvent::TokenRefreshed {
                    EventKind::TokenRefreshed
                } else {
                    EventKind::CredentialStored
                };
                self.store_credential(tx, caller, &mut next, grant, expected, kind).await?;
            }
            (Effect::DestroyAll, _) => self.destroy_all(tx, caller, &mut next).await?,
            (Effect::None | Effect::ParkCredential | Effect::DestroyParked, _)
            | (Effect::StoreCredential | Effect::PromoteParked, None) => {}
        }
        self.reschedule(tx, row, &next, kept.as_ref()).await?;
        if !account::update_state(tx, &next).await? {
            return Err(Error::conflict("the account"));
        }
        if next.metadata != row.metadata {
            account::update_terms(tx, &next).await?;
        }
        next.version += 1;
        self.forget_snapshot(&row.id);
        if next.state != row.state || next.reason != row.reason {
            let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
            let details = json!({
                "from": row.state.as_str(), "to": next.state.as_str(), "reason": next.reason.as_str(),
            });
            self.record(tx, caller, EventKind::AccountStateChanged, about, &details).await?;
        }
        Ok(next)
    }

    async fn begin_renewal(&self, tx: &mut Tx, row: &Account, grant: &SealedGrant) -> Result<()> {
        let Some(renewal) = &grant.renewal else {
            refresh::delete(tx, &row.environment_id, &row.id).await?;
            return Ok(());
        };
        token_host::add(tx, &renewal.host).await?;
        let suspended = row.state == State::Suspended;
        let fresh = refresh::Refresh {
            environment_id: row.environment_id.clone(),
            account_id: row.id.clone(),
            connection_id: row.connection_id.clone(),
            host: renewal.host.clone(),
            refreshable: renewal.refreshable,
            grant_ends_at: renewal.grant_ends_at,
            grant_end_moves: false,
            issued_at: renewal.issued_at,
            due_at: renewal.due_at.filter(|_| !suspended),
            ended: None,
            slot: Slot::of_obtained(row.version),
            holder: None,
            attempt_at: None,
            failures: 0,
            last_outcome: None,
            last_detail: None,
            last_outcome_at: None,
        };
        Ok(refresh::put(tx, &fresh).await?)
    }

    async fn destroy_all(&self, tx: &mut Tx, caller: &Caller, next: &mut Account) -> Result<()> {
        let now = next.updated_at;
        refresh::delete(tx, &next.environment_id, &next.id).await?;
        credential::delete(tx, &next.environment_id, &next.id).await?;
        valetkey_store::verification::close_all(tx, &next.environment_id, &next.id, now).await?;
        valetkey_store::link::revoke_all(tx, &next.environment_id, &next.id, now).await?;
        // A flow with a link ends with it.
        valetkey_store::flow::supersede_without_link(tx, &next.environment_id, &next.id, now).await?;
        next.token_expires_at = None;
        next.granted_scopes = ScopeSet::default();
        let about = About { account: Some(&next.id), connection: Some(&next.connection_id) };
        self.record(tx, caller, EventKind::CredentialDestroyed, about, &json!({})).await
    }

    async fn store_credential(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        next: &mut Account,
        grant: SealedGrant,
        expected: Option<i64>,
        kind: EventKind,
    ) -> Result<()> {
        let expires_at = grant.expires_at();
        let row = credential::Credential {
            account_id: next.id.clone(),
            generation: expected.unwrap_or(0) + 1,
            sealed: grant.sealed,
            expires_at,
            updated_at: next.updated_at,
        };
        if !credential::put(tx, &next.environment_id, &row, expected).await? {
            return Err(Error::conflict("the credential"));
        }
        next.token_expires_at = expires_at;
        if let Some((api_config, metadata)) = grant.about_user {
            (next.api_config, next.metadata) = (api_config, metadata);
        }
        if let Some(requested) = grant.requested {
            next.requested_scopes = requested;
        }
        next.granted_scopes = grant.granted.unwrap_or_default();
        let missing = next.requested_scopes.minus(&next.granted_scopes);
        let about = About { account: Some(&next.id), connection: Some(&next.connection_id) };
        let details = json!({
            "generation": row.generation,
            "expires_at": expires_at.map(|at| at.to_string()),
            "missing_scopes": missing,
        });
        self.record(tx, caller, kind, about, &details).await
    }

    /// Nothing is refreshed while an account is suspended, and what has become due meanwhile is due at its end.
    async fn reschedule(
        &self,
        tx: &mut Tx,
        before: &Account,
        after: &Account,
        kept: Option<&refresh::Refresh>,
    ) -> Result<()> {
        let suspended = |row: &Account| row.state == State::Suspended;
        let Some(kept) = kept.filter(|_| suspended(before) != suspended(after)) else { return Ok(()) };
        let window = RefreshWindow {
            issued_at: kept.issued_at,
            expires_at: after.token_expires_at,
            only_near_expiry: None,
        };
        // A credential that nothing renews any more runs out, and that is all that happens to it.
        let runs_out = matches!((kept.ended, kept.refreshable), (None, false))
            || kept.ended == Some(Reason::RefreshOutcomeUnknown);
        let due_at = if suspended(after) {
            None
        } else if runs_out {
            after.token_expires_at
        } else if kept.ended.is_some() {
            None
        } else if kept.slot.attempt.is_some() {
            Some(after.updated_at)
        } else {
            Some(due(&window, self.jitter()))
        };
        let due_at = due_at.map(|at| at.max(after.updated_at));
        refresh::schedule(tx, &after.environment_id, &after.id, due_at).await?;
        Ok(())
    }
}

/// Whether the grant lacks a scope that was asked for.
fn lacks_scopes(row: &Account, grant: &SealedGrant) -> bool {
    let requested = grant.requested.as_ref().unwrap_or(&row.requested_scopes);
    let none = ScopeSet::default();
    !requested.minus(grant.granted.as_ref().unwrap_or(&none)).is_empty()
}
