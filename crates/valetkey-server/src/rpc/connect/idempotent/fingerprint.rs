//! What makes two requests the same.

use bytes::Bytes;
use prost_reflect::DynamicMessage;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tonic::Status;

use crate::rpc_gate::{Method, PREFIX, malformed};

/// The hash of a request: of its method and its message. The message is compared as JSON with its keys in order, because
/// one message has many encodings, and the same request may come over gRPC and over REST.
pub(super) fn of(method: &Method, frame: &Bytes) -> Result<Vec<u8>, Status> {
    let unreadable = || malformed("request is not a message of its method");
    let bytes = frame.get(PREFIX..).ok_or_else(unreadable)?;
    let message = DynamicMessage::decode(method.descriptor.input(), bytes).map_err(|_| unreadable())?;
    let mut json: Value = serde_json::to_value(&message).map_err(|_| unreadable())?;
    json.sort_all_objects();
    let hash = Sha256::new().chain_update(&method.path).chain_update([0]).chain_update(json.to_string());
    Ok(hash.finalize().to_vec())
}
