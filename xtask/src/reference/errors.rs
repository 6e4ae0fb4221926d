//! The table of all error codes, from their pages.

use std::{fs, path::Path};

use super::{
    Outcome, Pages, files,
    text::{GENERATED, first_sentence, inline, table},
};

/// The page that lists the errors.
pub(super) fn page(folder: &Path) -> Outcome<Pages> {
    let mut rows = Vec::new();
    for file in files(folder)? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name == "README" || file.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&file)?;
        let mut paragraphs = text.split("\n\n").skip(1);
        let about = inline(paragraphs.next().unwrap_or_default());
        let codes: Vec<String> =
            codes(&text).ok_or_else(|| format!("{} has no table of codes", file.display()))?;
        rows.push(
            [vec![format!("[`{name}`]({name}.md)")], codes, vec![first_sentence(&about).to_owned()]].concat(),
        );
    }
    let text = format!(
        "# Error codes\n\n{GENERATED}\n\
         Every error has a code that does not change. The message says what failed, with what, and what to do next; \
         programs decide by the code, and treat one that they do not know as they treat its HTTP status.\n\n\
         Below `/v1/connect` the JSON answer is one flat object: `code`, `message`, `reason` (why the account is in its \
         state, where that is the cause), `next_action`, `request_id` and `details` (the fields at fault). Everywhere else \
         it is a `google.rpc.Status` with the code in `details[0].error_code`. Over gRPC the code is in `ErrorInfo` of the \
         status, and for `valetkey.v1` in `ErrorAnswer` too. Clients of `scalekit.v1` know fewer codes: the table has the \
         name of each error in both.\n\n{}",
        table(&["code", "gRPC", "HTTP", "`scalekit.v1`", "`valetkey.v1`", "what happened"], rows)
    );
    Ok(Pages::from([("errors/README.md".to_owned(), text.trim_end().to_owned() + "\n")]))
}

/// gRPC code, HTTP status and the name in each dialect: the first row of the page's first table.
fn codes(text: &str) -> Option<Vec<String>> {
    let row = text.lines().skip_while(|line| !line.starts_with("|---")).nth(1)?;
    Some(row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
}
