//! The wire: generated messages and services of `proto/`, as modules that mirror the packages, and their
//! descriptors. No logic lives here.
//!
//! The files below `src/gen` are written by `cargo run -p xtask -- gen`; to change the wire, change `proto/`.
//! Messages with a field declared `(valetkey.options.v1.secret)` print nothing but their name.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    rustdoc::all,
    reason = "generated code; its comments are those of the .proto files"
)]
#[rustfmt::skip]
#[path = "gen/mod.rs"]
mod generated;

#[rustfmt::skip]
#[path = "gen/redacted.rs"]
mod redacted;

pub use generated::*;

/// The serialized `google.protobuf.FileDescriptorSet` of all files of `proto/` and what they import, comments
/// and options included.
pub const DESCRIPTORS: &[u8] = include_bytes!("gen/descriptors.bin");

/// Descriptors of [`DESCRIPTORS`], decoded once.
pub fn descriptor_pool() -> &'static DescriptorPool {
    #[expect(clippy::expect_used, reason = "the bytes are compiled in, and a test decodes them")]
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        DescriptorPool::decode(DESCRIPTORS).expect("descriptors.bin is a FileDescriptorSet")
    });
    &POOL
}
