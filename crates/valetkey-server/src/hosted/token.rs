//! The secrets in a browser's hands: the link, the browser's own token, and the token in a form.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use valetkey_core::Entropy;

/// The secret part of an authorization link, well formed: 16 to 128 characters of base64url.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkToken(String);

/// What tells one browser from another: 128 random bits in base64url. It travels in a cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserToken(String);

/// Length of 128 bits in base64url without padding.
const BROWSER_TOKEN: usize = 22;

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl LinkToken {
    /// The token in `text`, if it is well formed.
    pub fn parse(text: &str) -> Option<Self> {
        ((16..=128).contains(&text.len()) && is_base64url(text)).then(|| Self(text.to_owned()))
    }

    /// The token itself. Do not log it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The path of the start page.
    pub fn path(&self) -> String {
        format!("/connect/{}", self.0)
    }
}

impl BrowserToken {
    /// A new token.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut random = [0_u8; 16];
        entropy.fill(&mut random);
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// The token in `text`, if it is well formed.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == BROWSER_TOKEN && is_base64url(text)).then(|| Self(text.to_owned()))
    }

    /// The token itself. Do not log it, and store no more than its hash.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What a form for `link` carries, so that no other site can send it: nobody without the cookie can compute it.
    pub(super) fn form_token(&self, link: &LinkToken) -> String {
        let hash = Sha256::new().chain_update(b"valetkey form\0").chain_update(&self.0).chain_update(b"\0");
        URL_SAFE_NO_PAD.encode(hash.chain_update(&link.0).finalize())
    }

    /// Whether `presented` is the token of a form for `link` in this browser.
    pub(super) fn made(&self, presented: &str, link: &LinkToken) -> bool {
        self.form_token(link).as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("LinkToken(…)")
    }
}

impl fmt::Debug for BrowserToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("BrowserToken(…)")
    }
}
