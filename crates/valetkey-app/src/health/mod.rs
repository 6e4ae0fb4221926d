//! How well accounts work and what they are used for, counted in the journal and beside the log of calls.

mod read;
mod usage;

pub use read::{AccountHealth, AuthenticationHealth, CallCount};
pub use usage::{AccountUsage, UsageQuery};
pub use valetkey_store::tool_call::{DayCount, ToolCount};
