//! Using a credential: read it fresh, from memory where it was read a moment ago, and record every use.

mod memory;
mod snapshot;
mod usable;
mod uses;

pub(crate) use memory::Snapshots;
pub use snapshot::Snapshot;
pub use usable::{Usable, Wanted};
