//! The wire: the gate, the transcoder and the `OpenAPI` document in front of small services that record and echo.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod bindings;
mod equivalence;
mod gate;
mod harness;
mod json;
mod openapi;
mod rest;
mod rules;
mod services;
