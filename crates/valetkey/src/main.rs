//! The `valetkey` command: a server that keeps the OAuth tokens and API keys of an AI agent's users.

#![allow(
    unreachable_pub,
    reason = "nothing of a binary can be reached from outside; `pub` marks what a module offers its siblings"
)]

mod cli;
mod config;
mod definitions;
mod demo;
mod dev;
mod files;
mod open;
mod run;
mod system;
mod telemetry;

use std::process::ExitCode;

/// A proxied call allocates in one thread what another frees, at which this allocator is good (docs/adr/0002).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
