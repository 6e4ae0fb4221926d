//! What can fail.

use prost::Message as _;
use tonic::{Code, Status};
use valetkey_proto::{google::rpc, valetkey::v1::ErrorAnswer};

const ERROR_ANSWER: &str = "type.googleapis.com/valetkey.v1.ErrorAnswer";

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The address of the server is none.
    #[error("the address of the server must be http or https with a host and no path")]
    Address,
    /// There is nothing to authenticate with, or too much.
    #[error("give either an API token, or client credentials")]
    Credentials,
    /// The certificates cannot be used.
    #[error("the certificates cannot be used: {0}; they must be one or more PEM certificates")]
    Certificates(String),
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    /// Stable code, such as `ACCOUNT_NOT_FOUND`; of this crate are `CONNECTION_FAILED`, `TIMEOUT` and
    /// `UNEXPECTED_ANSWER`. A later server may have further ones.
    pub code: String,
    /// What failed, with which named thing, and what to do.
    pub message: String,
    /// What the server has told beside that: reason, next action, request id, details.
    pub answer: ErrorAnswer,
    /// The gRPC code.
    pub grpc: Code,
}

impl Error {
    pub(crate) fn local(code: &str, grpc: Code, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), answer: ErrorAnswer::default(), grpc }
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        if let Some(answer) = answer(&status) {
            let (code, message) = (answer.code.clone(), answer.message.clone());
            return Self { code, message, answer, grpc: status.code() };
        }
        let code = match status.code() {
            Code::Unavailable | Code::Unknown => "CONNECTION_FAILED",
            Code::DeadlineExceeded | Code::Cancelled => "TIMEOUT",
            _ => "UNEXPECTED_ANSWER",
        };
        Self::local(code, status.code(), status.message())
    }
}

/// The answer of the server in the details of a status.
fn answer(status: &Status) -> Option<ErrorAnswer> {
    let details = rpc::Status::decode(status.details()).ok()?.details;
    let any = details.into_iter().find(|any| any.type_url == ERROR_ANSWER)?;
    ErrorAnswer::decode(any.value.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_without_an_answer_of_the_server_has_a_code_of_this_crate() {
        let codes = [Code::Unavailable, Code::DeadlineExceeded, Code::Internal]
            .map(|code| Error::from(Status::new(code, "words")).code);
        assert_eq!(codes, ["CONNECTION_FAILED", "TIMEOUT", "UNEXPECTED_ANSWER"]);
    }
}
