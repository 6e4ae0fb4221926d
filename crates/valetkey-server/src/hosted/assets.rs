//! Style sheets and icon: embedded, named after their content, cached for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use sha2::{Digest as _, Sha256};

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    file: String,
    media_type: &'static str,
    /// Its path on this server.
    pub path: String,
    /// What it contains.
    pub content: &'static str,
}

impl Asset {
    fn new(name: &str, extension: &str, media_type: &'static str, content: &'static str) -> Self {
        let hash = Sha256::digest(content);
        let version = hash.iter().take(6).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let file = format!("{name}-{version}.{extension}");
        Self { path: format!("/assets/{file}"), file, media_type, content }
    }
}

static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("hosted", "css", "text/css; charset=utf-8", include_str!("../../../../assets/hosted.css"))
});

static DOCS_STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("docs", "css", "text/css; charset=utf-8", include_str!("../../../../assets/docs.css"))
});

static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("valetkey", "svg", "image/svg+xml", include_str!("../../../../assets/valetkey.svg"))
});

/// Every asset.
pub fn assets() -> [&'static Asset; 3] {
    [&STYLESHEET, &ICON, &DOCS_STYLESHEET]
}

/// The path of the style sheet, for templates.
pub(crate) fn stylesheet() -> &'static str {
    &STYLESHEET.path
}

/// The path of what the documentation adds to the style sheet, for templates.
pub(crate) fn docs_stylesheet() -> &'static str {
    &DOCS_STYLESHEET.path
}

/// The path of the icon, for templates.
pub(crate) fn icon() -> &'static str {
    &ICON.path
}

/// `GET /assets/{file}`.
pub(super) async fn serve(Path(file): Path<String>) -> Response {
    match assets().into_iter().find(|asset| asset.file == file) {
        Some(asset) => {
            let headers =
                [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, asset.content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /robots.txt`: nothing here is for search engines, which the documentation tells them by a header, so that
/// agents may read it.
pub(super) async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\nAllow: /docs\nAllow: /llms.txt\nAllow: /llms-full.txt\nAllow: /sitemap.xml\n"
}
