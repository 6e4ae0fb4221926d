//! The same pages as files, for a host of static files.

use askama::Template as _;

use super::{library::pages, lists, view::PageView};
use crate::hosted::assets;

pub(super) const MARKDOWN: &str = "text/markdown; charset=utf-8";
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";
pub(super) const XML: &str = "application/xml";

/// A file of the site.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it belongs, relative to the top of the site. A page is the `index.html` of its address.
    pub path: String,
    /// What is in it.
    pub content: String,
}

/// Every file of a site at `origin`, such as `https://docs.example.com`.
///
/// # Errors
/// Where a page cannot be rendered.
pub fn files(origin: &str) -> Result<Vec<File>, askama::Error> {
    let file = |path: &str, content: String| File { path: path.trim_start_matches('/').to_owned(), content };
    let mut files = vec![
        file("llms.txt", lists::llms(origin)),
        file("llms-full.txt", lists::llms_full(origin)),
        file("sitemap.xml", lists::sitemap(origin)),
        file("robots.txt", format!("User-agent: *\nAllow: /\nSitemap: {origin}/sitemap.xml\n")),
        file("openapi.json", format!("{:#}", crate::openapi::published())),
    ];
    for page in pages() {
        files.push(file(&format!("{}/index.html", page.address()), PageView::of(page).render()?));
        files.push(file(&page.markdown_address(), page.markdown.to_owned()));
    }
    files.extend(assets().into_iter().map(|asset| file(&asset.path, asset.content.to_owned())));
    Ok(files)
}
