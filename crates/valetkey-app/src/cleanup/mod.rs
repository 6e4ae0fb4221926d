//! Finding accounts that nobody needs any more, and cleaning them up.

mod check;
mod report;

pub use report::{CleanupCandidate, CleanupQuery};
