//! What a token request presents, and where.

use axum::http::{HeaderMap, header};

use crate::provider::{misbehaviour::Place, parameters::Parameters};

/// What a token request presents.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// An authorization code.
    Code,
    /// A refresh token.
    RefreshToken {
        /// Absent where there is none.
        token: Option<String>,
        /// Where it was.
        place: TokenPlace,
        /// Whether the request came to the token endpoint.
        at_token_endpoint: bool,
    },
    /// An access token, for the next one.
    AccessToken(String),
    /// Only the client.
    ClientCredentials,
    /// A grant type that this provider does not know.
    Unknown,
    /// No grant type.
    Absent,
}

/// Where a refresh token was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenPlace {
    Parameter,
    Header,
    Path,
}

impl Way {
    pub(super) fn at_token_endpoint(headers: &HeaderMap, parameters: &Parameters) -> Self {
        match parameters.get("grant_type") {
            Some("authorization_code") => Self::Code,
            Some("refresh_token") => Self::refresh(headers, parameters, true),
            Some("client_credentials") => Self::ClientCredentials,
            given => match exchanged(parameters) {
                Some(token) => Self::AccessToken(token.to_owned()),
                None if given.is_some() => Self::Unknown,
                None => Self::Absent,
            },
        }
    }

    /// Here a grant type is not needed.
    pub(super) fn at_refresh_address(headers: &HeaderMap, parameters: &Parameters) -> Self {
        match (parameters.get("refresh_token"), exchanged(parameters)) {
            (None, Some(token)) => Self::AccessToken(token.to_owned()),
            _ => Self::refresh(headers, parameters, false),
        }
    }

    pub(super) fn in_path(token: String) -> Self {
        Self::RefreshToken { token: Some(token), place: TokenPlace::Path, at_token_endpoint: false }
    }

    fn refresh(headers: &HeaderMap, parameters: &Parameters, at_token_endpoint: bool) -> Self {
        let parameter = parameters.get("refresh_token");
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let header = header.and_then(|value| value.strip_prefix("Bearer "));
        let (token, place) = match header {
            Some(token) => (Some(token), TokenPlace::Header),
            None => (parameter, TokenPlace::Parameter),
        };
        Self::RefreshToken { token: token.map(ToOwned::to_owned), place, at_token_endpoint }
    }

    /// The name under which it is counted: the grant type, where it is a standard one.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Code => "authorization_code",
            Self::RefreshToken { .. } => "refresh_token",
            Self::AccessToken(_) => "access_token",
            Self::ClientCredentials => "client_credentials",
            Self::Unknown | Self::Absent => "other",
        }
    }

    /// Whether it begins a grant or renews one.
    pub(super) fn place(&self) -> Place {
        match self {
            Self::RefreshToken { .. } | Self::AccessToken(_) => Place::Refresh,
            Self::Code | Self::ClientCredentials | Self::Unknown | Self::Absent => Place::Exchange,
        }
    }

    /// The token that it presents.
    pub(super) fn token(&self) -> Option<&str> {
        match self {
            Self::RefreshToken { token, .. } => token.as_deref(),
            Self::AccessToken(token) => Some(token),
            Self::Code | Self::ClientCredentials | Self::Unknown | Self::Absent => None,
        }
    }
}

/// The access token that is presented for the next one, under the names that providers use.
fn exchanged(parameters: &Parameters) -> Option<&str> {
    parameters.get("access_token").or_else(|| parameters.get("fb_exchange_token"))
}
