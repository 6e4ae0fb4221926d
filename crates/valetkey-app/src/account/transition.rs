//! The one place where the state of an account and its credential are written, together and as the law says.

use std::collections::BTreeMap;

use serde_json::json;
use valetkey_core::{
    Timestamp,
    account::{AccountEvent, Effect, Situation, decide},
    credential::Credential,
    error_code::ErrorCode,
    journal::EventKind,
    scope::ScopeSet,
    sealed::Sealed,
};
use valetkey_store::{Tx, account, credential};

use super::{Account, view::credential_context};
use crate::{App, Caller, Error, Result, journal::About};

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
}

/// A credential sealed for one account, with what is stored in clear beside it.
#[derive(Debug)]
pub struct SealedGrant {
    pub(crate) sealed: Sealed,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) requested: Option<ScopeSet>,
    pub(crate) granted: Option<ScopeSet>,
    pub(crate) api_config: Option<Sealed>,
    pub(crate) metadata: String,
}

impl App {
    /// Seals a grant for an account: the credential, and the account's fields laid over its `api_config`. Done before
    /// the transaction, because sealing may have to make a data key.
    pub(crate) async fn seal_grant(
        &self,
        row: &Account,
        granted: &Granted,
        requested: Option<ScopeSet>,
    ) -> Result<SealedGrant> {
        let context = credential_context(&row.environment_id, &row.id);
        let sealed = self.keys.seal(context, &granted.credential.to_plaintext()).await?;
        let mut config = self.open_api_config(&row.environment_id, &row.id, row.api_config.as_ref()).await?;
        for (name, value) in &granted.fields {
            config.insert(name.clone(), json!(value));
        }
        let mut metadata: serde_json::Map<_, _> =
            serde_json::from_str(&row.metadata).map_err(Error::internal)?;
        let known =
            [("provider_account_id", &granted.provider_account_id), ("user_email", &granted.user_email)];
        for (name, value) in known {
            if let Some(value) = value {
                metadata.insert(name.into(), json!(value));
            }
        }
        Ok(SealedGrant {
            sealed,
            expires_at: granted.credential.expires_at(),
            granted: granted.scopes.clone().or_else(|| requested.clone()),
            requested,
            api_config: self.seal_api_config(&row.environment_id, &row.id, &config).await?,
            metadata: serde_json::Value::Object(metadata).to_string(),
        })
    }

    /// Applies a change to the account as it was read. Fails with `CONFLICT` where it has changed since.
    pub(crate) async fn apply(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        row: &Account,
        change: Change,
    ) -> Result<Account> {
        let live = credential::get(tx, &row.environment_id, &row.id).await?;
        let situation = Situation { state: row.state, reason: row.reason, has_credential: live.is_some() };
        let (event, grant) = match change {
            Change::Event(event) => (event, None),
            Change::Obtained(grant) => (AccountEvent::CredentialObtained, Some(grant)),
            Change::Verified(grant) => (AccountEvent::VerificationPassed, Some(grant)),
        };
        let decision = decide(situation, event).map_err(|refused| {
            Error::new(ErrorCode::AccountNotActive, format!("account {}: {refused}", row.id))
        })?;
        let now = self.clock.now();
        let mut next = row.clone();
        (next.state, next.reason, next.updated_at) = (decision.state, decision.reason, now);
        if decision.state != row.state {
            next.state_changed_at = now;
        }
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        let expected = live.as_ref().map(|live| live.generation);
        match (decision.effect, grant) {
            (Effect::StoreCredential | Effect::PromoteParked, Some(grant)) => {
                // What is still parked is older than this credential and must not replace it later.
                valetkey_store::verification::close_all(tx, &row.environment_id, &row.id, now).await?;
                self.store_credential(tx, caller, &mut next, grant, expected).await?;
            }
            (Effect::DestroyAll, _) => {
                credential::delete(tx, &row.environment_id, &row.id).await?;
                valetkey_store::verification::close_all(tx, &row.environment_id, &row.id, now).await?;
                valetkey_store::link::revoke_all(tx, &row.environment_id, &row.id, now).await?;
                next.token_expires_at = None;
                next.granted_scopes = ScopeSet::default();
                self.record(tx, caller, EventKind::CredentialDestroyed, about, &json!({})).await?;
            }
            (Effect::None | Effect::ParkCredential | Effect::DestroyParked, _)
            | (Effect::StoreCredential | Effect::PromoteParked, None) => {}
        }
        if !account::update_state(tx, &next).await? {
            return Err(Error::conflict("the account"));
        }
        next.version += 1;
        if next.state != row.state || next.reason != row.reason {
            let details = json!({
                "from": row.state.as_str(), "to": next.state.as_str(), "reason": next.reason.as_str(),
            });
            self.record(tx, caller, EventKind::AccountStateChanged, about, &details).await?;
        }
        Ok(next)
    }

    async fn store_credential(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        next: &mut Account,
        grant: SealedGrant,
        expected: Option<i64>,
    ) -> Result<()> {
        let now = next.updated_at;
        let row = credential::Credential {
            account_id: next.id.clone(),
            generation: expected.unwrap_or(0) + 1,
            sealed: grant.sealed,
            expires_at: grant.expires_at,
            updated_at: now,
        };
        if !credential::put(tx, &next.environment_id, &row, expected).await? {
            return Err(Error::conflict("the credential"));
        }
        next.token_expires_at = grant.expires_at;
        next.last_authorized_at = Some(now);
        next.api_config = grant.api_config;
        next.metadata = grant.metadata;
        if let Some(requested) = grant.requested {
            next.requested_scopes = requested;
        }
        next.granted_scopes = grant.granted.unwrap_or_default();
        let missing = next.requested_scopes.minus(&next.granted_scopes);
        let about = About { account: Some(&next.id), connection: Some(&next.connection_id) };
        let details = json!({
            "generation": row.generation,
            "expires_at": grant.expires_at.map(|at| at.to_string()),
            "missing_scopes": missing,
        });
        self.record(tx, caller, EventKind::CredentialStored, about, &details).await
    }
}
