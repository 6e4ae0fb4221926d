//! Whether the user of the provider who authorizes is the one whose credential an account has.

use serde_json::{Map, Value};
use valetkey_core::account::State;

use super::Problem;
use crate::{
    Error,
    account::{Account, Granted},
};

/// Refuses a grant of another user of the provider than the one who authorized the account before, so that nobody's
/// credential takes the place of another's unnoticed. Not where the provider does not tell who it is, not for an account
/// that was disconnected, whose user is whoever authorizes it then, and not for a test account, whose users are made up.
pub(super) fn check_same_user(row: &Account, granted: &Granted) -> Result<(), Problem> {
    let known: Map<String, Value> = serde_json::from_str(&row.metadata).map_err(Error::internal)?;
    let before = known.get("provider_account_id").and_then(Value::as_str);
    let same = match (before, granted.provider_account_id.as_deref()) {
        (Some(before), Some(now)) => before == now,
        (None, _) | (_, None) => true,
    };
    if same || row.test_mode || row.state == State::Disconnected {
        return Ok(());
    }
    Err(Problem::AnotherUser)
}
