//! What programs read to find pages: `llms.txt`, `llms-full.txt`, `sitemap.xml`.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    address,
    index::{opening, sections},
    library::{INDEX, children, index, page, pages},
    markdown::with_links,
    page::Page,
};

/// What may be left out where there is little room, by the convention of `llms.txt`.
const OPTIONAL: &str = "Optional";

/// The index for language models: the opening of `docs/README.md`, its sections, and those pages that a folder lists.
/// The last section is for people who work on the server itself, and optional.
pub(super) fn llms(origin: &str) -> String {
    let mut text = with_links(opening(index()), |link| address::of_markdown_link(origin, INDEX, link));
    let mut sections = sections();
    let last = sections.pop();
    let mut folders: Vec<&Page> = Vec::new();
    for section in sections {
        list(&mut text, origin, &section.title, section.pages.iter().copied());
        folders.extend(section.pages.into_iter().filter(|page| page.lists().is_some()));
    }
    for folder in folders {
        list(&mut text, origin, &folder.title, children(folder));
    }
    let inside: Vec<&Page> = last.into_iter().flat_map(|section| section.pages).collect();
    let deeper: Vec<&Page> = inside.iter().copied().flat_map(children).collect();
    list(&mut text, origin, OPTIONAL, inside.into_iter().chain(deeper));
    text
}

/// All pages in one file, in the order of the index, each after its address.
pub(super) fn llms_full(origin: &str) -> String {
    let mut text = String::new();
    for page in in_order() {
        let address = format!("{origin}{}", page.markdown_address());
        let content = with_links(page.markdown, |link| address::of_markdown_link(origin, page.path, link));
        let separator = if text.is_empty() { "" } else { "\n---\n\n" };
        text = text + separator + "Source: " + &address + "\n\n" + content.trim() + "\n";
    }
    text
}

/// The addresses of all pages (<https://www.sitemaps.org/protocol.html>).
pub(super) fn sitemap(origin: &str) -> String {
    let urls = in_order()
        .into_iter()
        .fold(String::new(), |urls, page| urls + "<url><loc>" + origin + &page.address() + "</loc></url>\n");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{urls}</urlset>\n"
    )
}

fn list<'a>(text: &mut String, origin: &str, title: &str, pages: impl Iterator<Item = &'a Page>) {
    let lines = pages.fold(String::new(), |lines, page| {
        let Page { title, description, .. } = page;
        format!("{lines}- [{title}]({origin}{}): {description}\n", page.markdown_address())
    });
    if !lines.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(text, "\n\n## {title}\n\n{}", lines.trim_end());
    }
}

/// The pages in the order of the index, each folder's after the one that lists them.
fn in_order() -> Vec<&'static Page> {
    let listed = page(INDEX).into_iter().chain(sections().into_iter().flat_map(|section| section.pages));
    let with_children = listed.flat_map(|page| std::iter::once(page).chain(children(page)));
    let mut seen = BTreeSet::new();
    with_children.chain(pages()).filter(|page| seen.insert(page.path)).collect()
}
