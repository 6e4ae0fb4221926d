//! Addresses that a page may point a browser to.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// An absolute `http` or `https` URL without user name and password. `javascript:`, `data:` and the like do not exist
/// as values of this type.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebUrl(Box<Url>);

/// Why a text is not a [`WebUrl`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("address must be an absolute http or https URL without user name and password")]
pub struct NotWebUrl;

impl WebUrl {
    /// The URL in its normal form: ASCII, without blanks and quotation marks.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host, to tell a person where it leads.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl TryFrom<Url> for WebUrl {
    type Error = NotWebUrl;

    fn try_from(url: Url) -> Result<Self, NotWebUrl> {
        let fine =
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        fine.then(|| Self(Box::new(url))).ok_or(NotWebUrl)
    }
}

impl TryFrom<&str> for WebUrl {
    type Error = NotWebUrl;

    fn try_from(text: &str) -> Result<Self, NotWebUrl> {
        Url::parse(text).map_err(|_| NotWebUrl)?.try_into()
    }
}

impl TryFrom<String> for WebUrl {
    type Error = NotWebUrl;

    fn try_from(text: String) -> Result<Self, NotWebUrl> {
        text.as_str().try_into()
    }
}

impl From<WebUrl> for String {
    fn from(url: WebUrl) -> Self {
        (*url.0).into()
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The origin only: a query may hold a `state` or a code challenge.
impl fmt::Debug for WebUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "WebUrl({}/…)", self.0.origin().ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t57_only_web_addresses_can_be_pointed_to() {
        for bad in [
            "javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "file:///etc/passwd",
            "vbscript:x",
            "https://user@evil.example/",
            "//evil.example",
            "/relative",
            " ",
        ] {
            assert_eq!(WebUrl::try_from(bad), Err(NotWebUrl), "{bad}");
        }
        assert!(WebUrl::try_from("https://app.example/done?x=1").is_ok());
    }

    #[test]
    fn t11_the_query_of_an_address_is_not_printed() {
        let url = WebUrl::try_from("https://provider.example/authorize?state=s3cr3t");
        assert!(!format!("{url:?}").contains("s3cr3t"));
    }
}
