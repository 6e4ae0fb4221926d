//! What stands in pages besides prose.

use pulldown_cmark::Event;
use valetkey_server::docs::pages;

use super::text::{blocks, parser};

const LANGUAGES: [&str; 8] = ["sh", "output", "json", "yaml", "toml", "python", "ts", "text"];

#[test]
fn each_block_of_json_yaml_and_toml_parses_and_each_other_says_what_it_is() {
    for page in pages() {
        for block in blocks(page.markdown) {
            let at = format!("{}:{}", page.path, block.line);
            let language = block.language();
            assert!(block.info.is_some(), "{at} is indented; a fence says what it is");
            assert!(LANGUAGES.contains(&language), "{at} is \"{language}\", which is none of {LANGUAGES:?}");
            let error = match language {
                "json" => serde_json::from_str::<serde_json::Value>(&block.text).err().map(|e| e.to_string()),
                "yaml" => {
                    serde_saphyr::from_str::<serde_json::Value>(&block.text).err().map(|e| e.to_string())
                }
                "toml" => block.text.parse::<toml::Table>().err().map(|e| e.to_string()),
                _ => None,
            };
            assert_eq!(error, None, "{at}");
        }
    }
}

/// Words in angle brackets would be lost on the site.
#[test]
fn no_page_has_html_other_than_comments() {
    for page in pages() {
        for event in parser(page.markdown) {
            if let Event::Html(text) | Event::InlineHtml(text) = event {
                assert!(text.trim().is_empty() || text.starts_with("<!--"), "{}: {text}", page.path);
            }
        }
    }
}
