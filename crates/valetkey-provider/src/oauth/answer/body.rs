//! From bytes to a document.

use http::header::{CONTENT_TYPE, SET_COOKIE};
use serde_json::Value;
use url::form_urlencoded;
use valetkey_core::connector::AnswerFormat;

use super::{super::error::Unusable, RawAnswer, xml};

/// The body as a document. Parameters of a form become texts of an object; a body that is the token becomes the
/// value at the place where an access token is looked for by default.
pub(in super::super) fn document(format: AnswerFormat, answer: &RawAnswer<'_>) -> Result<Value, Unusable> {
    match format {
        AnswerFormat::Auto => automatic(answer, text(answer)?),
        AnswerFormat::Json => json(text(answer)?),
        AnswerFormat::Form => Ok(form(text(answer)?)),
        AnswerFormat::Text => Ok(serde_json::json!({ "access_token": text(answer)? })),
        AnswerFormat::Cookies => Ok(cookies(answer)),
        AnswerFormat::Xml => markup(answer),
        AnswerFormat::Message => Ok(message(answer)),
    }
}

/// Headers, cookies, and the body where it can be read.
fn message(answer: &RawAnswer<'_>) -> Value {
    let body = text(answer).and_then(|text| automatic(answer, text)).or_else(|_| markup(answer));
    let named = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        Some((name.as_str().to_owned(), Value::from(value.to_str().ok()?)))
    };
    let headers: serde_json::Map<_, _> = answer.headers.iter().filter_map(named).collect();
    let cookies = cookies(answer);
    let pairs = cookies.as_object().into_iter().flatten();
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    let mut message =
        serde_json::json!({ "headers": headers, "cookie": pairs.join("; "), "cookies": cookies });
    if let Ok(body) = body {
        message["body"] = body;
    }
    message
}

/// The body as XML.
fn markup(answer: &RawAnswer<'_>) -> Result<Value, Unusable> {
    let text = std::str::from_utf8(answer.body).map_err(|_| Unusable::NotReadable("XML"))?;
    if is_html(answer, text.trim()) { Err(Unusable::Html) } else { xml::document(text) }
}

/// The body as text; markup is never an answer.
fn text<'a>(answer: &RawAnswer<'a>) -> Result<&'a str, Unusable> {
    let text = std::str::from_utf8(answer.body).map_err(|_| Unusable::NotReadable("text"))?.trim();
    if !text.starts_with('<') {
        return Ok(text);
    }
    Err(if is_html(answer, text) { Unusable::Html } else { Unusable::NotReadable("JSON or a form") })
}

fn is_html(answer: &RawAnswer<'_>, text: &str) -> bool {
    let start = text.get(..14).unwrap_or(text).to_ascii_lowercase();
    media_type(answer) == "text/html" || start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn automatic(answer: &RawAnswer<'_>, text: &str) -> Result<Value, Unusable> {
    let media = media_type(answer);
    if media == "application/json" || media.ends_with("+json") {
        return json(text);
    }
    if media == "text/html" && !text.starts_with('{') {
        return Err(Unusable::Html);
    }
    if media == "application/x-www-form-urlencoded" {
        return Ok(form(text));
    }
    if text.starts_with(['{', '[', '"']) {
        return json(text);
    }
    let pairs = !text.contains(char::is_whitespace) && text.split('&').all(|pair| pair.contains('='));
    if pairs { Ok(form(text)) } else { Err(Unusable::NotReadable("JSON or a form")) }
}

fn media_type(answer: &RawAnswer<'_>) -> String {
    let full = answer.header(CONTENT_TYPE);
    full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The cookies that the answer sets, without their attributes (RFC 6265 §5.2).
fn cookies(answer: &RawAnswer<'_>) -> Value {
    let pair = |text: &str| {
        let (name, value) = text.split(';').next()?.split_once('=')?;
        Some((name.trim().to_owned(), Value::String(value.trim().trim_matches('"').to_owned())))
    };
    let lines = answer.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.filter_map(pair).collect::<serde_json::Map<_, _>>().into()
}

fn json(text: &str) -> Result<Value, Unusable> {
    serde_json::from_str(text).map_err(|_| Unusable::NotReadable("JSON"))
}

fn form(text: &str) -> Value {
    form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
