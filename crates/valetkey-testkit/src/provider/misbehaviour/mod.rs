//! What the test provider can do wrong.
//!
//! To add a misbehaviour, add it to the list in [`list`](self) of this folder and read it where the endpoint that it
//! concerns is answered.

mod catalogue;
mod list;
mod plan;
mod rule;

pub use catalogue::{Entry, UnknownMisbehaviour};
pub use list::Misbehaviour;
pub(super) use plan::{Plan, Rules};
pub use rule::Rule;

/// Where a misbehaviour shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// The way from the authorization endpoint back to the application.
    Callback,
    /// Pushed authorization requests.
    Pushed,
    /// A token request that begins a grant.
    Exchange,
    /// A token request that renews a grant.
    Refresh,
    /// The revocation endpoint.
    Revocation,
    /// The user information endpoint.
    Userinfo,
    /// The API.
    Api,
}
