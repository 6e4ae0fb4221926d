//! Access tokens of our own: RS256 JWTs (RFC 7519) that API clients get with their credentials (RFC 6749 §4.4).

mod issue;
mod jwks;
mod signing_key;
mod verified;
mod verify;

pub use issue::IssuedToken;
pub(crate) use signing_key::SigningKeys;
pub use verify::Claims;
