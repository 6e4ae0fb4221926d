//! How a lifetime is told.

use serde_json::{Map, Value, json};
use valetkey_core::Timestamp;

use crate::provider::{Misbehaviour, misbehaviour::Plan};

/// Writes the lifetime of an access token into its answer, in the form that the plan wants.
pub(super) fn tell(plan: &Plan, answer: &mut Map<String, Value>, now: Timestamp, seconds: u32) {
    if plan.has(&Misbehaviour::NoExpiresIn) || plan.has(&Misbehaviour::JwtExpiry) {
        return;
    }
    let at = now.plus_seconds(seconds.into());
    let (name, value) = plan
        .find(|wrong| match wrong {
            Misbehaviour::LifetimeAsText => Some(("expires_in", json!(seconds.to_string()))),
            Misbehaviour::LifetimeInMilliseconds => Some(("expires_in", json!(u64::from(seconds) * 1000))),
            Misbehaviour::LifetimeAsDuration => Some(("expires_in", json!(duration(seconds)))),
            Misbehaviour::LifetimeAsDate => Some(("expires_at", json!(at.to_string()))),
            Misbehaviour::LifetimeAsEpoch => Some(("expires_at", json!(at.seconds()))),
            Misbehaviour::LifetimeAsEpochMilliseconds => Some(("expires_at", json!(at.millis()))),
            _ => None,
        })
        .unwrap_or(("expires_in", json!(seconds)));
    answer.insert(name.to_owned(), value);
}

/// In the largest unit that leaves no rest.
fn duration(seconds: u32) -> String {
    match (seconds % 3600, seconds % 60) {
        (0, _) => format!("{}h", seconds / 3600),
        (_, 0) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}
