//! Change what the application has set on an account.

use serde_json::json;
use valetkey_core::{
    Timestamp, account::State, credential::Credential, journal::EventKind, settings::AccountSettings,
};
use valetkey_store::{Tx, account, refresh};

use super::{Account, AccountAddress, AccountDetails, AccountView, undisturbed};
use crate::{App, Caller, Error, Result, journal::About, refresh::Renewal};

/// The bounds of the setting `expires_in`, in seconds.
const LIFETIMES: std::ops::RangeInclusive<i64> = 60..=31_536_000;

/// New settings of an account, and what they do to it.
pub(crate) struct PreparedSettings {
    settings: AccountSettings,
    /// When something is due next with them.
    due_at: Option<Timestamp>,
    /// The version of the account that they were made for.
    version: i64,
}

/// Refuses a setting that is out of its bounds.
pub(crate) fn check_settings(settings: &AccountSettings) -> Result<()> {
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
    Ok(())
}

/// A change of settings.
#[derive(Clone, Debug, Default)]
pub struct SettingsChange {
    /// Settings that are changed.
    pub named: AccountSettings,
    /// Names of settings that get their default back.
    pub unset: Vec<String>,
}

impl SettingsChange {
    fn applied(&self, stored: &AccountSettings) -> AccountSettings {
        let mut settings = stored.clone();
        for name in &self.unset {
            match name.as_str() {
                "auto_refresh" => settings.auto_refresh = None,
                "expires_in" => settings.expires_in = None,
                "rate_limit" => settings.rate_limit = None,
                "timeout" => settings.timeout = None,
                "retry_attempts" => settings.retry_attempts = None,
                _ => {}
            }
        }
        settings.with(&self.named)
    }
}

impl App {
    /// Changes the settings that are named and leaves the others as they are.
    pub async fn change_settings(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        change: &SettingsChange,
    ) -> Result<AccountDetails> {
        check_settings(&change.named)?;
        undisturbed(|| self.change_settings_once(caller, address, change)).await
    }

    async fn change_settings_once(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        change: &SettingsChange,
    ) -> Result<AccountDetails> {
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        let prepared = self.prepare_settings(&row, change.applied(&row.settings)).await?;
        let mut tx = self.pool.begin().await?;
        let row = self.set_settings_in(&mut tx, caller, address, prepared).await?;
        tx.commit().await?;
        self.forget_snapshot(&row.id);
        self.details_of(row).await
    }

    /// Replaces the settings of an account. A change of `auto_refresh` counts from now on; `expires_in` counts from the
    /// next token.
    pub async fn set_account_settings(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        settings: AccountSettings,
    ) -> Result<AccountView> {
        check_settings(&settings)?;
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        let prepared = self.prepare_settings(&row, settings).await?;
        let mut tx = self.pool.begin().await?;
        let row = self.set_settings_in(&mut tx, caller, address, prepared).await?;
        tx.commit().await?;
        self.forget_snapshot(&row.id);
        self.account(caller, address).await
    }

    /// Finds out what new settings do to an account as it was read.
    pub(crate) async fn prepare_settings(
        &self,
        row: &Account,
        settings: AccountSettings,
    ) -> Result<PreparedSettings> {
        let credential = self.open_credential(row).await?;
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
        Ok(PreparedSettings { settings, due_at, version: row.version })
    }

    /// Replaces the settings of an account in a transaction. Fails with `CONFLICT` where it has changed since they were
    /// prepared. The caller forgets its snapshot after the commit.
    pub(crate) async fn set_settings_in(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        address: &AccountAddress,
        prepared: PreparedSettings,
    ) -> Result<Account> {
        let mut row = address.get(tx, caller).await?;
        if row.version != prepared.version {
            return Err(Error::conflict("the account"));
        }
        let kept = refresh::get(tx, &row.environment_id, &row.id).await?;
        if row.state != State::Suspended && kept.is_some_and(|kept| kept.ended.is_none()) {
            refresh::schedule(tx, &row.environment_id, &row.id, prepared.due_at).await?;
        }
        row.settings = prepared.settings;
        row.updated_at = self.clock.now();
        if !account::update_settings(tx, &row).await? {
            return Err(Error::conflict("the account"));
        }
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        let details = json!({ "settings": row.settings });
        self.record(tx, caller, EventKind::AccountUpdated, about, &details).await?;
        Ok(row)
    }
}
