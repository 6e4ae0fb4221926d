//! The names under which each dialect of the API knows a state.

use super::State;

/// `scalekit.v1.connected_accounts.ConnectorStatus`. Published clients fail on any other number, so there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub enum WireStatus {
    /// Tools may run.
    Active = 1,
    /// The user is needed.
    Expired = 2,
    /// The user has not authorized yet.
    PendingAuth = 3,
    /// The application has to confirm the user.
    PendingVerification = 4,
    /// Switched off or withdrawn.
    Disconnected = 5,
}

/// The six lower-case states of the `/v1/connect` dialect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LegacyStatus {
    /// `pending`
    Pending,
    /// `active`
    Active,
    /// `expired`
    Expired,
    /// `revoked`
    Revoked,
    /// `error`
    Error,
    /// `suspended`
    Suspended,
}

impl LegacyStatus {
    /// Every status.
    pub const ALL: &'static [Self] =
        &[Self::Pending, Self::Active, Self::Expired, Self::Revoked, Self::Error, Self::Suspended];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Error => "error",
            Self::Suspended => "suspended",
        }
    }

    /// The status with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == text)
    }

    /// The states that have this status.
    pub fn states(self) -> impl Iterator<Item = State> {
        State::ALL.iter().copied().filter(move |state| Self::from(*state) == self)
    }
}

impl From<State> for WireStatus {
    fn from(state: State) -> Self {
        match state {
            State::PendingAuth => Self::PendingAuth,
            State::PendingVerification => Self::PendingVerification,
            State::Active => Self::Active,
            State::Expired | State::Error => Self::Expired,
            State::Revoked | State::Suspended | State::Disconnected => Self::Disconnected,
        }
    }
}

impl From<State> for LegacyStatus {
    fn from(state: State) -> Self {
        match state {
            State::PendingAuth | State::PendingVerification => Self::Pending,
            State::Active => Self::Active,
            State::Expired => Self::Expired,
            State::Revoked | State::Disconnected => Self::Revoked,
            State::Error => Self::Error,
            State::Suspended => Self::Suspended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_agrees_on_what_is_active() {
        for &state in State::ALL {
            let active = state == State::Active;
            assert_eq!(WireStatus::from(state) == WireStatus::Active, active);
            assert_eq!(LegacyStatus::from(state) == LegacyStatus::Active, active);
        }
    }
}
