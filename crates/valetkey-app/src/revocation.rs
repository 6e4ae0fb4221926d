//! Telling the provider that tokens are not used any more.
//!
//! When an account is disconnected or deleted, its credential is gone in the same transaction. What is kept for a
//! while is a copy that is sealed for its revocation, under another identity, which no use of a credential can open.

use serde_json::{Map, Value, json};
use valetkey_core::{
    credential::{Credential, OauthCredential},
    id::{AccountId, ConnectionId, EnvironmentId, RevocationId},
    journal::EventKind,
    revocation::RevocationState,
    sealed::{SealContext, Sealed},
};
use valetkey_store::{Tx, credential, refresh, revocation};

use crate::{
    App, Caller, Error, Result,
    account::{Account, credential_context},
    journal::About,
    packed::pack,
};

/// A copy of a credential that is sealed for its revocation.
#[derive(Debug)]
pub struct PreparedRevocation {
    id: RevocationId,
    sealed: Sealed,
    /// The generation of the credential.
    generation: i64,
}

/// Whose tokens they were.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) environment: &'a EnvironmentId,
    pub(crate) account: &'a AccountId,
    pub(crate) connection: &'a ConnectionId,
}

impl<'a> From<&'a Account> for Owner<'a> {
    fn from(row: &'a Account) -> Self {
        Self { environment: &row.environment_id, account: &row.id, connection: &row.connection_id }
    }
}

/// Where the tokens of a revocation are sealed.
pub(crate) fn revocation_context<'a>(
    environment: &'a EnvironmentId,
    id: &'a RevocationId,
) -> SealContext<'a> {
    SealContext { environment: environment.as_str(), table: "revocations", row: id.as_str(), field: "sealed" }
}

impl App {
    /// Makes the copy of an account's credential, where it has one that a provider issued.
    pub(crate) async fn prepare_revocation(&self, row: &Account) -> Result<Option<PreparedRevocation>> {
        let live = credential::get(&mut *self.pool.read().await?, &row.environment_id, &row.id).await?;
        let Some(live) = live else { return Ok(None) };
        let context = credential_context(&row.environment_id, &row.id);
        let opened = self.keys.open(context, &live.sealed).await?;
        let config = self.open_api_config(&row.environment_id, &row.id, row.api_config.as_ref()).await?;
        match Credential::from_plaintext(&opened).map_err(Error::internal)? {
            Credential::Static(_) => Ok(None),
            Credential::Oauth2(tokens) => {
                self.seal_revocation(&row.environment_id, &config, tokens, live.generation).await.map(Some)
            }
        }
    }

    async fn seal_revocation(
        &self,
        environment: &EnvironmentId,
        config: &Map<String, Value>,
        tokens: OauthCredential,
        generation: i64,
    ) -> Result<PreparedRevocation> {
        let id = RevocationId::new(self.clock.now(), self.entropy.as_ref());
        let plain = pack(config, &Credential::Oauth2(tokens))?;
        let sealed = self.keys.seal(revocation_context(environment, &id), &plain).await?;
        Ok(PreparedRevocation { id, sealed, generation })
    }

    /// Queues a revocation in the transaction that destroys the credential. Fails with `CONFLICT` where the credential
    /// is not the one that was prepared, so that no token is forgotten.
    pub(crate) async fn queue_revocation(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        row: &Account,
        live: Option<&credential::Credential>,
        prepared: Option<PreparedRevocation>,
    ) -> Result<()> {
        let Some(prepared) = prepared else {
            // A credential that came since then has to be revoked too; one that was filled in cannot be.
            let renewed = refresh::get(tx, &row.environment_id, &row.id).await?.is_some();
            return if live.is_some() && renewed { Err(Error::conflict("the credential")) } else { Ok(()) };
        };
        match live {
            None => return Ok(()),
            Some(live) if live.generation != prepared.generation => {
                return Err(Error::conflict("the credential"));
            }
            Some(_) => {}
        }
        self.insert_revocation(tx, caller, row.into(), prepared).await
    }

    /// Queues tokens that were issued for an account which is gone or has been disconnected meanwhile. `fields` are
    /// the account's values for the placeholders of the definition.
    pub(crate) async fn queue_orphan(
        &self,
        tx: &mut Tx,
        owner: Owner<'_>,
        fields: &Map<String, Value>,
        tokens: &OauthCredential,
    ) -> Result<()> {
        let prepared = self.seal_revocation(owner.environment, fields, tokens.clone(), 0).await?;
        let caller = Caller::server(owner.environment.clone());
        self.insert_revocation(tx, &caller, owner, prepared).await
    }

    async fn insert_revocation(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        owner: Owner<'_>,
        prepared: PreparedRevocation,
    ) -> Result<()> {
        let now = self.clock.now();
        let queued = revocation::Revocation {
            id: prepared.id,
            environment_id: owner.environment.clone(),
            account_id: owner.account.clone(),
            connection_id: owner.connection.clone(),
            sealed: Some(prepared.sealed),
            state: RevocationState::Pending,
            detail: None,
            attempts: 0,
            due_at: Some(now),
            created_at: now,
            ended_at: None,
        };
        revocation::insert(tx, &queued).await?;
        let about = About { account: Some(owner.account), connection: Some(owner.connection) };
        let details = json!({ "revocation": queued.id, "result": queued.state.as_str() });
        self.record(tx, caller, EventKind::TokenRevocation, about, &details).await
    }
}
