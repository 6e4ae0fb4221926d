//! All pages.

use std::sync::LazyLock;

use super::{index, markdown, page::Page};

/// The page that the navigation is read from.
pub(super) const INDEX: &str = "README.md";

/// Path and text of the files in `docs/`.
fn embedded() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/docs.rs"))
}

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let notes = index::notes(text_of(INDEX));
    let page = |(path, text): &(&'static str, &'static str)| {
        let note = notes.iter().find(|(link, _)| link == path).map(|(_, note)| note.clone());
        Page {
            path,
            markdown: text,
            title: markdown::title(text).unwrap_or_else(|| (*path).to_owned()),
            description: note.unwrap_or_else(|| markdown::first_sentence(text)),
        }
    };
    embedded().iter().map(page).collect()
});

/// All pages, in the order of their paths.
pub fn pages() -> &'static [Page] {
    &PAGES
}

/// The page at a path below `docs/`, such as `how-to/operate.md`.
pub fn page(path: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.path == path)
}

/// The page that lists those of the folder of `page`, if another one does.
pub(super) fn parent(page: &Page) -> Option<&'static Page> {
    PAGES.iter().find(|other| other.lists() == Some(page.folder()) && other.path != page.path)
}

/// The pages in the folder that `page` lists.
pub(super) fn children(page: &Page) -> impl Iterator<Item = &'static Page> {
    let folder = page.lists();
    PAGES.iter().filter(move |other| folder == Some(other.folder()) && other.lists() != folder)
}

/// The text of the index.
pub(super) fn index() -> &'static str {
    text_of(INDEX)
}

fn text_of(wanted: &str) -> &'static str {
    embedded().iter().find(|(path, _)| *path == wanted).map_or("", |(_, text)| text)
}
