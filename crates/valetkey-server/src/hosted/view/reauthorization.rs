//! Why an account that was connected is connected again.

use valetkey_core::account::{Reason, State};

use crate::hosted::port::{About, Reauthorization};

/// Why, and what happens if it is not done.
pub(super) fn explain(what: Reauthorization, about: &About) -> String {
    let About { application, connector, .. } = about;
    let why = match what.reason {
        Reason::None => "You can renew the access, for example after a change of permissions.".to_owned(),
        Reason::NotAuthorized => format!("{connector} has not been connected completely."),
        Reason::AwaitingVerification | Reason::VerificationExpired => {
            format!("The last time, {application} did not confirm that it was you.")
        }
        Reason::VerificationRefused => "The last time, somebody else was signed in.".to_owned(),
        Reason::AccessTokenExpired | Reason::NoRefreshToken | Reason::RefreshOutcomeUnknown => {
            format!("{connector} gives access for a limited time, and that time is over.")
        }
        Reason::RefreshFailed | Reason::CredentialRejected => {
            format!("{connector} no longer accepts the access you gave.")
        }
        Reason::RevokedAtProvider => format!("The access was withdrawn at {connector}."),
        Reason::ConnectionMisconfigured => {
            format!("{application} has changed how it connects to {connector}.")
        }
        Reason::ScopeMissing => "The last time, a needed permission was not given.".to_owned(),
        Reason::SuspendedByOperator => format!("{application} has paused the access."),
        Reason::DisconnectedOnRequest => format!("{connector} was disconnected."),
    };
    let otherwise = match what.state {
        State::Active => "If you leave, the present access stays as it is.".to_owned(),
        State::PendingAuth
        | State::PendingVerification
        | State::Expired
        | State::Revoked
        | State::Error
        | State::Suspended
        | State::Disconnected => {
            format!("Until you connect again, {application} cannot use {connector} for you.")
        }
    };
    format!("{why} {otherwise}")
}
