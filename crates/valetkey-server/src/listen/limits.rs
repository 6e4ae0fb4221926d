//! What one client may take of the server.

use std::time::Duration;

/// What one client may take of the server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections that are open at the same time.
    pub connections: usize,
    /// How long the TLS handshake may take.
    pub handshake: Duration,
    /// How long the head of a request may take, also the first one of a connection in any protocol. Connections of
    /// HTTP/1.1 that are idle for so long are closed.
    pub request_head: Duration,
    /// The size of all headers of a request together, in bytes.
    pub header_bytes: u32,
    /// Requests on one HTTP/2 connection at the same time.
    pub streams: u32,
    /// How often a silent HTTP/2 client is asked whether it is still there; it has a third of that to answer.
    pub ping: Duration,
    /// How long requests that are being answered may take after the server was asked to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            handshake: Duration::from_secs(10),
            request_head: Duration::from_mins(1),
            header_bytes: 64 * 1024,
            streams: 250,
            ping: Duration::from_mins(1),
            drain: Duration::from_secs(20),
        }
    }
}
