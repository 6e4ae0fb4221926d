//! Why a request goes out.

use std::time::Duration;

/// Why a request goes out. Each purpose has its own exceptions, connections and size limit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Purpose {
    /// Pushed authorization requests (RFC 9126).
    Authorization,
    /// The token endpoint (RFC 6749 §3.2).
    Token,
    /// The revocation endpoint (RFC 7009).
    Revocation,
    /// Who has authorized.
    Userinfo,
    /// Metadata, and requests that complete an account after authorization.
    Discovery,
    /// Keys of an issuer (RFC 7517).
    Jwks,
    /// The API of a provider.
    Api,
    /// Notifications to an application.
    Webhook,
    /// Icons and logos.
    Icon,
    /// Descriptions of an API that become a connector.
    Spec,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 10] = [
        Self::Authorization,
        Self::Token,
        Self::Revocation,
        Self::Userinfo,
        Self::Discovery,
        Self::Jwks,
        Self::Api,
        Self::Webhook,
        Self::Icon,
        Self::Spec,
    ];

    /// The name in the configuration, in an entry `<name>=<host>` of `egress.allow`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::Revocation => "revocation",
            Self::Userinfo => "userinfo",
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Api => "api",
            Self::Webhook => "webhook",
            Self::Icon => "icon",
            Self::Spec => "spec",
        }
    }

    /// The purpose of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }

    /// How long a connection without requests is kept.
    ///
    /// A server that closes a kept connection while a request is on its way leaves it open whether the request took
    /// effect. Where a request cannot be repeated, a connection is kept for a burst of requests only, shorter than
    /// servers usually keep theirs.
    pub(super) const fn idle_limit(self) -> Duration {
        match self {
            Self::Token => Duration::from_secs(3),
            Self::Authorization
            | Self::Revocation
            | Self::Userinfo
            | Self::Discovery
            | Self::Jwks
            | Self::Api
            | Self::Webhook
            | Self::Icon
            | Self::Spec => Duration::from_mins(1),
        }
    }

    /// How many connections without requests are kept to one host.
    pub(super) const fn idle_connections(self) -> usize {
        match self {
            Self::Api => 256,
            Self::Authorization
            | Self::Token
            | Self::Revocation
            | Self::Userinfo
            | Self::Discovery
            | Self::Jwks
            | Self::Webhook
            | Self::Icon
            | Self::Spec => 16,
        }
    }

    /// The longest answer that is read, in bytes.
    pub const fn answer_limit(self) -> usize {
        match self {
            Self::Authorization | Self::Token | Self::Revocation | Self::Webhook => 256 * 1024,
            Self::Userinfo | Self::Discovery | Self::Jwks | Self::Icon => 1024 * 1024,
            Self::Api => 10 * 1024 * 1024,
            Self::Spec => 20 * 1024 * 1024,
        }
    }
}
