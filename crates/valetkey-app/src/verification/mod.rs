//! User verification: the application confirms that the person who authorized is the one it meant.

mod parked;
mod verify;

pub(crate) use parked::{Parked, VerificationDetails, with_query};
pub use verify::Verified;
