//! The form of an error on the wire: a gRPC status whose details repeat its code and message and carry one
//! `scalekit.v1.errdetails.ErrorInfo`. For callers of `valetkey.v1` there is a `valetkey.v1.ErrorAnswer` beside it, which
//! is the whole answer over REST.
//!
//! Clients drop the details where code or message differ from `grpc-status` and `grpc-message`, so statuses with
//! details are only made here.

use http::StatusCode;
use prost::Message as _;
use prost_types::Any;
use tonic::{Code, Status};
use valetkey_core::{
    account::{NextAction, Reason, State},
    error_code::{Dialect, ErrorCode},
};
use valetkey_proto::google::rpc;
use valetkey_proto::scalekit::v1::errdetails::validation_error_info::FieldViolation;
use valetkey_proto::scalekit::v1::errdetails::{ErrorInfo, ValidationErrorInfo, help_info};
use valetkey_proto::valetkey::v1::ErrorAnswer;

use super::answer;

const ERROR_INFO: &str = "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo";
const ERROR_ANSWER: &str = "type.googleapis.com/valetkey.v1.ErrorAnswer";

/// A status with `info` as its detail; `error_code` is filled in. The gate adds the request id on the way out.
pub fn status(code: Code, error_code: ErrorCode, message: impl Into<String>, info: ErrorInfo) -> Status {
    with_details(
        code,
        message.into(),
        &ErrorInfo { error_code: error_code.as_str().to_owned(), ..info },
        None,
    )
}

/// A status that has nothing to say beyond its code and message.
pub fn plain(code: Code, error_code: ErrorCode, message: impl Into<String>) -> Status {
    status(code, error_code, message, ErrorInfo::default())
}

/// `INVALID_ARGUMENT` for a request whose fields break rules. The message names every violation.
pub fn invalid(violations: Vec<FieldViolation>) -> Status {
    let named: Vec<String> = violations.iter().map(|v| format!("{} {}", v.field, v.description)).collect();
    let info = ErrorInfo {
        validation_error_info: Some(ValidationErrorInfo { field_violations: violations }),
        ..ErrorInfo::default()
    };
    let message = format!("invalid argument: {}", named.join("; "));
    status(Code::InvalidArgument, ErrorCode::InvalidArgument, message, info)
}

/// The status as it leaves: with the request id in its details, and with the codes and details of a dialect.
pub(crate) fn leaving(status: &Status, dialect: Dialect, request_id: &str) -> Status {
    let mut info = error_info(status).unwrap_or_default();
    let code = ErrorCode::parse(&info.error_code).unwrap_or_else(|| default_error_code(status.code()));
    let code = code.in_dialect(dialect);
    code.as_str().clone_into(&mut info.error_code);
    info.request_info.get_or_insert_default().request_id.replace_range(.., request_id);
    let answer = (dialect == Dialect::Valetkey).then(|| {
        let known = error_answer(status).unwrap_or_default();
        answer::completed(known, code, status.message(), &info)
    });
    let mut left = with_details(status.code(), status.message().to_owned(), &info, answer.as_ref());
    *left.metadata_mut() = status.metadata().clone();
    left
}

/// The same status with the state of the account that is its cause.
pub(crate) fn with_standing(status: &Status, state: State, reason: Reason) -> Status {
    let answer = ErrorAnswer {
        reason: reason.as_str().to_owned(),
        next_action: NextAction::of(state, reason).as_str().to_owned(),
        ..ErrorAnswer::default()
    };
    let info = error_info(status).unwrap_or_default();
    with_details(status.code(), status.message().to_owned(), &info, Some(&answer))
}

/// The same status with a link to what helps.
pub(crate) fn with_link(status: &Status, description: &str, url: &str) -> Status {
    let link = help_info::Link { description: description.to_owned(), url: url.to_owned() };
    let mut info = error_info(status).unwrap_or_default();
    info.help_info.get_or_insert_default().links.push(link);
    with_details(status.code(), status.message().to_owned(), &info, error_answer(status).as_ref())
}

/// The `ErrorInfo` of a status, if it carries one.
pub fn error_info(status: &Status) -> Option<ErrorInfo> {
    detail(status, ERROR_INFO)
}

/// The `ErrorAnswer` of a status, if it carries one.
pub(crate) fn error_answer(status: &Status) -> Option<ErrorAnswer> {
    detail(status, ERROR_ANSWER)
}

fn detail<T: prost::Message + Default>(status: &Status, type_url: &str) -> Option<T> {
    let details = rpc::Status::decode(status.details()).ok()?.details;
    let any = details.into_iter().find(|any| any.type_url == type_url)?;
    T::decode(any.value.as_slice()).ok()
}

/// HTTP status that stands for a gRPC code.
pub fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Cancelled => client_closed_request(),
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// 499, which has no registered name.
fn client_closed_request() -> StatusCode {
    StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST)
}

fn with_details(code: Code, message: String, info: &ErrorInfo, answer: Option<&ErrorAnswer>) -> Status {
    let any = |type_url: &str, value| Any { type_url: type_url.to_owned(), value };
    let info = any(ERROR_INFO, info.encode_to_vec());
    let answer = answer.map(|answer| any(ERROR_ANSWER, answer.encode_to_vec()));
    let details = std::iter::once(info).chain(answer).collect();
    let details = rpc::Status { code: code.into(), message: message.clone(), details };
    Status::with_details(code, message, details.encode_to_vec().into())
}

/// The error code of a status that was made without one.
fn default_error_code(code: Code) -> ErrorCode {
    match code {
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => ErrorCode::InvalidArgument,
        Code::Unauthenticated => ErrorCode::Unauthenticated,
        Code::PermissionDenied => ErrorCode::PermissionDenied,
        Code::NotFound => ErrorCode::ResourceNotFound,
        Code::AlreadyExists => ErrorCode::ResourceAlreadyExists,
        Code::Aborted => ErrorCode::Conflict,
        Code::ResourceExhausted => ErrorCode::RateLimited,
        Code::Unimplemented => ErrorCode::NotImplemented,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => ErrorCode::Unavailable,
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => ErrorCode::Internal,
    }
}
