//! Why a request did not get an answer.

use std::{net::IpAddr, time::Duration};

use super::{AddressKind, Purpose};

/// Whether the other side may have received the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// No byte of the request left; it can be repeated safely.
    No,
    /// It may have arrived and taken effect.
    Maybe,
}

/// Why a request did not get an answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EgressError {
    /// The address is not public and no exception covers it.
    #[error(
        "{host}:{port} is at the {kind} address {address}, which is refused; \
         to allow it add \"{}={host}:{port}\" to egress.allow",
        purpose.name()
    )]
    Blocked {
        /// The host of the URL.
        host: String,
        /// The port of the URL.
        port: u16,
        /// The first refused address.
        address: IpAddr,
        /// What that address is.
        kind: AddressKind,
        /// What the request was for.
        purpose: Purpose,
    },
    /// Only https is spoken, except to an allowed loopback address.
    #[error(
        "{host}:{port} is not reached by https, which is refused; for a loopback address add \
         \"{}={host}:{port}\" to egress.allow",
        purpose.name()
    )]
    NotHttps {
        /// The host of the URL.
        host: String,
        /// The port of the URL.
        port: u16,
        /// What the request was for.
        purpose: Purpose,
    },
    /// The URL cannot be called.
    #[error("the URL of {purpose_name} requests cannot be called: {reason}", purpose_name = purpose.name())]
    Url {
        /// What the request was for.
        purpose: Purpose,
        /// What is wrong.
        reason: &'static str,
    },
    /// The name has no address.
    #[error("the name \"{host}\" could not be resolved: {reason}")]
    Name {
        /// The host of the URL.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No connection came about.
    #[error("no connection to {host}: {reason}")]
    Connect {
        /// The host of the URL.
        host: String,
        /// What the network or TLS said.
        reason: String,
    },
    /// The connection broke before the answer was complete.
    #[error("the connection to {host} broke: {reason}")]
    Broken {
        /// The host of the URL.
        host: String,
        /// What the network said.
        reason: String,
    },
    /// The body of the request was to be sent as it comes, and did not come.
    #[error("the body of the request to {host} did not come completely, or not in time")]
    Unfinished {
        /// The host of the URL.
        host: String,
    },
    /// The answer did not come in time.
    #[error("{host} did not answer within {} s", in_seconds(*limit))]
    Timeout {
        /// The host of the URL.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// The answer is longer than may be read.
    #[error("the answer of {host} is longer than {limit} bytes")]
    TooLarge {
        /// The host of the URL.
        host: String,
        /// The limit, in bytes.
        limit: usize,
    },
}

/// A duration for people, in seconds.
pub(super) fn in_seconds(limit: Duration) -> f64 {
    (limit.as_secs_f64() * 10.0).round() / 10.0
}

impl EgressError {
    /// Whether the other side may have received the request.
    pub const fn sent(&self) -> Sent {
        match self {
            Self::Blocked { .. }
            | Self::NotHttps { .. }
            | Self::Url { .. }
            | Self::Name { .. }
            | Self::Connect { .. } => Sent::No,
            Self::Broken { .. } | Self::Unfinished { .. } | Self::Timeout { .. } | Self::TooLarge { .. } => {
                Sent::Maybe
            }
        }
    }

    /// Whether the same request may succeed later without anybody changing a setting.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Name { .. } | Self::Connect { .. } | Self::Broken { .. } | Self::Timeout { .. } => true,
            Self::Blocked { .. }
            | Self::NotHttps { .. }
            | Self::Url { .. }
            | Self::Unfinished { .. }
            | Self::TooLarge { .. } => false,
        }
    }
}
