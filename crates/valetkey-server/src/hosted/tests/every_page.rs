//! What holds for every page in every shape. The templates are written so that an XML parser can read them, which is
//! stricter than HTML asks.

use std::collections::BTreeSet;

use roxmltree::{Document, Node, ParsingOptions};

use crate::hosted::view::{Sample, samples};

fn for_every_page(check: impl Fn(&str, &Document<'_>)) {
    let pages = samples().unwrap();
    assert!(pages.len() > 30);
    for Sample { name, html } in pages {
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let page = Document::parse_with_options(&html, options)
            .unwrap_or_else(|error| panic!("{name}: {error}\n{html}"));
        check(&name, &page);
    }
}

fn elements<'a>(page: &'a Document<'a>, names: &'a [&str]) -> impl Iterator<Item = Node<'a, 'a>> {
    page.descendants().filter(move |node| node.is_element() && names.contains(&node.tag_name().name()))
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter_map(|part| part.text().filter(|_| part.is_text())).collect()
}

#[test]
fn t57_no_page_has_anything_that_runs_or_styles_inline() {
    for_every_page(|name, page| {
        let forbidden = ["script", "style", "iframe", "object", "embed", "img", "base", "svg"];
        assert_eq!(elements(page, &forbidden).count(), 0, "{name}");
        for attribute in page.descendants().flat_map(|node| node.attributes()) {
            assert!(
                !attribute.name().starts_with("on") && attribute.name() != "style",
                "{name}: {attribute:?}"
            );
        }
    });
}

#[test]
fn t57_hostile_names_are_text() {
    for_every_page(|name, page| {
        if name.ends_with("hostile") {
            let h1 = text(elements(page, &["h1"]).next().unwrap());
            assert!(h1.contains("<script>alert(1)</script>") || name.starts_with("problem"), "{name}: {h1}");
            assert!(
                text(page.root())
                    .contains(r#""><script>alert(1)</script><img src=x onerror='alert(2)'>{{7*7}}"#)
            );
        }
    });
}

#[test]
fn pages_load_from_this_server_only_and_link_to_web_addresses() {
    for_every_page(|name, page| {
        for node in page.descendants().filter(Node::is_element) {
            for attribute in
                ["href", "src", "action", "formaction"].iter().filter_map(|name| node.attribute(*name))
            {
                let own = attribute.starts_with('/') && !attribute.starts_with("//");
                let way_out = node.tag_name().name() == "a"
                    && (attribute.starts_with("https://") || attribute.starts_with('#'));
                assert!(own || way_out, "{name}: {attribute}");
            }
        }
    });
}

#[test]
fn every_input_has_a_label_and_what_describes_it_is_there() {
    for_every_page(|name, page| {
        let ids: Vec<_> = page.descendants().filter_map(|node| node.attribute("id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: ids are unique");
        let labelled: BTreeSet<_> =
            elements(page, &["label"]).filter_map(|label| label.attribute("for")).collect();
        for input in elements(page, &["input", "select", "textarea"]) {
            if input.attribute("type") != Some("hidden") {
                assert!(labelled.contains(input.attribute("id").unwrap()), "{name}: {input:?}");
            }
            let described = input.attribute("aria-describedby").unwrap_or_default();
            assert!(described.split_whitespace().all(|id| ids.contains(&id)), "{name}: {described}");
        }
        for link in elements(page, &["a"]).filter_map(|link| link.attribute("href")?.strip_prefix('#')) {
            assert!(ids.contains(&link), "{name}: #{link}");
        }
    });
}

#[test]
fn every_page_has_a_language_a_title_one_main_part_and_headings_in_order() {
    for_every_page(|name, page| {
        assert_eq!(page.root_element().attribute("lang"), Some("en"), "{name}");
        assert!(!text(elements(page, &["title"]).next().unwrap()).trim().is_empty(), "{name}");
        assert_eq!(elements(page, &["main"]).count(), 1, "{name}");
        let headings: Vec<_> =
            elements(page, &["h1", "h2", "h3"]).map(|node| node.tag_name().name()).collect();
        assert_eq!(headings.iter().filter(|heading| **heading == "h1").count(), 1, "{name}");
        assert_eq!(headings[0], "h1", "{name}");
        assert!(!headings.contains(&"h3"), "{name}");
        for control in elements(page, &["a", "button"]) {
            assert!(!text(control).trim().is_empty(), "{name}: {control:?}");
        }
    });
}

#[test]
fn t56_secrets_are_never_in_a_page() {
    for_every_page(|name, page| {
        for input in elements(page, &["input", "textarea"]) {
            if input.attribute("type") == Some("password") || input.tag_name().name() == "textarea" {
                assert_eq!(input.attribute("value"), None, "{name}");
                assert_eq!(input.attribute("autocomplete"), Some("off"), "{name}");
                assert_eq!(text(input), "", "{name}");
            }
        }
        assert!(!page.input_text().contains("sk-wrong"), "{name}");
    });
}
