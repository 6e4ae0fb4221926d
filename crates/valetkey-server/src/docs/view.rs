//! A page with the navigation around it.

use askama::Template;
use pulldown_cmark::HeadingLevel;

use super::{
    index::{Section, sections},
    library,
    page::Page,
};

/// A page as it is shown.
#[derive(Template)]
#[template(path = "docs/page.html")]
pub(super) struct PageView {
    title: String,
    description: String,
    /// The Markdown of the page; absent for one that is not there.
    markdown: Option<String>,
    /// The page itself and the one that lists it, which the navigation marks.
    current: Vec<String>,
    /// The page that lists this one.
    parent: Option<Link>,
    sections: Vec<SectionView>,
    contents: Vec<Link>,
    html: String,
}

struct SectionView {
    title: String,
    links: Vec<Link>,
}

/// A link.
struct Link {
    text: String,
    href: String,
}

impl PageView {
    pub(super) fn of(page: &Page) -> Self {
        let rendered = page.rendered();
        let second = rendered.headings.into_iter().filter(|heading| heading.level == HeadingLevel::H2);
        let contents: Vec<Link> =
            second.map(|heading| Link { text: heading.text, href: format!("#{}", heading.id) }).collect();
        let parent = library::parent(page).map(link);
        let current = std::iter::once(page.address()).chain(parent.iter().map(|parent| parent.href.clone()));
        Self {
            title: page.title.clone(),
            description: page.description.clone(),
            markdown: Some(page.markdown_address()),
            current: current.collect(),
            parent,
            sections: navigation(),
            contents: if contents.len() > 1 { contents } else { Vec::new() },
            html: rendered.html,
        }
    }

    /// What is shown at an address without a page.
    pub(super) fn missing() -> Self {
        Self {
            title: "Page not found".to_owned(),
            description: String::new(),
            markdown: None,
            current: Vec::new(),
            parent: None,
            sections: navigation(),
            contents: Vec::new(),
            html: "<h1>Page not found</h1>\n<p>The documentation has no page at this address. \
                   <a href=\"/docs\">The index</a> lists all there are.</p>\n"
                .to_owned(),
        }
    }

    fn is_current(&self, link: &Link) -> bool {
        self.current.contains(&link.href)
    }
}

fn navigation() -> Vec<SectionView> {
    let view = |section: Section| SectionView {
        title: section.title,
        links: section.pages.into_iter().map(link).collect(),
    };
    sections().into_iter().map(view).collect()
}

fn link(page: &'static Page) -> Link {
    Link { text: page.title.clone(), href: page.address() }
}
