//! A credential that a provider sends back does not reach the caller.
//!
//! Each spelling of a secret is searched for as the answer passes, and overwritten by as many asterisks, so that lengths
//! stay right. Only what may be the beginning of a secret is held back until more comes.

use std::sync::Arc;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, HeaderName,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use memchr::{memchr_iter, memmem};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;
use valetkey_core::Secret;

use crate::url_template::RESERVED;

/// Shorter texts are no secrets worth the name, and occur by chance.
const SHORTEST: usize = 8;

/// The secrets of a call, in all spellings that are searched for.
pub(crate) struct Spellings(Vec<Secret>);

impl Spellings {
    /// Plain, escaped for a URL or a form, escaped in JSON, and in base64 at any place of a longer text.
    pub(crate) fn of(secrets: &[Secret]) -> Self {
        let mut all: Vec<Secret> = Vec::new();
        let mut add = |text: String| {
            if text.len() >= SHORTEST && all.iter().all(|known| known.expose() != text) {
                all.push(text.into());
            }
        };
        for secret in secrets.iter().map(Secret::expose).filter(|text| text.len() >= SHORTEST) {
            let escaped = utf8_percent_encode(secret, RESERVED).to_string();
            add(secret.to_owned());
            add(with_lower_case_digits(&escaped));
            add(escaped);
            add(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string());
            add(form_urlencoded::byte_serialize(secret.as_bytes()).collect());
            let in_json = secret.replace('\\', "\\\\").replace('"', "\\\"");
            add(in_json.replace('/', "\\/"));
            add(in_json);
            for shift in 0..3 {
                add(in_base64(&STANDARD_NO_PAD, secret, shift));
                add(in_base64(&URL_SAFE_NO_PAD, secret, shift));
            }
        }
        // A part of a longer spelling must not be overwritten before the whole was found.
        all.sort_by_key(|text| std::cmp::Reverse(text.expose().len()));
        Self(all)
    }

    /// The same with what was made for one request.
    pub(super) fn with(self: &Arc<Self>, more: &[Secret]) -> Arc<Self> {
        if more.is_empty() {
            return self.clone();
        }
        let mut all = Self::of(more);
        all.0.extend_from_slice(&self.0);
        all.0.sort_by_key(|text| std::cmp::Reverse(text.expose().len()));
        Arc::new(all)
    }

    /// Removes the headers that have a secret in them.
    pub(crate) fn drop_from(&self, headers: &mut HeaderMap) {
        if !headers.values().any(|value| self.are_in(value.as_bytes())) {
            return;
        }
        let told: Vec<HeaderName> = headers
            .iter()
            .filter(|(_, value)| self.are_in(value.as_bytes()))
            .map(|(name, _)| name.clone())
            .collect();
        for name in told {
            headers.remove(name);
        }
    }

    /// Overwrites the secrets with asterisks.
    pub(crate) fn overwrite(&self, data: &mut [u8]) {
        for text in &self.0 {
            let text = text.expose().as_bytes();
            let mut from = 0;
            while let Some(at) = memmem::find(&data[from..], text) {
                data[from + at..from + at + text.len()].fill(b'*');
                from += at + text.len();
            }
        }
    }

    fn are_in(&self, data: &[u8]) -> bool {
        // Most headers are shorter than any secret.
        let texts = self.0.iter().map(|text| text.expose().as_bytes());
        let mut may_be_in = texts.filter(|text| text.len() <= data.len());
        may_be_in.any(|text| memmem::find(data, text).is_some())
    }

    /// Where the earliest ending of `data` starts that may be the beginning of a secret.
    fn undecided(&self, data: &[u8]) -> usize {
        let starts = self.0.iter().filter_map(|text| {
            let text = text.expose().as_bytes();
            let first = data.len().saturating_sub(text.len() - 1);
            let mut candidates = memchr_iter(text[0], &data[first..]).map(|at| first + at);
            candidates.find(|at| text.starts_with(&data[*at..]))
        });
        starts.min().unwrap_or(data.len())
    }
}

/// An escaped text with the hexadecimal digits of its escapes in lower case.
fn with_lower_case_digits(escaped: &str) -> String {
    let mut parts = escaped.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(2.min(part.len()));
        text.extend(["%", &digits.to_ascii_lowercase(), rest]);
    }
    text
}

