//! The variables that the clients of a developer's server export, as a file that a shell can read.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::files;

/// Writes the variables, one `KEY='value'` line each, in their order.
pub fn write(path: &Path, variables: &[(&str, String)]) -> io::Result<()> {
    files::write_private(path, lines(variables).as_bytes())
}

/// The lines of the file.
pub fn lines(variables: &[(&str, String)]) -> String {
    variables.iter().fold(String::new(), |lines, (key, value)| lines + key + "=" + &quoted(value) + "\n")
}

/// Reads what [`write()`] wrote; empty where there is no such file.
pub fn read(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), unquoted(value))).collect()
}

/// Bare where a shell reads it as it stands, else in single quotes.
fn quoted(value: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&byte);
    if !value.is_empty() && value.bytes().all(bare) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

fn unquoted(text: &str) -> String {
    match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        Some(inner) => inner.replace(r"'\''", "'"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_means_the_same_to_a_shell() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dev.env");
        let values = ["plain", "with space", "it's", "$HOME `x` \"q\"", ""];
        for value in values {
            write(&path, &[("KEY", value.to_owned())]).unwrap();
            assert_eq!(read(&path)["KEY"], value);
            let script = format!(". {}; printf %s \"$KEY\"", path.display());
            let shell = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(shell.stdout).unwrap(), value);
        }
    }
}
