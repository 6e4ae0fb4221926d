//! Using a credential: read it fresh, from memory where it was read a moment ago, and record every use.

mod snapshot;
mod usable;
mod uses;

pub use snapshot::Snapshot;
pub(crate) use snapshot::Snapshots;
pub use usable::{Usable, Wanted};
