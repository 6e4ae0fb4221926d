//! The answer of a handler, whole, so that it can be kept.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full};
use prost::Message as _;
use tonic::{Code, Status, body::Body};
use valetkey_proto::google::rpc;

/// First byte of a kept message.
const MESSAGE: u8 = 0;

/// First byte of a kept status.
const STATUS: u8 = 1;

/// What a handler has answered.
pub(super) enum Answer {
    /// A message, framed.
    Message(Bytes),
    /// An error.
    Status(Status),
}

impl Answer {
    /// Reads an answer to its end.
    pub(super) async fn of(response: Response<Body>) -> Result<Self, Status> {
        if let Some(status) = failure(response.headers()) {
            return Ok(Self::Status(status));
        }
        let whole = response.into_body().collect().await?;
        Ok(match whole.trailers().and_then(failure) {
            Some(status) => Self::Status(status),
            None => Self::Message(whole.to_bytes()),
        })
    }

    /// Whether the same request would be answered the same again: what has succeeded, and what is wrong with the request
    /// itself or with what it names. What the server, its state of the moment or its limits are at fault for would not.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Message(_) => true,
            Self::Status(status) => matches!(
                status.code(),
                Code::InvalidArgument
                    | Code::NotFound
                    | Code::AlreadyExists
                    | Code::PermissionDenied
                    | Code::FailedPrecondition
                    | Code::OutOfRange
            ),
        }
    }

    /// The form in which it is kept, sealed.
    pub(super) fn stored(&self) -> Vec<u8> {
        match self {
            Self::Message(frame) => [&[MESSAGE], frame.as_ref()].concat(),
            Self::Status(status) => [vec![STATUS], whole_status(status).encode_to_vec()].concat(),
        }
    }

    /// Reads what was kept.
    pub(super) fn read(stored: &[u8]) -> Option<Self> {
        match stored.split_first()? {
            (&MESSAGE, frame) => Some(Self::Message(Bytes::copy_from_slice(frame))),
            (&STATUS, bytes) => {
                let whole = rpc::Status::decode(bytes).ok()?;
                let details = if whole.details.is_empty() { vec![] } else { whole.encode_to_vec() };
                Some(Self::Status(Status::with_details(whole.code.into(), whole.message, details.into())))
            }
            _ => None,
        }
    }

    /// The answer as a handler gives it.
    pub(super) fn response(self) -> Result<Response<Body>, Status> {
        let frame = match self {
            Self::Message(frame) => frame,
            Self::Status(status) => return Err(status),
        };
        let trailers = HeaderMap::from_iter([(Status::GRPC_STATUS, HeaderValue::from_static("0"))]);
        let body = Full::new(frame).with_trailers(std::future::ready(Some(Ok(trailers))));
        let mut response = Response::new(Body::new(body));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        Ok(response)
    }
}

fn failure(headers: &HeaderMap) -> Option<Status> {
    Status::from_header_map(headers).filter(|status| status.code() != Code::Ok)
}

/// Code, message and details as one message. The details of a status are such a message already, where it has any.
fn whole_status(status: &Status) -> rpc::Status {
    let details = rpc::Status::decode(status.details()).map(|whole| whole.details).unwrap_or_default();
    rpc::Status { code: status.code().into(), message: status.message().to_owned(), details }
}
