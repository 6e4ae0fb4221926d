//! The story that `valetkey demo` tells: what an application, its user and a provider do, each over the network.

mod rest;
mod story;

pub use story::{Place, tell};
