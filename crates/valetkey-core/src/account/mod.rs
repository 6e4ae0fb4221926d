//! The connected account: its state, why it is in it, what to do next, and the one function that changes it.

mod decide;
mod dialect;
mod event;
mod grant;
mod reason;
mod state;

pub use decide::{Decision, Effect, Refused, Situation, decide, shown};
pub use dialect::{LegacyStatus, WireStatus};
pub use event::AccountEvent;
pub use grant::{CredentialFacts, Grant};
pub use reason::{NextAction, Reason};
pub use state::State;
pub(crate) use state::stored_names;
