//! A call to a provider on behalf of an account, whoever makes it: a tool or the proxy.
//!
//! `open` gives what opens the API for an account, with a credential that works; `limit` holds an account to its
//! rate; what is kept of a call is a [`ToolCall`].

mod limit;
mod list;
mod log;
mod open;
mod overview;
mod query;

pub(crate) use limit::RateLimits;
pub(crate) use log::CALLER_LEFT;
pub(crate) use open::{OpenCall, Way};
pub use overview::{CallCounts, Overview};
pub use query::CallQuery;
pub use valetkey_store::tool_call::ToolCall;
