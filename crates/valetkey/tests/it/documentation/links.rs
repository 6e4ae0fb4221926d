//! Links and anchors.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Tag};
use valetkey_server::docs::{Page, page, pages};

use super::text::parser;
use crate::valetkey::repository;

/// What is in `docs/` and no page.
const DOCUMENT: &str = "openapi.json";

/// What is wrong with the links of a page.
fn broken(from: &Page) -> Vec<String> {
    let wrong = |(path, fragment): (String, Option<String>)| {
        if path == DOCUMENT {
            return None;
        }
        let Some(to) = page(&path) else {
            return Some(format!("{} → {path}, which is no page", from.path));
        };
        let fragment = fragment?;
        (!to.anchors().contains(&fragment)).then(|| format!("{} → {path} has no #{fragment}", from.path))
    };
    from.links().into_iter().filter_map(wrong).collect()
}

#[test]
fn each_link_and_each_anchor_of_a_page_leads_to_a_page() {
    let broken: Vec<String> = pages().iter().flat_map(broken).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(repository().join("docs").join(DOCUMENT).is_file());
}

#[test]
fn each_page_is_reached_from_the_index() {
    let mut reached = BTreeSet::from(["README.md".to_owned()]);
    let mut new: Vec<String> = reached.iter().cloned().collect();
    while let Some(path) = new.pop() {
        let links = page(&path).into_iter().flat_map(Page::links);
        new.extend(links.map(|(path, _)| path).filter(|path| reached.insert(path.clone())));
    }
    let missing: Vec<&str> =
        pages().iter().map(|page| page.path).filter(|path| !reached.contains(*path)).collect();
    assert!(missing.is_empty(), "no page that is reached from docs/README.md links to {missing:?}");
}

#[test]
fn each_link_of_the_readme_leads_to_a_file() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let mut count = 0;
    for event in parser(&readme) {
        let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
        if dest_url.contains("://") {
            continue;
        }
        let (path, fragment) = dest_url.split_once('#').unwrap_or((&dest_url, ""));
        assert!(repository().join(path).exists(), "README.md → {dest_url}");
        if let Some(page) = path.strip_prefix("docs/").and_then(page) {
            assert!(fragment.is_empty() || page.anchors().contains(fragment), "README.md → {dest_url}");
        }
        count += 1;
    }
    assert!(count > 5);
}
