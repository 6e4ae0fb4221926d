//! What an access token is good for by its age.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, account::stored_names};

stored_names! {
    /// What the access token of an account is good for by its age.
    TokenState {
        /// There is no credential.
        None = "none",
        /// It works.
        Valid = "valid",
        /// It works, and runs out within five minutes.
        Expiring = "expiring",
        /// It has run out.
        Expired = "expired",
        /// It works, and is not known to run out: a key, or a token whose provider names no end.
        NotExpiring = "not_expiring",
    }
}

/// How long before its end a token is about to run out, in seconds.
const NEAR_END: i64 = 300;

impl TokenState {
    /// The state at `now` of a token that runs out at `expires_at`, where that is known.
    pub fn of(expires_at: Option<Timestamp>, now: Timestamp) -> Self {
        match expires_at {
            None => Self::NotExpiring,
            Some(at) if at <= now => Self::Expired,
            Some(at) if at <= now.plus_seconds(NEAR_END) => Self::Expiring,
            Some(_) => Self::Valid,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_only_grows_older(left in -1000_i64..1000, passed in 0_i64..2000) {
            let now = Timestamp::from_millis(1_700_000_000_000);
            let end = Some(now.plus_seconds(left));
            let age = |state| [TokenState::Valid, TokenState::Expiring, TokenState::Expired]
                .iter()
                .position(|known| *known == state);
            let (before, after) = (TokenState::of(end, now), TokenState::of(end, now.plus_seconds(passed)));
            prop_assert!(age(before).is_some() && age(before) <= age(after));
            prop_assert_eq!(before == TokenState::Expired, left <= 0);
        }
    }

    #[test]
    fn a_token_without_a_known_end_does_not_expire() {
        assert_eq!(TokenState::of(None, Timestamp::EPOCH), TokenState::NotExpiring);
    }
}
