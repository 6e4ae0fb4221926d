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
}

impl AccountSettings {
    /// Whether tokens are refreshed by themselves.
    pub fn refreshes(&self) -> bool {
        self.auto_refresh.unwrap_or(true)
    }
}
