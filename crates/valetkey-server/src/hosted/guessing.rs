//! Guessing links: whoever opens many that do not exist has to wait.
//!
//! A link has 256 random bits, so that no guess will hit; the limit keeps a guesser from making work, and shows up in
//! the log. An address that has opened [`PER_ADDRESS`] unknown links within a minute gets nothing more until the minute
//! is over. When all addresses together have opened [`TOGETHER`], unknown links are answered like that too, while good
//! ones go on to work: otherwise anybody could keep everybody out. For the same reason an address of a local network is
//! not counted by itself: it may be a proxy in front of everybody.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use http::StatusCode;
use valetkey_core::{Clock, Entropy, Timestamp};

use super::{Site, headers::protect, problem::ServerProblem, respond};

/// Unknown links that an address may open in a minute.
const PER_ADDRESS: u32 = 30;
/// Unknown links that all addresses may open in a minute. It also bounds what is remembered.
const TOGETHER: u32 = 6000;
/// A minute, in milliseconds.
const WINDOW: i64 = 60_000;

/// Counts unknown links, minute by minute.
#[derive(Clone)]
pub(crate) struct Guesses {
    minute: Arc<Mutex<Minute>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

#[derive(Default)]
struct Minute {
    start: Option<Timestamp>,
    together: u32,
    by_address: HashMap<IpAddr, u32>,
}

impl Minute {
    /// Starts anew where the minute is over.
    fn at(&mut self, now: Timestamp) -> &mut Self {
        if self.start.is_none_or(|start| now.millis() - start.millis() >= WINDOW) {
            *self = Self { start: Some(now), ..Self::default() };
        }
        self
    }

    fn may_open(&self, address: Option<IpAddr>) -> bool {
        address.and_then(|address| self.by_address.get(&address)).is_none_or(|count| *count < PER_ADDRESS)
    }

    /// Counts an unknown link; `false` where there were too many together.
    fn count(&mut self, address: Option<IpAddr>) -> bool {
        if self.together >= TOGETHER {
            return false;
        }
        self.together += 1;
        if let Some(address) = address {
            *self.by_address.entry(address).or_default() += 1;
        }
        true
    }

    /// Seconds until the minute is over.
    fn left(&self, now: Timestamp) -> u32 {
        let start = self.start.unwrap_or(now);
        u32::try_from((start.millis() + WINDOW - now.millis()).max(0).div_euclid(1000) + 1).unwrap_or(60)
    }
}

impl Guesses {
    /// None yet.
    pub(crate) fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { minute: Arc::default(), clock, entropy }
    }

    fn ask<T>(&self, what: impl FnOnce(&mut Minute) -> T) -> T {
        let now = self.clock.now();
        what(self.minute.lock().unwrap_or_else(PoisonError::into_inner).at(now))
    }

    fn refuse(&self, reference: &str, address: Option<IpAddr>) -> Response {
        let now = self.clock.now();
        let retry_after = self.ask(|minute| minute.left(now));
        tracing::warn!(request_id = reference, ?address, "too many unknown authorization links");
        respond::problem(&ServerProblem::RateLimited { retry_after }.into(), None, reference)
    }
}

/// Who is counted: the address, of IPv6 the network of 64 bits that one client usually has; `None` on a local network.
fn counted(peer: IpAddr) -> Option<IpAddr> {
    match peer.to_canonical() {
        IpAddr::V4(ip) if ip.is_loopback() || ip.is_private() || ip.is_link_local() => None,
        IpAddr::V6(ip) if ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() => None,
        IpAddr::V6(ip) => Some(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into()),
        public @ IpAddr::V4(_) => Some(public),
    }
}

/// The pages with the limit.
pub(crate) fn limited(pages: Router, site: Site, guesses: Guesses) -> Router {
    // The refusal is a page like any other and needs its headers.
    pages.layer(from_fn_with_state(guesses, limit)).layer(from_fn_with_state(site, protect))
}

/// Limits the paths of links, and lets all others pass.
async fn limit(State(guesses): State<Guesses>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/connect/") || path.starts_with("/connect/done/") {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = peer.and_then(|ConnectInfo(peer)| counted(peer.ip()));
    let reference = respond::reference(request.extensions(), guesses.entropy.as_ref());
    if !guesses.ask(|minute| minute.may_open(address)) {
        return guesses.refuse(&reference, address);
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND && !guesses.ask(|minute| minute.count(address)) {
        return guesses.refuse(&reference, address);
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn a_client_is_its_address_or_ipv6_network_and_a_proxy_nearby_is_nobody() {
        for (peer, expected) in [
            ("192.0.2.7", Some("192.0.2.7")),
            ("::ffff:192.0.2.7", Some("192.0.2.7")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
            ("127.0.0.1", None),
            ("10.1.2.3", None),
            ("::1", None),
            ("fd00::1", None),
        ] {
            assert_eq!(counted(peer.parse().unwrap()), expected.map(|text| text.parse().unwrap()), "{peer}");
        }
    }

    #[test]
    fn all_addresses_together_are_limited_and_what_is_remembered_is_bounded() {
        let mut minute = Minute::default();
        let start = Timestamp::from_millis(0);
        for number in 0..TOGETHER {
            assert!(minute.at(start).count(Some(IpAddr::from(number.to_be_bytes()))));
        }
        assert!(!minute.at(start).count(Some(IpAddr::from([192, 0, 2, 1]))));
        assert!(minute.may_open(Some(IpAddr::from([192, 0, 2, 1]))), "a good link still opens");
        assert_eq!(minute.by_address.len(), TOGETHER as usize);
        assert_eq!(minute.left(start), 61);
        assert!(minute.at(Timestamp::from_millis(WINDOW)).count(None));
    }
}
