//! The accounts API below `/v1/connect`: one module for each area.

mod accounts;
mod authorization;
mod bulk;
mod bulk_callers;
mod connections;
mod credential;
mod errors;
mod health;
mod idempotency;
mod keyed;
mod links;
mod metadata;
mod settings;
mod steps;
mod test_accounts;
mod tokens;
mod withheld;
