//! The accounts API below `/v1/connect`: one module for each area.

mod authorization;
mod bulk;
mod idempotency;
mod keyed;
mod links;
mod steps;
mod tokens;
