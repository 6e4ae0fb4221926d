//! Text of a provider, made safe to store, log and show.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use valetkey_core::Secret;

/// The longest text that is kept, in characters.
const MAX_CHARS: usize = 200;
/// A word of this many characters with a digit may be a token.
const TOKEN_LIKE: usize = 20;
const REMOVED: &str = "[removed]";

/// Printable, short, without known secrets and without words that look like tokens; `None` where nothing is left.
pub(crate) fn safe_text(text: &str, secrets: &[&Secret]) -> Option<String> {
    let mut text: String = text.chars().take(16 * MAX_CHARS).collect();
    for secret in secrets.iter().map(|secret| secret.expose()).filter(|secret| secret.len() >= 4) {
        let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        text = text.replace(secret, REMOVED).replace(&encoded, REMOVED);
    }
    let printable = text.chars().map(|c| if is_printable(c) { c } else { ' ' }).collect::<String>();
    let words: Vec<_> = printable.split_whitespace().map(without_tokens).collect();
    let mut short: String = words.join(" ").chars().take(MAX_CHARS + 1).collect();
    if short.chars().count() > MAX_CHARS {
        short.pop();
        short.push('…');
    }
    (!short.is_empty()).then_some(short)
}

/// An error code: letters, digits, `_`, `-`, `.` and blanks; `None` for anything else and for what holds a secret.
pub(crate) fn safe_code(code: &str, secrets: &[&Secret]) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
    let fine = (1..=64).contains(&code.len()) && code.chars().all(plain);
    (fine && safe_text(code, secrets).as_deref() == Some(code)).then(|| code.to_owned())
}

/// Neither a control character nor one that changes the direction of text.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// `word` with each run of token characters replaced that may be a token.
fn without_tokens(word: &str) -> String {
    let token_char = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let inside = token_char(first);
        let end = rest.find(|c| token_char(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let suspicious = inside && run.len() >= TOKEN_LIKE && run.bytes().any(|byte| byte.is_ascii_digit());
        out.push_str(if suspicious { REMOVED } else { run });
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_text_is_kept_and_control_characters_are_not() {
        let text = "The code\r\n has\u{202e} expired.\u{0}";
        assert_eq!(safe_text(text, &[]).as_deref(), Some("The code has expired."));
        assert_eq!(safe_text(" \n ", &[]), None);
        assert_eq!(safe_code("invalid_grant", &[]).as_deref(), Some("invalid_grant"));
        assert_eq!(safe_code("<script>", &[]), None);
    }

    #[test]
    fn secrets_and_token_like_words_are_removed() {
        let secret = Secret::from("s3cr:t");
        let text = "client s3cr:t (s3cr%3At) token ya29.a0AfH6SMBx1234567890 is bad";
        assert_eq!(
            safe_text(text, &[&secret]).as_deref(),
            Some("client [removed] ([removed]) token [removed] is bad")
        );
    }

    proptest! {
        #[test]
        fn safe_text_is_short_printable_and_without_the_secret(
            before in "\\PC{0,300}", secret in "[a-zA-Z0-9]{8,40}", after in ".{0,300}"
        ) {
            let known = Secret::from(secret.as_str());
            let safe = safe_text(&format!("{before}{secret}{after}"), &[&known]).unwrap_or_default();
            prop_assert!(safe.chars().count() <= MAX_CHARS + 1);
            prop_assert!(!safe.chars().any(char::is_control));
            prop_assert!(!safe.contains(&secret) || REMOVED.contains(&secret));
        }
    }
}
