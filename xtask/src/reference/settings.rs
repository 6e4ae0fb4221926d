//! The reference of the settings, from `valetkey.default.toml`, which the program writes.

use std::{fmt::Write as _, fs, path::Path};

use super::{
    Outcome, Pages,
    text::{GENERATED, code, inline, table},
};

/// The page of all settings.
pub(super) fn page(file: &Path) -> Outcome<Pages> {
    let mut page = format!(
        "# Settings\n\n{GENERATED}\n\
         Every setting with its variable. A value marked *such as* is an example: the setting has no default. \
         [Configure](../how-to/configure.md) says where settings come from and what production needs.\n\n"
    );
    let (mut about, mut rows): (Vec<String>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
    for line in fs::read_to_string(file)?.lines() {
        if let Some(section) = line.strip_prefix('[') {
            page.push_str(&table(HEADS, std::mem::take(&mut rows)));
            write!(page, "## {}\n\n{}\n\n", section.trim_end_matches(']'), inline(&about.join(" ")))?;
            about.clear();
        } else if let Some((key, value)) = setting(line, !about.is_empty()) {
            let variable = about.pop_if(|line| line.starts_with("VALETKEY_")).unwrap_or_default();
            rows.push(vec![code(key), value, code(&variable), inline(&about.join(" "))]);
            about.clear();
        } else if let Some(comment) = line.strip_prefix('#') {
            about.push(comment.trim().to_owned());
        } else {
            about.clear();
        }
    }
    page.push_str(&table(HEADS, rows));
    Ok(Pages::from([("reference/settings.md".to_owned(), page.trim_end().to_owned() + "\n")]))
}

const HEADS: &[&str] = &["setting", "default", "variable", "meaning"];

/// Key and value of a line, which is a comment where the value is an example. Only a line that follows its variable is a
/// setting, so that prose with an equals sign is not.
fn setting(line: &str, described: bool) -> Option<(&str, String)> {
    let (line, example) = match line.strip_prefix("# ") {
        Some(line) => (line, true),
        None => (line, false),
    };
    let (key, value) = line.split_once(" = ").filter(|_| described)?;
    let plain = key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let value = if example { format!("*such as* {}", code(value)) } else { code(value) };
    plain.then_some((key, value))
}
