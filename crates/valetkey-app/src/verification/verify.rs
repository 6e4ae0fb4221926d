//! The application says who authorized.

use serde_json::json;
use valetkey_core::{account::AccountEvent, error_code::ErrorCode, journal::EventKind};
use valetkey_store::{account, verification};

use crate::{App, Caller, Error, Result, account::Change, journal::About, secrets};

/// Where the application sends the browser now.
pub struct Verified {
    /// The address.
    pub redirect_url: String,
}

impl App {
    /// Confirms the user of an authorization. A wrong identifier ends the request and destroys the parked
    /// credential: the consent was given by somebody else, and asking again must start from a new link.
    pub async fn verify_user(
        &self,
        caller: &Caller,
        auth_request_id: &str,
        identifier: &str,
    ) -> Result<Verified> {
        let unknown =
            || Error::not_found("auth request not found or no longer valid; make a new authorization link");
        let hash = secrets::hash("auth request", auth_request_id);
        let now = self.clock.now();
        let mut reader = self.pool.read().await?;
        let row = verification::by_token_hash(&mut reader, &caller.environment, &hash).await?;
        let row = row.filter(|row| row.state == "pending" && now < row.expires_at).ok_or_else(unknown)?;
        let account =
            account::get(&mut reader, &caller.environment, &row.account_id).await?.ok_or_else(unknown)?;
        drop(reader);
        let about = About { account: Some(&account.id), connection: Some(&account.connection_id) };
        let details = json!({ "verification": row.id });
        if account.identifier != identifier {
            let mut tx = self.pool.begin().await?;
            if !verification::close(&mut tx, &caller.environment, &row.id, "refused", now).await? {
                return Err(unknown());
            }
            self.apply(&mut tx, caller, &account, Change::Event(AccountEvent::VerificationRefused)).await?;
            self.record(&mut tx, caller, EventKind::VerificationRefused, about, &details).await?;
            tx.commit().await?;
            let message = "the user who authorized is not the user of this connected account; make a new authorization link";
            return Err(Error::new(ErrorCode::UserMismatch, message));
        }
        let sealed = row.parked.as_ref().ok_or_else(unknown)?;
        let parked = self.open_parked(&caller.environment, &row.id, sealed).await?;
        let grant = self.seal_grant(&account, &parked.granted, Some(parked.requested)).await?;
        let after = self.open_verification(&caller.environment, &row.id, &row.details).await?;
        let mut tx = self.pool.begin().await?;
        if !verification::close(&mut tx, &caller.environment, &row.id, "passed", now).await? {
            return Err(unknown());
        }
        self.apply(&mut tx, caller, &account, Change::Verified(grant)).await?;
        self.record(&mut tx, caller, EventKind::VerificationPassed, about, &details).await?;
        tx.commit().await?;
        let done = || format!("{}/connect/done", self.settings.public_url);
        Ok(Verified { redirect_url: after.return_url.unwrap_or_else(done) })
    }
}
