//! The laws of keeping tokens fresh: what an outcome means, when the next attempt is due, and who may make it.
//!
//! The server and the model that checks the protocol call the same functions. Nothing here sends or stores anything.

mod law;
mod outcome;
mod protocol;
mod schedule;

pub use law::{Answer, Follow, follow, may_refresh};
pub use outcome::OutcomeClass;
pub use protocol::{
    Attempt, Claim, LEASE_SECONDS, Slot, TOKEN_TIMEOUT_SECONDS, claim, may_decide, may_store,
};
pub use schedule::{ASSUMED_LIFETIME_SECONDS, RefreshWindow, backoff, due};
