//! A call to a provider on behalf of an account, whoever makes it: a tool or the proxy.
//!
//! [`open`] gives what opens the API for an account, with a credential that works; [`limit`] holds an account to its
//! rate; what is kept of a call is a [`ToolCall`].

mod limit;
mod open;

pub(crate) use limit::RateLimits;
pub(crate) use open::{OpenCall, Way};
pub use valetkey_store::tool_call::ToolCall;
