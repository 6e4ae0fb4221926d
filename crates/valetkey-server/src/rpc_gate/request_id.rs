//! Names a request in answers, logs and the journal.

use std::fmt;

use http::HeaderName;
use valetkey_core::Entropy;

/// Header of every answer that carries the request id.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Identifier of one request: `req_` and 128 random bits. Made by the server only, so it is unique and safe to log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestId(String);

impl RequestId {
    /// A new identifier.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut random = [0_u8; 16];
        entropy.fill(&mut random);
        Self(format!("req_{:032x}", u128::from_be_bytes(random)))
    }

    /// The identifier as it appears on the wire and in logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
