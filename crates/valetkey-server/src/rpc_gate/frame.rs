//! The length-prefixed message of gRPC over HTTP/2: a compression flag, a big-endian length, the message.

use axum::body::Body;
use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use prost::Message as _;
use prost_reflect::DynamicMessage;
use tonic::{Code, Status};
use valetkey_core::error_code::ErrorCode;

use crate::error::wire;

/// Longest request that is read, in bytes: 4 MiB, what gRPC peers expect by default.
pub const MAX_REQUEST: usize = 4 * 1024 * 1024;

/// Length of the prefix of a message.
pub(crate) const PREFIX: usize = 5;

/// Reads a whole request body.
///
/// # Errors
/// `OUT_OF_RANGE` above [`MAX_REQUEST`], `CANCELLED` where the peer stopped sending.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, Status> {
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let message = format!("request is longer than {MAX_REQUEST} bytes; send less at once");
            Err(wire::plain(Code::OutOfRange, ErrorCode::InvalidArgument, message))
        }
        Err(_) => Err(wire::plain(Code::Cancelled, ErrorCode::InvalidArgument, "request body ended early")),
    }
}

/// The one message of a unary request body.
///
/// # Errors
/// `UNIMPLEMENTED` for a compressed message, `INVALID_ARGUMENT` where the prefix does not fit the body.
pub(crate) fn message(frame: &Bytes) -> Result<Bytes, Status> {
    let Some((prefix, _)) = frame.split_first_chunk::<PREFIX>() else {
        return Err(malformed("request has no message"));
    };
    let [flag, length @ ..] = *prefix;
    if flag != 0 {
        let message = "compressed requests are not supported; send grpc-encoding identity";
        return Err(wire::plain(Code::Unimplemented, ErrorCode::NotImplemented, message));
    }
    let message = frame.slice(PREFIX..);
    if u32::from_be_bytes(length) as usize == message.len() {
        Ok(message)
    } else {
        Err(malformed("request is not exactly one message"))
    }
}

/// `message` with its prefix.
pub(crate) fn encode(message: &DynamicMessage) -> Bytes {
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(PREFIX + length);
    frame.put_u8(0);
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    frame.put(message.encode_to_vec().as_slice());
    frame.freeze()
}

pub(crate) fn malformed(message: &str) -> Status {
    wire::plain(Code::InvalidArgument, ErrorCode::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_frame_is_one_plain_message_with_its_exact_length_or_refused(bytes: Vec<u8>) {
            let frame = Bytes::from(bytes);
            match message(&frame) {
                Ok(found) => {
                    let length = u32::try_from(found.len()).unwrap_or(u32::MAX).to_be_bytes();
                    prop_assert_eq!([&[0], &length[..], &found[..]].concat(), frame.to_vec());
                }
                Err(status) => prop_assert!([Code::Unimplemented, Code::InvalidArgument].contains(&status.code())),
            }
        }

        #[test]
        fn a_message_is_what_was_framed(content: Vec<u8>) {
            let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
            let frame = [&[0], &length[..], &content[..]].concat();
            prop_assert_eq!(message(&frame.into()).ok(), Some(Bytes::from(content)));
        }
    }
}
