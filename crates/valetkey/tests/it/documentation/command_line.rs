//! The reference of the command line is what the commands say.

use std::fmt::Write as _;

use crate::valetkey::{out, repository};

const PAGE: &str = "docs/reference/command-line.md";

#[test]
fn the_reference_of_the_command_line_is_what_each_command_says() {
    let mut page = "# Command line\n\n<!-- Written by a test: `UPDATE_DOCS=1 cargo nextest run -p valetkey command_line`. -->\n\n\
                    Every command of `valetkey`, as `--help` shows it.\n"
        .to_owned();
    describe(&[], &mut page);
    let file = repository().join(PAGE);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == page, "{PAGE} has drifted; UPDATE_DOCS=1 writes it anew");
}

/// Writes what a command says, and then its subcommands.
fn describe(command: &[&str], page: &mut String) {
    let said = out(&[command, &["--help"]].concat());
    let lines: Vec<&str> = said.lines().map(str::trim_end).collect();
    let words = [&["valetkey"], command].concat().join(" ");
    write!(page, "\n## {words}\n\n```text\n{}\n```\n", lines.join("\n").trim_end()).unwrap();
    let listed =
        lines.iter().skip_while(|line| **line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        describe(&[command, &[name]].concat(), page);
    }
}
