//! Why a call with a credential has no usable answer.

use crate::{DestinationError, SchemeError, egress::EgressError, oauth::TokenError};

/// Why a call with a credential has no usable answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CallError {
    /// The credential may not go there.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// The credential does not fit into a request.
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    /// No answer came.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// The credential could not be exchanged for the token that the API wants.
    #[error("no token for the API: {0}")]
    Token(#[from] TokenError),
    /// The signature needs the whole body, and that is too long to be kept.
    #[error(
        "the credential of this API signs the body, which is longer than {limit} bytes and so cannot be signed"
    )]
    BodyTooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The body of the caller broke off before it could be signed.
    #[error("the body of the request did not come completely")]
    BodyUnfinished,
    /// The method would show the credential (TRACE), or is none that an API has (CONNECT).
    #[error("the method {0} is not passed on")]
    MethodNotAllowed(String),
    /// The caller gave a header that the broker sets itself, or one that would change how the request is read.
    #[error("the header \"{0}\" cannot be given by the caller")]
    HeaderNotAllowed(String),
    /// The caller gave a query parameter that carries the credential.
    #[error("the query parameter \"{0}\" carries the credential and cannot be given by the caller")]
    ParameterNotAllowed(String),
    /// The answer does not have a success status.
    #[error("{host} answered with status {status}")]
    Status {
        /// The host that was asked.
        host: String,
        /// The status.
        status: u16,
    },
    /// The answer is not JSON.
    #[error("the answer of {0} is not JSON")]
    NotJson(String),
}
