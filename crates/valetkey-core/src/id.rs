//! Typed identifiers: a prefix that names the kind, then 26 characters that sort by time of creation.
//!
//! The body is 48 bits of milliseconds and 80 random bits in Crockford's base 32, so that rows created later sort
//! later and an id says what it is. With the longest prefix an id has at most 32 characters, which is the limit of
//! the published clients.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The source of randomness. Injected, so that a test can repeat a run; production reads the operating system.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable data.
    fn fill(&self, bytes: &mut [u8]);
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const BODY: usize = 26;

/// The highest time that fits an id, in milliseconds.
const LAST_TIME: i64 = 0xFFFF_FFFF_FFFF;

fn random(entropy: &dyn Entropy) -> [u8; 10] {
    let mut random = [0_u8; 10];
    entropy.fill(&mut random);
    random
}

fn body(now: Timestamp, random: [u8; 10]) -> String {
    let time = u128::from(now.millis().clamp(0, LAST_TIME).cast_unsigned());
    let value = random.iter().fold(time, |acc, byte| acc << 8 | u128::from(*byte));
    text(value)
}

/// The body that follows in the order.
fn successor(body: &str) -> String {
    let place = |byte: u8| ALPHABET.iter().position(|known| *known == byte).unwrap_or_default() as u128;
    let value = body.bytes().fold(0_u128, |value, byte| value << 5 | place(byte)).saturating_add(1);
    text(value)
}

fn text(value: u128) -> String {
    (0..BODY).rev().map(|place| char::from(ALPHABET[(value >> (5 * place) & 31) as usize])).collect()
}

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} id must look like \"{prefix}\" followed by {BODY} lower-case letters and digits")]
pub struct InvalidId {
    /// What the id should have named.
    pub kind: &'static str,
    /// The prefix such an id starts with.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The prefix of ids of this kind.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, which sorts after those of earlier milliseconds.
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(format!("{}{}", $prefix, body(now, random(entropy))))
            }

            /// The first of all ids of a millisecond, in their order: to compare others with, not to name anything.
            pub fn first_at(at: Timestamp) -> Self {
                Self(format!("{}{}", $prefix, body(at, [0; 10])))
            }

            /// A new id that sorts after `last`, and so keeps the order of what one process makes within a millisecond.
            /// Where the clock went back by more than `tolerated` milliseconds, the order starts anew.
            pub fn after(last: Option<&Self>, now: Timestamp, tolerated: i64, entropy: &dyn Entropy) -> Self {
                let new = body(now, random(entropy));
                let end = body(Timestamp::from_millis(now.millis().saturating_add(tolerated)), [0xff; 10]);
                let body = match last {
                    Some(last) if last.body() >= new.as_str() && last.body() <= end.as_str() => successor(last.body()),
                    _ => new,
                };
                Self(format!("{}{body}", $prefix))
            }

            /// The id as it appears on the wire and in the database.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id without its prefix: 26 characters that sort by time of creation.
            pub fn body(&self) -> &str {
                &self.0[$prefix.len()..]
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix($prefix)
                    .filter(|rest| rest.len() == BODY && rest.bytes().all(|byte| ALPHABET.contains(&byte)))
                    .map(|_| Self(text.to_owned()))
                    .ok_or(InvalidId { kind: $kind, prefix: $prefix })
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A connected account.
    AccountId, "ca_", "connected account";
    /// A connection.
    ConnectionId, "conn_", "connection";
    /// An environment.
    EnvironmentId, "env_", "environment";
    /// An organization of the application's customers.
    OrganizationId, "org_", "organization";
    /// An API client.
    ClientId, "skc_", "API client";
    /// A secret of an API client.
    ClientSecretId, "sks_", "client secret";
    /// An API token.
    ApiTokenId, "tok_", "API token";
    /// An authorization link.
    LinkId, "lnk_", "authorization link";
    /// One attempt at authorization: the OAuth leg between our page and the callback.
    FlowId, "flw_", "authorization flow";
    /// A verification of the user who authorized.
    VerificationId, "ver_", "user verification";
    /// A revocation of tokens at their provider.
    RevocationId, "rvk_", "revocation";
    /// An operation on many accounts.
    BulkOperationId, "bulk_", "bulk operation";
    /// A journal event.
    EventId, "evt_", "event";
    /// A key that signs the tokens we issue.
    SigningKeyId, "key_", "signing key";
    /// A session of an operator in a browser.
    SessionId, "ses_", "operator session";
    /// One execution of a tool or one proxied call.
    ExecutionId, "exec_", "execution";
    /// One request to this server, in logs and error answers.
    RequestId, "req_", "request";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[test]
    fn ids_fit_32_characters_and_sort_by_time() {
        let entropy = Counting(250.into());
        let ids: Vec<_> = (0..10)
            .map(|ms| ConnectionId::new(Timestamp::from_millis(1_700_000_000_000 + ms), &entropy))
            .collect();
        assert!(ids.is_sorted());
        assert!(
            ids.iter()
                .all(|id| id.as_str().len() <= 32 && id.as_str().parse::<ConnectionId>().as_ref() == Ok(id))
        );
    }

    #[test]
    fn ids_of_one_process_sort_as_they_were_made() {
        let entropy = Counting(0.into());
        let steps = [0, 0, 0, 1, 0, 7, 5, 5, 9];
        let mut made: Vec<EventId> = vec![];
        for step in steps.iter().cycle().take(600) {
            let now = Timestamp::from_millis(1_700_000_000_000 + step);
            made.push(EventId::after(made.last(), now, 10, &entropy));
        }
        assert!(made.is_sorted_by(|left, right| left < right));
        let earlier = EventId::after(made.last(), Timestamp::from_millis(1_600_000_000_000), 10, &entropy);
        assert!(earlier < made[0]);
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = AccountId::new(Timestamp::EPOCH, &Counting(0.into()));
        assert!(id.as_str().parse::<ConnectionId>().is_err());
        assert!("ca_' OR 1=1".parse::<AccountId>().is_err());
    }
}
