//! The site as programs and people find it.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header::ACCEPT},
};
use http_body_util::BodyExt as _;
use roxmltree::{Document, ParsingOptions};
use tower::ServiceExt as _;

use super::{files, library::INDEX, pages, router};
use crate::hosted::Site;

const ORIGIN: &str = "https://docs.example.com";

fn site() -> Router {
    router(Site::new(ORIGIN).unwrap())
}

async fn get(path: &str, accept: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).header(ACCEPT, accept).body(Body::empty()).unwrap();
    let answer = site().oneshot(request).await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(html, options).unwrap_or_else(|error| panic!("{error}\n{html}"))
}

#[tokio::test]
async fn s211_each_page_is_answered_as_html_and_at_its_path_as_markdown() {
    for page in pages() {
        let (status, kind, html) = get(&page.address(), "text/html").await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/html; charset=utf-8"), "{}", page.path);
        let document = parsed(&html);
        let headings: Vec<_> = document.descendants().filter(|node| node.has_tag_name("h1")).collect();
        assert_eq!(headings.len(), 1, "{}", page.path);
        for (path, accept) in [(page.markdown_address(), "*/*"), (page.address(), "text/markdown, text/html")]
        {
            let (status, kind, text) = get(&path, accept).await;
            assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/markdown; charset=utf-8"), "{path}");
            assert_eq!(text, page.markdown);
        }
    }
}

#[tokio::test]
async fn no_page_runs_anything_or_asks_a_third_party() {
    for page in pages() {
        let (_, _, html) = get(&page.address(), "text/html").await;
        for node in parsed(&html).descendants().filter(roxmltree::Node::is_element) {
            let name = node.tag_name().name();
            assert!(!["script", "style", "iframe", "img"].contains(&name), "{} has <{name}>", page.path);
            assert!(node.attribute("style").is_none(), "{}", page.path);
            assert!(node.attributes().all(|attribute| !attribute.name().starts_with("on")), "{}", page.path);
        }
    }
}

#[tokio::test]
async fn an_address_without_a_page_is_not_found_and_leads_to_the_index() {
    for path in ["/docs/nothing", "/docs/nothing.md", "/docs/..%2fCargo.toml", "/docs/errors/nothing"] {
        let (status, _, html) = get(path, "text/html").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(html.contains("<a href=\"/docs\">The index</a>"));
    }
}

#[tokio::test]
async fn s208_the_index_for_models_has_the_form_of_llms_txt_and_names_each_page_with_what_it_is_about() {
    let (_, kind, text) = get("/llms.txt", "*/*").await;
    assert_eq!(kind, "text/plain; charset=utf-8");
    let mut lines = text.lines().filter(|line| !line.is_empty());
    assert_eq!(lines.next(), Some("# Valetkey"));
    assert!(lines.next().unwrap().starts_with("> "));
    let sections = text.lines().filter_map(|line| line.strip_prefix("## ")).collect::<Vec<_>>();
    assert_eq!((sections.first(), sections.last()), (Some(&"Tutorial"), Some(&"Optional")));
    for page in pages().iter().filter(|page| page.path != INDEX) {
        let start = format!("- [{}]({ORIGIN}{}): ", page.title, page.markdown_address());
        let line = text.lines().find(|line| line.starts_with(&start));
        assert!(line.is_some_and(|line| line.len() > start.len() + 10), "{}: {line:?}", page.path);
    }
    assert!(text.split("](").skip(1).all(|link| link.starts_with("https://")), "{text}");
}

#[tokio::test]
async fn s209_all_pages_are_in_one_file_each_once_and_with_links_that_work_outside_of_it() {
    let (_, _, text) = get("/llms-full.txt", "*/*").await;
    for page in pages() {
        let source = format!("Source: {ORIGIN}{}\n", page.markdown_address());
        assert_eq!(text.matches(&source).count(), 1, "{}", page.path);
        let sentence = page.markdown.lines().next().unwrap();
        assert!(text.contains(sentence), "{}", page.path);
    }
    assert!(!text.contains("](../"));
}

#[tokio::test]
async fn s210_the_sitemap_has_the_address_of_each_page() {
    let (_, _, text) = get("/sitemap.xml", "*/*").await;
    let document = Document::parse(&text).unwrap();
    let places = document.descendants().filter(|node| node.tag_name().name() == "loc");
    let places: Vec<_> = places.filter_map(|node| node.text()).collect();
    let pages: BTreeSet<_> = pages().iter().map(|page| format!("{ORIGIN}{}", page.address())).collect();
    assert_eq!(places.len(), pages.len());
    assert!(places.iter().all(|place| pages.contains(*place)));
}

#[test]
fn the_site_of_files_has_each_page_twice_and_every_file_that_pages_refer_to() {
    let files = files(ORIGIN).unwrap();
    let paths: BTreeSet<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths.len(), files.len(), "no file twice");
    for file in files.iter().filter(|file| file.content.starts_with("<!DOCTYPE html>")) {
        for node in parsed(&file.content).descendants() {
            let Some(href) = node.attribute("href").filter(|href| href.starts_with('/')) else { continue };
            let path = href.split('#').next().unwrap().trim_start_matches('/');
            let found = paths.contains(path) || paths.contains(format!("{path}/index.html").as_str());
            assert!(found, "{}: {href}", file.path);
        }
    }
}
