//! What an account is found by: its identifier and e-mail address, and the rest of each from the start of every word.
//!
//! With `jane.doe@example.com` come `doe@example.com`, `example.com` and `com`, so that the start of any word finds
//! the account, and more of the text narrows it down.

use std::collections::BTreeSet;

use super::Account;
use crate::{
    Result, Stmt, Tx,
    sql::{args, statements},
};

/// The longest term, in characters. A longer query finds by its start.
pub(super) const LONGEST: usize = 64;

/// The most terms of one text.
const MOST: usize = 8;

macro_rules! add {
    ($rows:literal) => {
        concat!("INSERT INTO account_terms (environment_id, account_id, term, connection_id) ", $rows)
    };
}

statements! { "account::terms";
    read OF_ACCOUNT = "SELECT term FROM account_terms WHERE environment_id = $1 AND account_id = $2";
    write ADD = add!("VALUES ($1, $2, $3, $4)");
    write REMOVE = "DELETE FROM account_terms WHERE environment_id = $1 AND account_id = $2 AND term = $3";
}

const ADD_ALL: Stmt = Stmt::many(
    "account::terms::ADD_ALL",
    add!("VALUES ($1, $2, $3, $4)"),
    add!(
        "SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
         FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON))"
    ),
);

pub(super) const MORE_STATEMENTS: &[&Stmt] = &[&ADD_ALL];

/// The form in which terms and queries are compared: trimmed, in lower case, at most [`LONGEST`] characters.
pub(super) fn fold(text: &str) -> String {
    text.trim().to_lowercase().chars().take(LONGEST).collect()
}

/// Sorts after every text that it is added to.
const LAST: char = '\u{10FFFF}';

/// Where the terms that start with `query` begin, and where they have ended.
pub(super) fn range(query: &str) -> (String, String) {
    let first = fold(query);
    let end = format!("{first}{LAST}");
    (first, end)
}

fn add_terms(terms: &mut BTreeSet<String>, text: &str) {
    let text = text.trim().to_lowercase();
    let mut after_word = false;
    let starts = text.char_indices().filter(|(at, c)| {
        let starts = c.is_alphanumeric() && !after_word;
        after_word = c.is_alphanumeric();
        starts || *at == 0
    });
    terms.extend(starts.take(MOST).map(|(at, _)| fold(&text[at..])));
}

/// The terms of an account.
fn terms(row: &Account) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    add_terms(&mut terms, &row.identifier);
    let metadata = serde_json::from_str::<serde_json::Value>(&row.metadata).unwrap_or_default();
    if let Some(email) = metadata["user_email"].as_str() {
        add_terms(&mut terms, email);
    }
    terms.retain(|term| !term.is_empty());
    terms
}

/// Writes the terms of a new account.
pub(super) async fn insert(tx: &mut Tx, row: &Account) -> Result<()> {
    for term in terms(row) {
        tx.execute(&ADD, args![&row.environment_id, &row.id, term, &row.connection_id]).await?;
    }
    Ok(())
}

/// Writes the terms of new accounts.
pub(super) async fn insert_all(tx: &mut Tx, rows: impl Iterator<Item = &Account>) -> Result<()> {
    let added = rows.flat_map(|row| {
        terms(row).into_iter().map(move |term| args![&row.environment_id, &row.id, term, &row.connection_id])
    });
    tx.execute_many(&ADD_ALL, added.collect()).await
}

/// Brings the terms of an account up to date.
pub(super) async fn update(tx: &mut Tx, row: &Account) -> Result<()> {
    let found = tx.list(&OF_ACCOUNT, args![&row.environment_id, &row.id], |row| row.text("term")).await?;
    let (stored, wanted) = (found.into_iter().collect::<BTreeSet<_>>(), terms(row));
    for term in stored.difference(&wanted) {
        tx.execute(&REMOVE, args![&row.environment_id, &row.id, term]).await?;
    }
    for term in wanted.difference(&stored) {
        tx.execute(&ADD, args![&row.environment_id, &row.id, term, &row.connection_id]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut terms = BTreeSet::new();
        add_terms(&mut terms, text);
        terms.into_iter().collect()
    }

    #[test]
    fn each_word_starts_a_term_that_reaches_to_the_end() {
        assert_eq!(of("Jane.DOE@x.io"), ["doe@x.io", "io", "jane.doe@x.io", "x.io"]);
        assert_eq!(of("user_123"), ["123", "user_123"]);
        assert_eq!(of("_ab"), ["_ab", "ab"]);
        assert_eq!(of("Émile Żak"), ["émile żak", "żak"]);
    }

    #[test]
    fn an_empty_text_has_no_terms_and_a_long_one_few_short_ones() {
        assert_eq!(of("  "), Vec::<String>::new());
        let terms = of(&"word ".repeat(100));
        assert!(terms.len() <= MOST && terms.iter().all(|term| term.chars().count() <= LONGEST));
    }
}
