//! The command line: one file per noun. To add a verb, add it to the noun's file.

mod account;
mod client;
mod config;
mod connection;
mod connector;
mod demo;
mod dev;
mod docs;
mod doctor;
mod environment;
mod installation;
mod link;
mod migrate;
mod openapi;
mod operator;
mod output;
mod permissions;
mod serve;
mod test_provider;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use output::{Failure, print};

/// Keeps the OAuth tokens and API keys of an AI agent's users, and hands them out to the application only.
#[derive(Debug, Parser)]
#[command(name = "valetkey", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole story once in the terminal, on a throw-away database.
    Demo(demo::Demo),
    /// Start a server for a developer on this machine, with everything ready.
    Dev(dev::Dev),
    /// Start the server.
    Serve(serve::Serve),
    /// Check and explain the configuration.
    #[command(subcommand)]
    Config(config::Config),
    /// API clients: the applications that call this server.
    #[command(subcommand)]
    Client(client::Client),
    /// Environments: separate sets of clients, connections and accounts.
    #[command(subcommand)]
    Environment(environment::Environment),
    /// Connections: a connector with the settings of one environment.
    #[command(subcommand)]
    Connection(connection::Connection),
    /// Connector definitions.
    #[command(subcommand)]
    Connector(connector::Connector),
    /// Connected accounts.
    #[command(subcommand)]
    Account(account::Account),
    /// Find out what is wrong, and what to do.
    #[command(subcommand)]
    Doctor(doctor::Doctor),
    /// Authorization links.
    #[command(subcommand)]
    Link(link::Link),
    /// Operators in a browser.
    #[command(subcommand)]
    Operator(operator::Operator),
    /// API tokens: long-lived bearer tokens for scripts and servers.
    #[command(subcommand)]
    Token(token::Token),
    /// Start an OAuth provider that misbehaves on demand, for tests of any application.
    TestProvider(test_provider::TestProviderAlone),
    /// Bring the database to the schema of this version.
    Migrate(migrate::Migrate),
    /// Print the OpenAPI document of the REST API.
    Openapi,
    /// Write the documentation as a site of static files. A running server has it at `/docs`.
    Docs(docs::Docs),
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
            Self::Demo(command) => command.run(),
            Self::Dev(command) => command.run(),
            Self::Serve(command) => command.run(),
            Self::Config(command) => command.run(),
            Self::Client(command) => command.run(),
            Self::Environment(command) => command.run(),
            Self::Connection(command) => command.run(),
            Self::Connector(command) => command.run(),
            Self::Account(command) => command.run(),
            Self::Doctor(command) => command.run(),
            Self::Link(command) => command.run(),
            Self::Operator(command) => command.run(),
            Self::Token(command) => command.run(),
            Self::TestProvider(command) => command.run(),
            Self::Migrate(command) => command.run(),
            Self::Openapi => openapi::run(),
            Self::Docs(command) => command.run(),
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
