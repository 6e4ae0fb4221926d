//! The command line: one file per noun. To add a verb, add it to the noun's file.

mod config;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::{Failure, print};

/// Keeps the OAuth tokens and API keys of an AI agent's users, and hands them out to the application only.
#[derive(Debug, Parser)]
#[command(name = "valetkey", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check and explain the configuration.
    #[command(subcommand)]
    Config(config::Config),
    /// Print the version.
    Version,
}

/// Runs the command of this process's arguments.
pub fn run() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Config(command) => command.run(),
            Self::Version => print(concat!("valetkey ", env!("CARGO_PKG_VERSION"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_coherent() {
        Cli::command().debug_assert();
    }
}
