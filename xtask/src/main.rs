//! Repository chores that need the workspace's own crates.
//!
//! `cargo xtask gen` writes the generated code of `valetkey-proto` from `proto/`, and the generated pages of `docs/`;
//! with `--check` it writes nothing and fails where the committed files differ. `cargo xtask budgets` measures the
//! source.

mod budgets;
mod generate;
mod reference;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- gen [--check] | budgets";

#[expect(clippy::print_stderr, reason = "the terminal is where a chore reports")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["budgets"] => budgets::check(),
        ["gen"] => generate::write().and_then(|pool| reference::write(&generate::root(), &pool)),
        ["gen", "--check"] => generate::check().and_then(|pool| reference::check(&generate::root(), &pool)),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
