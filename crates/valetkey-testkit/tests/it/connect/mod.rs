//! The accounts API below `/v1/connect`: one module for each area.

mod authorization;
mod links;
mod steps;
mod tokens;
