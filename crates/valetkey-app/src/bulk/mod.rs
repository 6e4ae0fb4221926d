//! The same operation on many accounts.
//!
//! An operation and its items are written before the first item is touched. They are worked off in chunks, in a task of
//! their own, whoever waits for it; each chunk writes its results in the transaction that changes the accounts. A lease
//! says which process works on an operation, and background work goes on with one whose process is gone, so that each
//! item is done once and none is forgotten. Before each chunk it is asked whether the caller may still do it; where he may
//! not, what is left fails.

mod change;
mod chunk;
mod create;
mod failure;
mod flight;
mod item;
mod permitted;
mod read;
mod refresh;
mod start;

pub(crate) use flight::Flights;
pub use read::BulkResult;
pub use start::{BulkWork, CleanupAction};
pub use valetkey_store::bulk::Operation as BulkOperation;
