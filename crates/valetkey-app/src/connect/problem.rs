//! Everything that can go wrong between a link and a connected account.

use valetkey_core::{connector::InvalidField, error_code::ErrorCode};

use crate::{Error, FieldViolation};

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
    /// A newer attempt with the same link took over, or the account was disconnected.
    Superseded,
    /// The user said no.
    Denied,
    /// The provider reported an error, by its code.
    ProviderError(String),
    /// The callback did not come from the issuer.
    IssuerMismatch,
    /// Another user of the provider authorized than the one whose credential the account has.
    AnotherUser,
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

impl Problem {
    /// The error for an application that takes the callback itself; `detail` is what is known of the cause and no secret.
    pub(super) fn into_error(self, detail: Option<&str>) -> Error {
        let again = "get a new address with GetAuthUrl";
        let because = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
        let (code, message) = match self {
            Self::Failed(error) => return error,
            Self::Fields(faults) => return missing_fields(faults),
            Self::StateSpent => {
                (ErrorCode::InvalidState, format!("this state was used before, and works once; {again}"))
            }
            Self::FlowExpired => (
                ErrorCode::InvalidState,
                format!("the user came back too late, this state has expired; {again}"),
            ),
            Self::Superseded => (
                ErrorCode::InvalidState,
                format!(
                    "a newer address of this account took over, or the account was disconnected, so this state works no \
                     more; complete the newer one, or {again}"
                ),
            ),
            Self::UnknownState
            | Self::UnknownLink
            | Self::LinkExpired
            | Self::LinkUsed
            | Self::LinkRevoked
            | Self::WrongBrowser
            | Self::NotSignedIn
            | Self::CredentialRefused
            | Self::CredentialUnchecked => (
                ErrorCode::InvalidState,
                format!(
                    "this state belongs to no authorization of this account; pass it as it came, whole, or {again}"
                ),
            ),
            Self::IssuerMismatch => (
                ErrorCode::IssuerMismatch,
                format!(
                    "{}; pass the iss that came with the code, or {again}",
                    detail.unwrap_or("wrong issuer")
                ),
            ),
            Self::Denied | Self::ProviderError(_) => {
                (ErrorCode::ProviderError, format!("the provider did not authorize{because}; {again}"))
            }
            Self::AnotherUser => (
                ErrorCode::UserMismatch,
                format!(
                    "another user of the provider authorized than the one who did before, and the account keeps its \
                     credential; {again} for that user, or disconnect the account first to connect another one"
                ),
            ),
            Self::ExchangeFailed => (
                ErrorCode::ExchangeFailed,
                format!("the provider gave no token for the code{because}; {again}"),
            ),
            Self::ProviderUnavailable => (
                ErrorCode::ExchangeFailed,
                format!("the provider did not answer when the code was exchanged{because}; {again}"),
            ),
            Self::ConnectionDisabled => {
                (ErrorCode::ConnectionDisabled, format!("the connection is disabled; enable it and {again}"))
            }
            Self::ConnectionMisconfigured => (
                ErrorCode::ConnectionMisconfigured,
                format!(
                    "the connection does not work as it is configured{because}; correct it, then {again}"
                ),
            ),
        };
        Error::new(code, message)
    }
}

/// Values that a user fills in on the hosted page, and that are not known of the account.
fn missing_fields(faults: Vec<InvalidField>) -> Error {
    let violations: Vec<_> = faults
        .into_iter()
        .map(|fault| FieldViolation {
            field: format!("api_config.{}", fault.field),
            description: fault.reason,
            constraint: "account_field".into(),
        })
        .collect();
    let named: Vec<_> = violations.iter().map(|one| format!("{} {}", one.field, one.description)).collect();
    let message = format!(
        "the provider's address needs values of the account: {}; set them, or leave out redirect_uri, so that the hosted \
         page asks the user",
        named.join("; ")
    );
    Error { violations, ..Error::new(ErrorCode::InvalidArgument, message) }
}
