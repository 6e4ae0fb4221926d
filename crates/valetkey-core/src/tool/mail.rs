//! An e-mail message (RFC 5322, MIME RFC 2045) from its parts.
//!
//! Who sends it, when, and the message id are left to the provider, which adds them. Texts are encoded in base64, so
//! that any character passes and no line is too long.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::RenderError;

/// The message for `parts`: `from`, `to`, `cc`, `bcc`, `reply_to` (a text or a list), `subject`, `in_reply_to`,
/// `references`, `text`, `html`, and `attachments` as a list of `name`, `type`, and `content` in base64.
pub(super) fn message(parts: &Value) -> Result<String, RenderError> {
    let mut out = String::new();
    for (header, name) in ADDRESSES {
        if let Some(value) = parts.get(name) {
            line(&mut out, header, &addresses(name, value)?);
        }
    }
    if let Some(subject) = text(parts, "subject") {
        line(&mut out, "Subject", &encoded_words(single_line("subject", subject)?));
    }
    for (header, name) in [("In-Reply-To", "in_reply_to"), ("References", "references")] {
        if let Some(value) = text(parts, name) {
            line(&mut out, header, single_line(name, value)?);
        }
    }
    line(&mut out, "MIME-Version", "1.0");
    out.push_str(&content(parts)?);
    Ok(out)
}

const ADDRESSES: [(&str, &str); 5] =
    [("From", "from"), ("To", "to"), ("Cc", "cc"), ("Bcc", "bcc"), ("Reply-To", "reply_to")];

fn text<'a>(parts: &'a Value, name: &str) -> Option<&'a str> {
    parts.get(name).and_then(Value::as_str)
}

fn line(out: &mut String, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        out.push_str(part);
    }
}

/// A header value has no line break: it could add a header.
fn single_line<'a>(name: &str, value: &'a str) -> Result<&'a str, RenderError> {
    if value.chars().any(char::is_control) {
        return Err(RenderError::Value {
            name: name.to_owned(),
            reason: "has a line break or control character",
        });
    }
    Ok(value)
}

fn addresses(name: &str, value: &Value) -> Result<String, RenderError> {
    let list: Vec<&str> = match value {
        Value::String(one) => vec![one.as_str()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let each = list.into_iter().map(|address| single_line(name, address).map(mailbox));
    Ok(each.collect::<Result<Vec<_>, _>>()?.join(", "))
}

/// An address, whose display name may have characters beyond ASCII.
fn mailbox(address: &str) -> String {
    match address.rsplit_once('<') {
        Some((name, rest)) if !name.is_ascii() => {
            format!("{} <{rest}", encoded_words(name.trim().trim_matches('"')))
        }
        _ => address.to_owned(),
    }
}

/// RFC 2047 encoded words of at most 75 characters, where the text needs them.
fn encoded_words(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let (mut words, mut word) = (Vec::new(), String::new());
    for character in text.chars() {
        if word.len() + character.len_utf8() > 45 {
            words.push(std::mem::take(&mut word));
        }
        word.push(character);
    }
    words.push(word);
    let words: Vec<String> =
        words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join("\r\n ")
}

fn content(parts: &Value) -> Result<String, RenderError> {
    let bodies: Vec<String> = [("text", "text/plain"), ("html", "text/html")]
        .into_iter()
        .filter_map(|(name, kind)| Some(leaf(kind, &STANDARD.encode(text(parts, name)?), None)))
        .collect();
    let attachments = parts.get("attachments").and_then(Value::as_array).into_iter().flatten();
    let attachments = attachments.map(attachment).collect::<Result<Vec<_>, _>>()?;
    let body = match bodies.len() {
        0 => leaf("text/plain", "", None),
        1 => bodies.concat(),
        _ => multipart("alternative", &bodies),
    };
    if attachments.is_empty() {
        return Ok(body);
    }
    Ok(multipart("mixed", &[vec![body], attachments].concat()))
}

fn attachment(given: &Value) -> Result<String, RenderError> {
    let wrong = |reason| RenderError::Value { name: "attachments".into(), reason };
    let name = single_line("attachments", text(given, "name").unwrap_or("attachment"))?;
    let kind = single_line("attachments", text(given, "type").unwrap_or("application/octet-stream"))?;
    let content = text(given, "content").ok_or_else(|| wrong("has an attachment without content"))?;
    let content: String = content.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    if STANDARD.decode(&content).is_err() {
        return Err(wrong("has an attachment that is not in base64"));
    }
    Ok(leaf(kind, &content, Some(name)))
}

/// One part with its headers; `content` is in base64.
fn leaf(kind: &str, content: &str, file: Option<&str>) -> String {
    let charset = if kind.starts_with("text/") && file.is_none() { "; charset=utf-8" } else { "" };
    let mut out = format!("Content-Type: {kind}{charset}\r\nContent-Transfer-Encoding: base64\r\n");
    if let Some(name) = file {
        let plain = name.replace(['"', '\\'], "_");
        let value = if plain.is_ascii() {
            format!("attachment; filename=\"{plain}\"")
        } else {
            // RFC 2231 §4, for names beyond ASCII.
            let coded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
            format!("attachment; filename*=UTF-8''{coded}")
        };
        line(&mut out, "Content-Disposition", &value);
    }
    out.push_str("\r\n");
    for row in content.as_bytes().chunks(76) {
        out.push_str(std::str::from_utf8(row).unwrap_or_default());
        out.push_str("\r\n");
    }
    out
}

/// Parts within a boundary that none of them contains: all content is in base64, which has no underscore.
fn multipart(subtype: &str, parts: &[String]) -> String {
    let boundary = format!("_{subtype}_");
    let mut out = format!("Content-Type: multipart/{subtype}; boundary=\"{boundary}\"\r\n\r\n");
    for part in parts {
        for piece in ["--", &boundary, "\r\n", part] {
            out.push_str(piece);
        }
    }
    for piece in ["--", &boundary, "--\r\n"] {
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_plain_message_has_its_headers_and_its_text() {
        let found = message(&json!({"to": ["a@b.example", "c@d.example"], "subject": "Hi", "text": "Hello"}));
        assert_eq!(
            found.unwrap(),
            "To: a@b.example, c@d.example\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n"
        );
    }

    #[test]
    fn a_subject_beyond_ascii_is_encoded() {
        let found = message(&json!({"subject": "Grüße", "text": ""})).unwrap();
        assert!(found.starts_with("Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"), "{found}");
    }

    #[test]
    fn text_html_and_attachments_are_nested() {
        let attachment = json!({"name": "a.txt", "type": "text/plain", "content": "aGk="});
        let found = message(&json!({"text": "t", "html": "<p>", "attachments": [attachment]})).unwrap();
        assert!(found.contains("multipart/mixed") && found.contains("multipart/alternative"));
        assert!(found.contains("Content-Disposition: attachment; filename=\"a.txt\"\r\n\r\naGk="));
        assert!(found.ends_with("--_mixed_--\r\n"));
    }

    #[test]
    fn t73_a_line_break_cannot_add_a_header() {
        for parts in [json!({"subject": "a\r\nBcc: evil"}), json!({"to": "a@b.example\nBcc: evil"})] {
            assert!(message(&parts).is_err());
        }
    }
}
