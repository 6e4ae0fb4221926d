//! A page.

use std::collections::BTreeSet;

use super::{
    address,
    markdown::{self, Rendered},
};

/// A page of the documentation.
#[derive(Debug)]
pub struct Page {
    /// Its path below `docs/`, such as `how-to/operate.md`.
    pub path: &'static str,
    /// Its text.
    pub markdown: &'static str,
    /// Its heading.
    pub title: String,
    /// What it is about: the note of the index, or its own first sentence.
    pub description: String,
}

impl Page {
    /// Its path on the site, such as `/docs/how-to/operate`.
    pub fn address(&self) -> String {
        address::of_page(self.path)
    }

    /// The path of its Markdown on the site, such as `/docs/how-to/operate.md`.
    pub fn markdown_address(&self) -> String {
        address::of_markdown(self.path)
    }

    /// The paths below `docs/` that its links lead to, with the fragment. Links to other sites are left out; a link that
    /// leads out of `docs/` is given as it is written.
    pub fn links(&self) -> Vec<(String, Option<String>)> {
        let resolved = |link: String| match address::resolve(self.path, &link) {
            Some((path, fragment)) => Some((path, fragment.map(str::to_owned))),
            None if link.contains(':') => None,
            None => Some((link, None)),
        };
        markdown::links(self.markdown).into_iter().filter_map(resolved).collect()
    }

    /// The ids of its headings.
    pub fn anchors(&self) -> BTreeSet<String> {
        self.rendered().headings.into_iter().map(|heading| heading.id).collect()
    }

    pub(super) fn rendered(&self) -> Rendered {
        markdown::render(self.markdown, |link| address::of_link(self.path, link))
    }

    /// The folder whose pages it lists: that of a `README.md`, but not the one of the whole documentation.
    pub(super) fn lists(&self) -> Option<&str> {
        self.path.strip_suffix("/README.md")
    }

    /// The folder that it is in.
    pub(super) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}
