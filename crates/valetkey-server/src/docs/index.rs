//! The index as navigation: each section is a heading of the second level with a list of links and notes, which is also
//! the form of `llms.txt`.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::{
    address,
    library::{self, INDEX},
    page::Page,
};

/// A section of the index.
pub(super) struct Section {
    /// Its heading.
    pub(super) title: String,
    /// Its pages, in order.
    pub(super) pages: Vec<&'static Page>,
}

/// A list item of the index, as it is read.
struct Item {
    section: String,
    path: String,
    note: String,
}

/// The sections of the index.
pub(super) fn sections() -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for Item { section: title, path, .. } in items(library::index()) {
        let Some(page) = library::page(&path) else { continue };
        match sections.last_mut().filter(|last| last.title == title) {
            Some(last) => last.pages.push(page),
            None => sections.push(Section { title, pages: vec![page] }),
        }
    }
    sections
}

/// Path and note of each page that the index lists.
pub(super) fn notes(index: &str) -> Vec<(String, String)> {
    items(index).into_iter().map(|item| (item.path, item.note)).collect()
}

/// What stands in the index above its first section, as Markdown.
pub(super) fn opening(index: &str) -> &str {
    index.split("\n## ").next().unwrap_or_default().trim()
}

fn items(index: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let (mut section, mut text, mut link) = (String::new(), String::new(), None);
    for event in Parser::new(index) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Item) => {
                text.clear();
                link = None;
            }
            Event::End(TagEnd::Heading(HeadingLevel::H2)) => text.trim().clone_into(&mut section),
            Event::Start(Tag::Link { dest_url, .. }) if link.is_none() => {
                link = address::resolve(INDEX, &dest_url).map(|(path, _)| path);
            }
            // The note follows the link.
            Event::End(TagEnd::Link) if !text.contains(": ") => text.clear(),
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak => text.push(' '),
            Event::End(TagEnd::Item) => {
                if let Some(path) = link.take().filter(|_| !section.is_empty()) {
                    let note = text.trim_start_matches(':').trim().to_owned();
                    items.push(Item { section: section.clone(), path, note });
                }
            }
            _ => {}
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_a_list_of_links_with_notes() {
        let index = "# T\n\n> Sum.\n\nWords.\n\n## One\n\n- [A](a.md): what `a`\n  is\n- [B](x/b.md)\n\n## Two\n\n- [C](c.md): c";
        let read: Vec<_> =
            items(index).into_iter().map(|item| (item.section, item.path, item.note)).collect();
        let text = str::to_owned;
        assert_eq!(
            read,
            [
                (text("One"), text("a.md"), text("what a is")),
                (text("One"), text("x/b.md"), text("")),
                (text("Two"), text("c.md"), text("c")),
            ]
        );
        assert_eq!(opening(index), "# T\n\n> Sum.\n\nWords.");
    }
}
