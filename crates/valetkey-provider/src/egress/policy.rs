//! Exceptions from the rule that only public addresses are dialled.

use std::{collections::BTreeMap, fmt, net::IpAddr, str::FromStr};

use super::{AddressKind, Cidr, Purpose, address_kind};

/// What may be dialled besides public addresses, for each purpose. Empty by default.
#[derive(Clone, Default, Debug)]
pub struct EgressPolicy {
    allow: BTreeMap<Purpose, Vec<AllowEntry>>,
}

/// One exception.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AllowEntry {
    /// A host by name, at one port or at any: `gitlab.internal`, `localhost:8444`. It lifts the guard for loopback
    /// and private addresses; link-local and metadata addresses need a block.
    Host {
        /// Lower case, without trailing dot.
        name: String,
        /// The port; any where absent.
        port: Option<u16>,
    },
    /// Addresses, at one port or at any: `10.0.0.0/8`, `127.0.0.1:8444`, `[::1]:8444`.
    Block {
        /// The addresses.
        block: Cidr,
        /// The port; any where absent.
        port: Option<u16>,
    },
}

/// The text is not an exception.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a host, host:port, address, address:port or block such as 10.0.0.0/8")]
pub struct InvalidAllowEntry(pub String);

impl FromStr for AllowEntry {
    type Err = InvalidAllowEntry;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidAllowEntry(text.to_owned());
        if let Ok(block) = text.parse() {
            return Ok(Self::Block { block, port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| invalid())?)),
            None => (text, None),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(block) = bare.parse() {
            return Ok(Self::Block { block, port });
        }
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(fine) {
            return Err(invalid());
        }
        Ok(Self::Host { name, port })
    }
}

impl fmt::Display for AllowEntry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = match self {
            Self::Host { name, port } => out.write_str(name).map(|()| port)?,
            Self::Block { block, port } => write!(out, "{block}").map(|()| port)?,
        };
        port.map_or(Ok(()), |port| write!(out, ":{port}"))
    }
}

impl AllowEntry {
    fn covers(&self, host: &str, port: u16, address: IpAddr) -> bool {
        match self {
            Self::Host { name, port: only } => {
                let liftable = matches!(address_kind(address), AddressKind::Loopback | AddressKind::Private);
                liftable && name == host && only.is_none_or(|only| only == port)
            }
            Self::Block { block, port: only } => {
                block.contains(address) && only.is_none_or(|only| only == port)
            }
        }
    }
}

impl EgressPolicy {
    /// Public addresses only.
    pub fn public_only() -> Self {
        Self::default()
    }

    /// Adds an exception for one purpose.
    #[must_use]
    pub fn allow(mut self, purpose: Purpose, entry: AllowEntry) -> Self {
        self.allow.entry(purpose).or_default().push(entry);
        self
    }

    /// Adds an exception for every purpose.
    #[must_use]
    pub fn allow_everywhere(self, entry: &AllowEntry) -> Self {
        Purpose::ALL.into_iter().fold(self, |policy, purpose| policy.allow(purpose, entry.clone()))
    }

    /// Whether `address`, found for `host`, may be dialled. Without TLS only an allowed loopback address may.
    pub(super) fn permits(
        &self,
        purpose: Purpose,
        (host, port): (&str, u16),
        address: IpAddr,
        tls: bool,
    ) -> bool {
        let kind = address_kind(address);
        let excepted = || {
            let entries = self.allow.get(&purpose).map(Vec::as_slice).unwrap_or_default();
            entries.iter().any(|entry| entry.covers(host, port, address))
        };
        if tls {
            kind == AddressKind::Public || excepted()
        } else {
            kind == AddressKind::Loopback && excepted()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn permits(entry: &str, host: &str, address: &str, tls: bool) -> bool {
        EgressPolicy::public_only().allow(Purpose::Token, entry.parse().unwrap()).permits(
            Purpose::Token,
            (host, 8444),
            address.parse().unwrap(),
            tls,
        )
    }

    #[test]
    fn t71_an_exception_covers_its_host_and_port_and_nothing_else() {
        assert!(permits("localhost:8444", "localhost", "127.0.0.1", true));
        assert!(permits("localhost", "localhost", "::1", true));
        assert!(!permits("localhost:8443", "localhost", "127.0.0.1", true));
        assert!(!permits("localhost", "localhost.evil.example", "127.0.0.1", true));
        assert!(permits("10.0.0.0/8", "gitlab.internal", "10.1.2.3", true));
        assert!(permits("127.0.0.1:8444", "127.0.0.1", "127.0.0.1", true));
        assert!(permits("[::1]:8444", "::1", "::1", true));
        assert!(!permits("[::1]:8444", "::1", "127.0.0.1", true));
    }

    #[test]
    fn t71_a_host_exception_does_not_reach_metadata() {
        assert!(!permits("metadata", "metadata", "169.254.169.254", true));
        assert!(permits("169.254.169.254", "metadata", "169.254.169.254", true));
    }

    #[test]
    fn t72_an_exception_counts_for_its_own_purpose_only() {
        let policy = EgressPolicy::public_only().allow(Purpose::Token, "127.0.0.0/8".parse().unwrap());
        let loopback = "127.0.0.1".parse().unwrap();
        assert!(policy.permits(Purpose::Token, ("h", 443), loopback, true));
        assert!(!policy.permits(Purpose::Api, ("h", 443), loopback, true));
    }

    #[test]
    fn plain_http_is_for_allowed_loopback_addresses_only() {
        assert!(permits("localhost", "localhost", "127.0.0.1", false));
        assert!(!permits("10.0.0.0/8", "h", "10.0.0.1", false));
        assert!(!permits("localhost", "h", "8.8.8.8", false));
    }

    #[test]
    fn an_entry_that_is_neither_host_nor_block_is_refused() {
        for text in ["", "https://a.example", "a b", "a.example:port", "a.example:70000", "*"] {
            assert!(text.parse::<AllowEntry>().is_err(), "{text}");
        }
    }
}
