//! Everything that can go wrong between a link and a connected account.

use valetkey_core::connector::InvalidField;

/// Why a step was not done. Each has its own page.
#[derive(Debug)]
pub enum Problem {
    /// No link has this token.
    UnknownLink,
    /// The link has run out.
    LinkExpired,
    /// The link has connected an account already.
    LinkUsed,
    /// The link was revoked.
    LinkRevoked,
    /// The connection is switched off.
    ConnectionDisabled,
    /// The connection cannot work as it is configured.
    ConnectionMisconfigured,
    /// Fields of the form are wrong.
    Fields(Vec<InvalidField>),
    /// The provider did not accept the filled-in credential.
    CredentialRefused,
    /// The provider could not be asked whether the credential works.
    CredentialUnchecked,
    /// No flow of this connection has this state.
    UnknownState,
    /// The state was used before.
    StateSpent,
    /// The callback came from another browser than the one that started.
    WrongBrowser,
    /// The user came back too late.
    FlowExpired,
    /// A newer attempt with the same link took over.
    Superseded,
    /// The user said no.
    Denied,
    /// The provider reported an error, by its code.
    ProviderError(String),
    /// The callback did not come from the issuer.
    IssuerMismatch,
    /// The provider did not give a token for the code.
    ExchangeFailed,
    /// The provider did not answer in time.
    ProviderUnavailable,
    /// Only operators may complete flows here, and none is signed in.
    NotSignedIn,
    /// Something of ours failed.
    Failed(crate::Error),
}

impl<E: Into<crate::Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
