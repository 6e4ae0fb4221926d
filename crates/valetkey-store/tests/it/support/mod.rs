//! What the tests share: a database for each test, and rows to fill it with.

pub(crate) mod database;
mod postgres;
pub(crate) mod row;
pub(crate) mod world;

pub(crate) use database::Database;
pub(crate) use row::{T0, hash, later, sealed};
pub(crate) use world::World;
