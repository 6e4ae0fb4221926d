//! What can happen to an account.

/// Something that happened. [`decide`](super::decide) says what follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountEvent {
    /// A working credential is at hand: consent, a filled form, an import.
    CredentialObtained,
    /// Consent was given, and the application has yet to confirm the user.
    ConsentAwaitsVerification,
    /// The application confirmed the user.
    VerificationPassed,
    /// The application named another user.
    VerificationRefused,
    /// The confirmation did not come in time.
    VerificationExpired,
    /// The application or the user disconnects.
    DisconnectRequested,
    /// An operator switches the account off.
    SuspendRequested,
    /// An operator switches the account on again.
    ResumeRequested,
}

impl AccountEvent {
    /// Every event, for tables and tests.
    pub const ALL: &'static [Self] = &[
        Self::CredentialObtained,
        Self::ConsentAwaitsVerification,
        Self::VerificationPassed,
        Self::VerificationRefused,
        Self::VerificationExpired,
        Self::DisconnectRequested,
        Self::SuspendRequested,
        Self::ResumeRequested,
    ];
}
