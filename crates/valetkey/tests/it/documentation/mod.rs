//! The documentation is true: its commands run, its links lead somewhere, its data parse.

mod command_line;
mod commands;
mod data;
mod links;
mod skill;
mod text;
