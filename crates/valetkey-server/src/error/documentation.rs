//! The pages of `docs/errors` say what the server answers. `UPDATE_DOCS=1` writes their tables anew.

use std::{fs, path::PathBuf};

use valetkey_core::error_code::{Dialect, ErrorCode};

use super::{grpc_code, wire};

const HEAD: &str = "| gRPC code | HTTP status | `scalekit.v1` | `valetkey.v1` |";

/// The name of a gRPC code as its specification writes it.
fn grpc_name(code: tonic::Code) -> String {
    let camel = format!("{code:?}");
    let parts = camel.char_indices().flat_map(|(at, letter)| {
        let underscore = (at > 0 && letter.is_uppercase()).then_some('_');
        underscore.into_iter().chain([letter.to_ascii_uppercase()])
    });
    parts.collect()
}

/// The row that belongs to a code.
fn row(code: ErrorCode) -> String {
    let [older, ours] =
        [Dialect::Scalekit, Dialect::Valetkey].map(|dialect| code.in_dialect(dialect).as_str());
    let (grpc, http) = if code == ErrorCode::ToolError {
        ("by the status of the provider".to_owned(), "see below".to_owned())
    } else {
        let code = grpc_code(code);
        (grpc_name(code), wire::http_status(code).as_u16().to_string())
    };
    format!("| {grpc} | {http} | `{older}` | `{ours}` |")
}

/// The page with the right row in its first table.
fn corrected(text: &str, row: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let table = lines.iter().position(|line| line.starts_with("| gRPC code |"));
    if let Some(at) = table {
        lines.splice(at..at + 3, [HEAD, "|---|---|---|---|", row]);
    }
    lines.join("\n") + "\n"
}

#[test]
fn each_page_of_an_error_has_its_codes_and_status_in_each_dialect() {
    for &code in ErrorCode::ALL {
        let file =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/errors/{}.md", code.as_str()));
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let right = corrected(&text, &row(code));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&file, &right).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        } else {
            assert_eq!(text, right, "{} has drifted", file.display());
        }
    }
}

#[test]
fn published_clients_get_only_codes_that_they_know() {
    for &code in ErrorCode::ALL {
        let older = code.in_dialect(Dialect::Scalekit);
        assert_eq!(grpc_code(older), grpc_code(code), "{}", code.as_str());
    }
}
