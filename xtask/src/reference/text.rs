//! Text as Markdown.

/// Says that a page is written by this program, for who opens the file.
pub(super) const GENERATED: &str = "<!-- Written by `cargo xtask gen`. -->\n";

/// Text of a comment as a part of a line: what would be markup outside of code is not.
pub(super) fn inline(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts = text.split('`').enumerate().map(|(at, part)| {
        let part = part.replace('|', "\\|");
        if at % 2 == 1 { part } else { part.replace('<', "\\<").replace('*', "\\*") }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// Text as code; nothing where it is empty.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", text.replace('|', "\\|")) }
}

/// A table without the columns that no row has anything in; nothing where it has no rows.
pub(super) fn table(heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let rows: Vec<Vec<String>> = rows.into_iter().collect();
    if rows.is_empty() {
        return String::new();
    }
    let used = |at: &usize| rows.iter().any(|row| row.get(*at).is_some_and(|cell| !cell.is_empty()));
    let columns: Vec<usize> = (0..heads.len()).filter(used).collect();
    let line = |cell: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = columns.iter().map(|at| cell(*at)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let head = line(&|at| heads[at].to_owned());
    let body: String = rows.iter().map(|row| line(&|at| row[at].clone())).collect();
    format!("{head}|{}\n{body}\n", "---|".repeat(columns.len()))
}

/// The first sentence.
pub(super) fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}
