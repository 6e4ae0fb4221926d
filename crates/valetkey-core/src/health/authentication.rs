//! Which events of the journal are an authentication that ended, and how.

use crate::{journal::EventKind, link::FlowOutcome};

/// The kinds of events that can be an authentication which ended. The index of the journal that finds them names them
/// too.
pub const AUTHENTICATION_KINDS: &[EventKind] = &[
    EventKind::CredentialStored,
    EventKind::FlowEnded,
    EventKind::VerificationRefused,
    EventKind::TokenRefreshed,
    EventKind::TokenRefreshFailed,
];

/// Whether an event of this kind is an authentication that ended, and whether it succeeded. `outcome` is the one that
/// the event names, where it names one.
///
/// A credential that was stored is an authorization that succeeded, whoever brought it. A flow that ended well is not
/// counted beside it, nor is one that nobody came back from or that a newer one replaced: nothing was tried with the
/// provider.
pub fn ended_authentication(kind: EventKind, outcome: Option<&str>) -> Option<bool> {
    match kind {
        EventKind::CredentialStored | EventKind::TokenRefreshed => Some(true),
        EventKind::TokenRefreshFailed | EventKind::VerificationRefused => Some(false),
        EventKind::FlowEnded => match outcome.and_then(FlowOutcome::parse)? {
            FlowOutcome::Denied
            | FlowOutcome::ProviderError
            | FlowOutcome::ExchangeFailed
            | FlowOutcome::IssuerMismatch
            | FlowOutcome::AnotherUser
            | FlowOutcome::WrongBrowser
            | FlowOutcome::NotSignedIn => Some(false),
            FlowOutcome::Started
            | FlowOutcome::Completed
            | FlowOutcome::AwaitingVerification
            | FlowOutcome::Expired
            | FlowOutcome::Superseded => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_kinds_that_are_looked_up_are_counted() {
        for &kind in EventKind::ALL {
            let outcomes = FlowOutcome::ALL.iter().map(|outcome| Some(outcome.as_str())).chain([None]);
            let counted = outcomes.filter_map(|outcome| ended_authentication(kind, outcome)).count() > 0;
            assert_eq!(counted, AUTHENTICATION_KINDS.contains(&kind), "{}", kind.as_str());
        }
    }

    #[test]
    fn a_flow_that_brought_a_credential_is_counted_once() {
        assert_eq!(ended_authentication(EventKind::CredentialStored, None), Some(true));
        for outcome in ["completed", "awaiting_verification", "superseded", "expired"] {
            assert_eq!(ended_authentication(EventKind::FlowEnded, Some(outcome)), None);
        }
        assert_eq!(ended_authentication(EventKind::FlowEnded, Some("denied")), Some(false));
    }
}
