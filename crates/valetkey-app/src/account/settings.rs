//! Change what the application has set on an account.

use serde_json::json;
use valetkey_core::{account::State, credential::Credential, journal::EventKind, settings::AccountSettings};
use valetkey_store::{account, refresh};

use super::{AccountAddress, AccountView};
use crate::{App, Caller, Error, Result, journal::About, refresh::Renewal};

/// The bounds of the setting `expires_in`, in seconds.
const LIFETIMES: std::ops::RangeInclusive<i64> = 60..=31_536_000;

impl App {
    /// Replaces the settings of an account. A change of `auto_refresh` counts from now on; `expires_in` counts from the
    /// next token.
    pub async fn set_account_settings(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        settings: AccountSettings,
    ) -> Result<AccountView> {
        if let Some(seconds) = settings.expires_in.filter(|seconds| !LIFETIMES.contains(seconds)) {
            let text = format!("must be from 60 to 31536000 seconds, and is {seconds}");
            return Err(Error::invalid("settings.expires_in", "range", text));
        }
        for (field, value, bounds) in [
            ("settings.rate_limit", settings.rate_limit, 1..=1_000_000),
            ("settings.timeout", settings.timeout, 1..=600),
            ("settings.retry_attempts", settings.retry_attempts, 0..=10),
        ] {
            if let Some(value) = value.filter(|value| !bounds.contains(value)) {
                let text = format!("must be from {} to {}, and is {value}", bounds.start(), bounds.end());
                return Err(Error::invalid(field, "range", text));
            }
        }
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        let credential = self.open_credential(&row).await?;
        let due_at = match &credential {
            Some(Credential::Oauth2(tokens)) => {
                let target = self.token_target(&row.environment_id, &row.connection_id).await?;
                let config =
                    self.open_api_config(&row.environment_id, &row.id, row.api_config.as_ref()).await?;
                let (fields, now) = (target.fields(&config), self.clock.now());
                Renewal::of(&target.oauth2, &fields, tokens, &settings, now, self.jitter()).due_at
            }
            Some(Credential::Static(_)) | None => None,
        };
        let mut tx = self.pool.begin().await?;
        let mut row = address.get(&mut tx, caller).await?;
        let kept = refresh::get(&mut tx, &row.environment_id, &row.id).await?;
        if row.state != State::Suspended && kept.is_some_and(|kept| kept.ended.is_none()) {
            refresh::schedule(&mut tx, &row.environment_id, &row.id, due_at).await?;
        }
        row.settings = settings;
        row.updated_at = self.clock.now();
        if !account::update_settings(&mut tx, &row).await? {
            return Err(Error::conflict("the account"));
        }
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        let details = json!({ "settings": row.settings });
        self.record(&mut tx, caller, EventKind::AccountUpdated, about, &details).await?;
        tx.commit().await?;
        self.forget_snapshot(&row.id);
        self.account(caller, address).await
    }
}
