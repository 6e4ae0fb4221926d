//! Keeping tokens fresh, as the owner of an account, its application and its operator see it.

mod client;
mod lifetime;
mod pauses;
mod refused;
mod scopes;
mod updates;
mod withdrawn;
pub(crate) mod world;
