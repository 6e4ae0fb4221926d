//! Where the server listens.

use std::net::SocketAddr;

use super::{
    kind::{LoopbackAddr, PublicUrl, Seconds},
    section::{Check, section},
};

section! {
    /// Where the server listens, and the address by which it is known.
    server: Server {
        /// Address and port of the one port that serves gRPC, REST and pages.
        listen: SocketAddr [Default "0.0.0.0:8443"],
        /// The address at which browsers and API clients reach this server. It is part of every authorization link
        /// and of every redirect URI that is registered with a provider. https, except on localhost.
        public_url: PublicUrl [Example "https://connect.example.com"],
        /// A second port without TLS for clients on this machine. Loopback addresses only.
        plain_listen: Option<LoopbackAddr> [Example "127.0.0.1:8080"],
        /// How many connections may be open at the same time. Further ones wait.
        max_connections: u32 [Default "10000"],
        /// How long requests that are being answered may take after the server was asked to stop.
        drain_timeout: Seconds [Default "20s"],
    }
}

impl Check for Server {}
