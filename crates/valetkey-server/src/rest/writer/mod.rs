//! Answers as `ProtoJSON`, written straight from the bytes of a message.
//!
//! What is to be written of each message is worked out once from the descriptors (`plan`). The text is that of
//! [`json::to_json`](super::json::to_json), which builds the message in memory first and costs several times as much;
//! it remains for the few messages that are not in the form in which this server encodes, and for kinds that no answer
//! of ours has so far, such as `google.protobuf.Any`.

mod message;
mod plan;
mod scalar;
#[cfg(test)]
mod tests;
mod well_known;
mod wire;

use std::sync::LazyLock;

use prost_reflect::MessageDescriptor;
use valetkey_proto::descriptor_pool;

use message::Writer;
use plan::Plans;

static PLANS: LazyLock<Plans> = LazyLock::new(|| Plans::of(descriptor_pool()));

/// What keeps a message from being written here.
#[derive(Debug)]
struct Unusual;

/// The text of an encoded message with all its fields; `None` where it is not in the usual form.
pub(super) fn text(descriptor: &MessageDescriptor, message: &[u8]) -> Option<Vec<u8>> {
    let mut writer = Writer::new(&PLANS, message.len());
    writer.message(&PLANS.kind_of(descriptor), message).ok()?;
    Some(writer.into_text())
}
