//! Tell providers which tokens are not used any more.

use std::time::Duration;

use serde_json::{Map, Value, json};
use valetkey_core::{
    Timestamp,
    credential::Credential,
    error_code::ErrorCode,
    journal::EventKind,
    refresh::{TOKEN_TIMEOUT_SECONDS, backoff},
    revocation::RevocationState,
};
use valetkey_provider::oauth::{RevocationResult, RevokeRequest};
use valetkey_store::revocation::{self, Revocation};

use crate::{App, Caller, Error, Result, journal::About, packed::unpack, revocation::revocation_context};

/// How many revocations one run sends.
const BATCH: i64 = 100;

/// How long an attempt may take until another process may make the next one, in seconds.
const LEASE: i64 = 60;

/// How long a provider is tried, in seconds: a day. After that the tokens are destroyed here too.
const TRIED_FOR: i64 = 86_400;

impl App {
    /// Sends the revocations that are due; returns how many were ended. Called about once a second.
    pub async fn revoke_due(&self) -> Result<usize> {
        let due = revocation::due(&mut *self.pool.read().await?, self.clock.now(), BATCH).await?;
        let mut ended = 0;
        for row in due {
            let mut tx = self.pool.begin().await?;
            let claimed = revocation::claim(&mut tx, &row, self.clock.now().plus_seconds(LEASE)).await?;
            tx.commit().await?;
            if claimed {
                let result = self.revoke(&row).await;
                ended += usize::from(self.note_revocation(&row, result).await?);
            }
        }
        Ok(ended)
    }

    async fn revoke(&self, row: &Revocation) -> Result<RevocationResult> {
        let gone = || Error::not_found("the tokens of a revocation");
        let sealed = row.sealed.as_ref().ok_or_else(gone)?;
        let target = match self.token_target(&row.environment_id, &row.connection_id).await {
            Err(error)
                if matches!(error.code, ErrorCode::ConnectionNotFound | ErrorCode::ConnectionIncomplete) =>
            {
                // Nobody knows any more whom to tell.
                return Ok(RevocationResult::Unsupported);
            }
            found => found?,
        };
        let context = revocation_context(&row.environment_id, &row.id);
        let (config, credential): (Map<String, Value>, _) = unpack(&self.keys.open(context, sealed).await?)?;
        let Credential::Oauth2(credential) = credential else { return Ok(RevocationResult::Unsupported) };
        let request = RevokeRequest {
            oauth2: &target.oauth2,
            client: target.client(),
            credential: &credential,
            fields: &target.fields(&config),
            timeout: Duration::from_secs(TOKEN_TIMEOUT_SECONDS.unsigned_abs()),
        };
        Ok(self.provider.revoke(request).await)
    }

    /// Records what became of a revocation; says whether that is the end of it.
    async fn note_revocation(&self, row: &Revocation, result: Result<RevocationResult>) -> Result<bool> {
        let now = self.clock.now();
        let (reason, permanent, retry_after) = match result {
            Ok(RevocationResult::Revoked) => {
                return self.end_revocation(row, RevocationState::Revoked, None).await;
            }
            Ok(RevocationResult::Unsupported) => {
                return self.end_revocation(row, RevocationState::Unsupported, None).await;
            }
            Ok(RevocationResult::Failed { reason, permanent, retry_after }) => {
                (reason, permanent, retry_after)
            }
            Err(error) => (error.to_string(), false, None),
        };
        if permanent || now >= row.created_at.plus_seconds(TRIED_FOR) {
            return self.end_revocation(row, RevocationState::Failed, Some(&reason)).await;
        }
        let attempts = u32::try_from(row.attempts + 1).unwrap_or(u32::MAX);
        let pause = backoff(attempts, retry_after, self.jitter());
        let mut tx = self.pool.begin().await?;
        let due_at = Timestamp::from_millis(now.millis() + pause);
        revocation::retry(&mut tx, row, &reason, due_at).await?;
        tx.commit().await?;
        Ok(false)
    }

    async fn end_revocation(
        &self,
        row: &Revocation,
        state: RevocationState,
        detail: Option<&str>,
    ) -> Result<bool> {
        let mut tx = self.pool.begin().await?;
        if revocation::finish(&mut tx, row, state, detail, self.clock.now()).await? {
            let caller = Caller::server(row.environment_id.clone());
            let about = About { account: Some(&row.account_id), connection: Some(&row.connection_id) };
            let details = json!({ "revocation": row.id, "result": state.as_str(), "detail": detail });
            self.record(&mut tx, &caller, EventKind::TokenRevocation, about, &details).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
