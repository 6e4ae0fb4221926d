//! What an application sets on one account.

use serde::{Deserialize, Serialize};

/// The settings of an account. Absent means: the default.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountSettings {
    /// Whether tokens are refreshed by themselves. Default: they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_refresh: Option<bool>,
    /// How long an access token is used at the most, in seconds; also its lifetime where the provider names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
    /// How many calls a minute the account may make. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<u32>,
    /// How long a call may take, in seconds. Default: 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
    /// How often a call that can be repeated is repeated where the provider is busy or away. Default: not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_attempts: Option<u32>,
}

impl AccountSettings {
    /// These settings with those that are `named` in their place.
    #[must_use]
    pub fn with(&self, named: &Self) -> Self {
        Self {
            auto_refresh: named.auto_refresh.or(self.auto_refresh),
            expires_in: named.expires_in.or(self.expires_in),
            rate_limit: named.rate_limit.or(self.rate_limit),
            timeout: named.timeout.or(self.timeout),
            retry_attempts: named.retry_attempts.or(self.retry_attempts),
        }
    }

    /// Whether tokens are refreshed by themselves.
    pub fn refreshes(&self) -> bool {
        self.auto_refresh.unwrap_or(true)
    }
}
