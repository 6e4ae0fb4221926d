//! What a command writes: results to standard output, complaints to standard error.

use std::io::{self, ErrorKind, Write};

use serde_json::{Map, Value};
use valetkey_core::Timestamp;

use crate::config::ConfigError;

/// Why a command did not do its work, in words for the person at the terminal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<valetkey_app::Error> for Failure {
    fn from(error: valetkey_app::Error) -> Self {
        // The operator owns the server, so the cause is no secret here.
        Self(match &error.source {
            Some(cause) => format!("{error}: {cause}"),
            None => error.message,
        })
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

/// Writes a line. A reader that has gone away, such as `head`, is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes why a command failed.
pub fn complain(failure: &Failure) {
    for line in failure.0.lines() {
        // There is nowhere left to report a failure to.
        let _ = writeln!(io::stderr(), "error: {line}");
    }
}

/// Writes what the person at the terminal should know and a program that reads the result should not.
pub fn note(text: &str) {
    // There is nowhere left to report a failure to.
    let _ = writeln!(io::stderr(), "{text}");
}

/// A time in a table, where there is one.
pub fn time(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// How a list is written.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Format {
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

impl Format {
    /// Whether a program reads it.
    pub const fn is_json(self) -> bool {
        self.json
    }
}

/// Writes a value for a program.
pub fn print_json(value: &Value) -> Result<(), Failure> {
    print(&format!("{value:#}"))
}

/// Writes one thing: a line per field, or an object.
pub fn record(fields: &[(&str, &str)], format: Format) -> Result<(), Failure> {
    if format.json {
        let object = fields.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value)));
        return print(&format!("{:#}", Value::Object(object.collect())));
    }
    let width = fields.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
    let lines: Vec<String> =
        fields.iter().map(|(key, value)| format!("{key:width$}  {value}").trim_end().to_owned()).collect();
    print(&lines.join("\n"))
}

/// A list of things, of which each has the same columns.
pub struct Table<const N: usize> {
    columns: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table with these columns. Their names are also the keys of the JSON form.
    pub fn new(columns: [&'static str; N], rows: impl IntoIterator<Item = [String; N]>) -> Self {
        Self { columns, rows: rows.into_iter().collect() }
    }

    /// Writes the table.
    pub fn print(&self, format: Format) -> Result<(), Failure> {
        print(&if format.json { self.json() } else { self.text() })
    }

    fn json(&self) -> String {
        let object = |row: &[String; N]| {
            let values =
                self.columns.iter().zip(row).map(|(key, value)| ((*key).to_owned(), value.as_str().into()));
            Value::Object(values.collect::<Map<_, _>>())
        };
        format!("{:#}", Value::Array(self.rows.iter().map(object).collect()))
    }

    fn text(&self) -> String {
        let header = self.columns.map(|column| column.to_uppercase().replace('_', " "));
        let mut widths = [0; N];
        for row in std::iter::once(&header).chain(&self.rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |row: &[String; N]| {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        let lines: Vec<String> = std::iter::once(&header).chain(&self.rows).map(line).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_a_table_for_people_and_objects_for_programs() {
        let table = Table::new(["id", "created_at"], [["a".into(), "1".into()], ["bcd".into(), "2".into()]]);
        assert_eq!(table.text(), "ID   CREATED AT\na    1\nbcd  2");
        assert_eq!(
            table.json().parse::<Value>().unwrap_or_default(),
            serde_json::json!([{ "id": "a", "created_at": "1" }, { "id": "bcd", "created_at": "2" }])
        );
    }
}