/// Base64 of `secret` where it starts `shift` bytes after a group of three, without the characters that depend on what
/// stands around it.
fn in_base64(engine: &impl base64::Engine, secret: &str, shift: usize) -> String {
    let padded = [&b"\0\0"[..shift], secret.as_bytes()].concat();
    let whole = engine.encode(&padded);
    let start = (shift * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    whole[start..end].to_owned()
}

/// Passes a body on without the secrets.
pub(super) struct Scrubber {
    spellings: Arc<Spellings>,
    held: BytesMut,
}

impl Scrubber {
    /// For a body with these headers; `None` where it is not text, or compressed, and so not searched.
    pub(super) fn of(headers: &HeaderMap, spellings: Arc<Spellings>) -> Option<Self> {
        let plain = headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
        let text = headers.get(CONTENT_TYPE).is_none_or(|kind| may_be_text(kind.as_bytes()));
        (plain && text && !spellings.0.is_empty()).then(|| Self { spellings, held: BytesMut::new() })
    }

    /// What of the body can be passed on after `data` has come.
    pub(super) fn push(&mut self, data: Bytes) -> Bytes {
        let mut data = if self.held.is_empty() {
            let undecided = self.spellings.undecided(&data);
            if undecided == data.len() && !self.spellings.are_in(&data) {
                return data;
            }
            BytesMut::from(data)
        } else {
            self.held.extend_from_slice(&data);
            std::mem::take(&mut self.held)
        };
        self.spellings.overwrite(&mut data);
        let undecided = self.spellings.undecided(&data);
        self.held = data.split_off(undecided);
        data.freeze()
    }

    /// What is left at the end.
    pub(super) fn finish(&mut self) -> Bytes {
        std::mem::take(&mut self.held).freeze()
    }

    /// How many bytes are held back.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Removes the headers, or trailers, that have a secret in them.
    pub(super) fn drop_from(&self, headers: &mut HeaderMap) {
        self.spellings.drop_from(headers);
    }
}

fn may_be_text(content_type: &[u8]) -> bool {
    let kind = String::from_utf8_lossy(content_type).to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let binary = ["image/", "audio/", "video/", "font/"].iter().any(|start| kind.starts_with(start))
        || ["application/octet-stream", "application/pdf", "application/zip", "application/gzip"]
            .contains(&kind);
    !binary || kind.ends_with("xml")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use base64::Engine as _;
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "ya29.a0/Af_H6+SM~b=";

    fn scrubber() -> Scrubber {
        Scrubber::of(&HeaderMap::new(), Spellings::of(&[TOKEN.into()]).into()).unwrap()
    }

    /// The body after it has passed in pieces of these sizes, over and over.
    fn passed(body: &str, sizes: &[usize]) -> String {
        let (mut scrubber, mut rest, mut out) = (scrubber(), body.as_bytes(), Vec::new());
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            out.extend_from_slice(&scrubber.push(Bytes::copy_from_slice(piece)));
            rest = after;
        }
        out.extend_from_slice(&scrubber.finish());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn t77_every_spelling_of_a_secret_is_overwritten_by_as_many_asterisks() {
        let in_text = STANDARD_NO_PAD.encode(format!("x-token: {TOKEN} and more"));
        for spelling in [
            TOKEN,
            "ya29.a0%2FAf_H6%2BSM~b%3D",
            "ya29.a0%2fAf_H6%2bSM~b%3d",
            "ya29.a0%2FAf_H6%2BSM%7Eb%3D",
            r"ya29.a0\/Af_H6+SM~b=",
            &STANDARD_NO_PAD.encode(TOKEN),
            &URL_SAFE_NO_PAD.encode(TOKEN),
        ] {
            let hidden = "*".repeat(spelling.len());
            let shown = passed(&format!("<{spelling}><{spelling}>"), &[7]);
            // The last characters of base64 depend on what follows, and say nothing by themselves.
            let wanted = format!("<{hidden}><{hidden}>");
            let visible = shown.bytes().zip(wanted.bytes()).filter(|(shown, wanted)| shown != wanted);
            assert!(visible.count() <= 4, "{spelling}: {shown}");
            assert_eq!(shown.len(), 2 * spelling.len() + 4);
        }
        assert!(passed(&in_text, &[1000]).contains("*".repeat(20).as_str()));
    }

    #[test]
    fn an_event_is_not_held_back() {
        let mut scrubber = scrubber();
        for event in ["data: 1\n\n", "data: {\"y\": 2}\n\n"] {
            assert_eq!(scrubber.push(Bytes::copy_from_slice(event.as_bytes())), event);
        }
        assert_eq!(scrubber.push(Bytes::from_static(b"data: ya29")), "data: ");
        assert_eq!(scrubber.push(Bytes::from_static(b"x")), "ya29x");
        assert_eq!(scrubber.held(), 0);
    }

    #[test]
    fn bytes_that_are_no_text_and_texts_that_are_no_secrets_are_left_alone() {
        let headers = |name, value| HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        let secret = || Arc::new(Spellings::of(&[TOKEN.into()]));
        assert!(Scrubber::of(&headers(CONTENT_TYPE, "image/png"), secret()).is_none());
        assert!(Scrubber::of(&headers(CONTENT_ENCODING, "gzip"), secret()).is_none());
        assert!(Scrubber::of(&HeaderMap::new(), Spellings::of(&["X".into()]).into()).is_none());
        assert!(Scrubber::of(&headers(CONTENT_TYPE, "application/vnd.api+json"), secret()).is_some());
    }

    proptest! {
        #[test]
        fn t77_no_secret_passes_however_an_answer_is_cut(
            before in "[a-z{}\": ]{0,30}",
            after in "[a-z{}\": ]{0,30}",
            sizes in proptest::collection::vec(1_usize..12, 1..5),
        ) {
            let body = format!("{before}{TOKEN}{after}");
            let expected = format!("{before}{}{after}", "*".repeat(TOKEN.len()));
            prop_assert_eq!(passed(&body, &sizes), expected);
        }
    }
}
