//! What is checked: an account, its provider, the processes, and how often things may happen.

use valetkey_core::account::AccountEvent;

use crate::{database::Rules, provider::Rotation, truth::Situation};

/// What is checked. Losses, delays, pauses and crashes are not counted: there is one wherever there can be one. What is
/// counted makes the states finite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    /// What holds for the account.
    pub(crate) rules: Rules,
    /// What the provider does.
    pub(crate) rotation: Rotation,
    /// The processes, by how many ticks the clock of each is ahead of the true time.
    pub(crate) clocks: &'static [i64],
    /// How many attempts are begun, repetitions not counted.
    pub(crate) refreshes: u8,
    /// How many requests the provider turns down although it would accept the token.
    pub(crate) faults: u8,
    /// What users and operators may do, and how often.
    pub(crate) deeds: &'static [(Deed, u8)],
    /// Whether other transactions may commit between what a transaction reads and what it writes, as isolation at READ
    /// COMMITTED lets them.
    pub(crate) interleaved: bool,
    /// Whether processes neither pause nor crash: an attempt is over, and its outcome recorded, in less than two ticks.
    pub(crate) punctual: bool,
    /// What has to be reached, so that nothing holds because nothing happens.
    pub(crate) reaches: &'static [Situation],
}

/// What users and operators do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Deed {
    /// The user authorizes again.
    Reauthorize,
    /// The user authorizes, and the application has to confirm the user.
    Consent,
    /// It does.
    Verify,
    /// It does not.
    Refuse,
    /// The account is disconnected.
    Disconnect,
    /// An operator suspends the account.
    Suspend,
    /// An operator resumes it.
    Resume,
    /// The user withdraws access at the provider, which tells nobody.
    Withdraw,
}

impl Deed {
    /// What it is for the account; nothing where only the provider knows.
    pub(crate) const fn event(self) -> Option<AccountEvent> {
        match self {
            Self::Reauthorize => Some(AccountEvent::CredentialObtained),
            Self::Consent => Some(AccountEvent::ConsentAwaitsVerification),
            Self::Verify => Some(AccountEvent::VerificationPassed),
            Self::Refuse => Some(AccountEvent::VerificationRefused),
            Self::Disconnect => Some(AccountEvent::DisconnectRequested),
            Self::Suspend => Some(AccountEvent::SuspendRequested),
            Self::Resume => Some(AccountEvent::ResumeRequested),
            Self::Withdraw => None,
        }
    }
}

impl Scenario {
    /// Two processes with the same clock, two refreshes, and one request that is turned down.
    pub(crate) const fn of(rotation: Rotation) -> Self {
        let rules = Rules {
            without: &[],
            repeat_tolerated: rotation.tolerates_repeats(),
            auto_refresh: true,
            lifetime: None,
            failures: 0,
        };
        Self {
            rules,
            rotation,
            clocks: &[0, 0],
            refreshes: 2,
            faults: 1,
            deeds: &[],
            interleaved: false,
            punctual: false,
            reaches: &[],
        }
    }
}
