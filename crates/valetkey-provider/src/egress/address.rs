//! Which addresses are public (IANA special-purpose address registries, RFC 6890).

use std::{fmt, net::IpAddr};

use super::Cidr;

/// What an address is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressKind {
    /// Reachable over the public internet.
    Public,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918, RFC 4193) or the carrier's (RFC 6598).
    Private,
    /// The local link, where clouds serve instance metadata, and other metadata addresses.
    LinkLocal,
    /// Multicast, broadcast, unspecified, documentation, benchmark and reserved blocks.
    Reserved,
    /// An IPv6 form that carries an IPv4 address: mapped, compatible, NAT64, 6to4, Teredo.
    Embedded,
}

impl fmt::Display for AddressKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Public => "public",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local or metadata",
            Self::Reserved => "reserved",
            Self::Embedded => "embedded IPv4",
        })
    }
}

/// The blocks that are not public; the first that contains an address names its kind.
const BLOCKS: &[(&str, AddressKind)] = {
    use AddressKind::{Embedded, LinkLocal, Loopback, Private, Reserved};
    &[
        ("127.0.0.0/8", Loopback),
        ("169.254.0.0/16", LinkLocal),
        ("100.100.100.200/32", LinkLocal),
        ("168.63.129.16/32", LinkLocal),
        ("192.0.0.192/32", LinkLocal),
        ("10.0.0.0/8", Private),
        ("172.16.0.0/12", Private),
        ("192.168.0.0/16", Private),
        ("100.64.0.0/10", Private),
        ("0.0.0.0/8", Reserved),
        ("192.0.0.0/24", Reserved),
        ("192.0.2.0/24", Reserved),
        ("192.31.196.0/24", Reserved),
        ("192.52.193.0/24", Reserved),
        ("192.88.99.0/24", Reserved),
        ("192.175.48.0/24", Reserved),
        ("198.18.0.0/15", Reserved),
        ("198.51.100.0/24", Reserved),
        ("203.0.113.0/24", Reserved),
        ("224.0.0.0/4", Reserved),
        ("240.0.0.0/4", Reserved),
        ("::1/128", Loopback),
        ("::/128", Reserved),
        ("fd00:ec2::254/128", LinkLocal),
        ("fd20:ce::254/128", LinkLocal),
        ("fe80::/10", LinkLocal),
        ("fc00::/7", Private),
        ("fec0::/10", Private),
        ("::ffff:0:0/96", Embedded),
        ("::ffff:0:0:0/96", Embedded),
        ("::/96", Embedded),
        ("64:ff9b::/96", Embedded),
        ("64:ff9b:1::/48", Embedded),
        ("2001::/32", Embedded),
        ("2002::/16", Embedded),
        ("2001::/23", Reserved),
        ("2001:db8::/32", Reserved),
        ("3fff::/20", Reserved),
    ]
};

/// The kind of `address`. An IPv6 address outside global unicast (`2000::/3`) is never public.
pub fn address_kind(address: IpAddr) -> AddressKind {
    let listed = BLOCKS
        .iter()
        .find(|(block, _)| block.parse::<Cidr>().is_ok_and(|block| block.contains(address)))
        .map(|(_, kind)| *kind);
    let otherwise = match address {
        IpAddr::V4(_) => AddressKind::Public,
        IpAddr::V6(address) if address.segments()[0] & 0xe000 == 0x2000 => AddressKind::Public,
        IpAddr::V6(_) => AddressKind::Reserved,
    };
    listed.unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn t71_every_listed_block_parses_and_is_not_public() {
        for (block, kind) in BLOCKS {
            assert!(block.parse::<Cidr>().is_ok(), "{block}");
            assert_ne!(*kind, AddressKind::Public, "{block}");
        }
    }

    #[test]
    fn t71_special_addresses_are_recognised() {
        use AddressKind::{Embedded, LinkLocal, Loopback, Private, Public, Reserved};
        for (address, kind) in [
            ("8.8.8.8", Public),
            ("172.15.255.255", Public),
            ("172.32.0.1", Public),
            ("100.128.0.1", Public),
            ("2606:4700:4700::1111", Public),
            ("127.0.0.1", Loopback),
            ("127.255.255.254", Loopback),
            ("::1", Loopback),
            ("10.0.0.1", Private),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.168.1.1", Private),
            ("100.64.0.1", Private),
            ("fd12:3456::1", Private),
            ("169.254.169.254", LinkLocal),
            ("100.100.100.200", LinkLocal),
            ("168.63.129.16", LinkLocal),
            ("fe80::1", LinkLocal),
            ("fd00:ec2::254", LinkLocal),
            ("0.0.0.0", Reserved),
            ("255.255.255.255", Reserved),
            ("224.0.0.1", Reserved),
            ("198.18.0.1", Reserved),
            ("203.0.113.9", Reserved),
            ("::", Reserved),
            ("ff02::1", Reserved),
            ("2001:db8::1", Reserved),
            ("100::1", Reserved),
            ("::ffff:127.0.0.1", Embedded),
            ("::ffff:8.8.8.8", Embedded),
            ("::127.0.0.1", Embedded),
            ("64:ff9b::7f00:1", Embedded),
            ("2002:7f00:1::", Embedded),
            ("2001:0:7f00:1::", Embedded),
        ] {
            assert_eq!(address_kind(address.parse().unwrap()), kind, "{address}");
        }
    }
}
