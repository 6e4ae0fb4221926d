//! The log of calls to providers, and what is counted in it.

mod batches;
mod filters;
mod overview;
mod retention;
pub(crate) mod support;
mod uses;
