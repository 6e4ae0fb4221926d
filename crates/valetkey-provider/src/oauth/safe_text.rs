//! Text of a provider, made safe to store, log and show.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use valetkey_core::Secret;

/// The longest text that is kept, in characters.
const MAX_CHARS: usize = 200;
/// A word of this many characters with a digit may be a token.
const TOKEN_LIKE: usize = 20;
const REMOVED: &str = "[removed]";

/// Printable, short, without known secrets in any spelling and without words that look like tokens; `None` where nothing
/// is left.
pub(crate) fn safe_text(text: &str, secrets: &[&Secret]) -> Option<String> {
    let mut text: String = text.chars().take(16 * MAX_CHARS).collect();
    for secret in secrets.iter().map(|secret| secret.expose()).filter(|secret| secret.len() >= 4) {
        text = without(&text, secret);
        for encoded in in_base64(secret) {
            text = text.replace(&encoded, REMOVED);
        }
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

/// `text` without `secret`, be that plain or percent-encoded, in part or as a whole.
fn without(text: &str, secret: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let found =
            [true, false].into_iter().find_map(|plain| spelled(rest.as_bytes(), secret.as_bytes(), plain));
        if found.is_some() {
            out.push_str(REMOVED);
        } else {
            out.push(first);
        }
        rest = rest.get(found.unwrap_or(first.len_utf8())..).unwrap_or_default();
    }
    out
}

/// How many bytes at the beginning of `text` are `secret`. Where a percent sign of the secret could be one of the text
/// or the beginning of `%25`, `plain` decides.
fn spelled(text: &[u8], secret: &[u8], plain: bool) -> Option<usize> {
    let mut at = 0;
    for byte in secret {
        let here = text.get(at)?;
        let same = here == byte || (*byte, *here) == (b' ', b'+');
        let encoded = text.get(at..at + 3).and_then(percent_decoded) == Some(*byte);
        at += match (same, encoded) {
            (true, true) if plain => 1,
            (_, true) => 3,
            (true, false) => 1,
            (false, false) => return None,
        };
    }
    Some(at)
}

fn percent_decoded(three: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(three.strip_prefix(b"%")?).ok()?;
    u8::from_str_radix(digits, 16).ok()
}

/// What base64 makes of `secret`, wherever it begins in what is encoded, without the characters that depend on what is
/// before and after it. What is shorter than a secret would be is left out.
fn in_base64(secret: &str) -> impl Iterator<Item = String> {
    (0..3).flat_map(move |begin| {
        let bytes = [&[0; 2][..begin], secret.as_bytes()].concat();
        let (first, whole) = ((begin * 8).div_ceil(6), bytes.len() * 8 / 6);
        [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)]
            .into_iter()
            .filter_map(move |text| text.get(first..whole).map(ToOwned::to_owned))
    })
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

    #[test]
    fn t77_a_secret_is_removed_in_every_spelling() {
        let secret = "a/b+c%d e:secret";
        for spelling in [
            secret,
            "a%2Fb%2Bc%25d+e%3Asecret",
            "a%2fb%2bc%25d%20e%3asecret",
            "a/b%2Bc%d%20e:secret",
            "%61%2F%62%2B%63%25%64%20%65%3A%73%65%63%72%65%74",
        ] {
            let said = safe_text(&format!("given ({spelling})"), &[&Secret::from(secret)]);
            assert_eq!(said.as_deref(), Some("given ([removed])"), "{spelling}");
        }
        for before in ["", "x", "id", "id:"] {
            let encoded = STANDARD_NO_PAD.encode(format!("{before}secret-words:{before}"));
            let said = safe_text(&format!("given {encoded}"), &[&Secret::from("secret-words")]);
            assert!(said.is_some_and(|said| said.contains(REMOVED)), "{encoded}");
        }
    }

    proptest! {
        #[test]
        fn text_without_a_secret_is_left_alone(text in "[a-z% +]{0,60}", secret in "[A-Z]{4,10}") {
            prop_assert_eq!(without(&text, &secret), text);
        }

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
