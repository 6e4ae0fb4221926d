//! XML as the documents that places lead into.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

use super::super::error::Unusable;

/// How deep elements may be in each other.
const DEEPEST: usize = 64;
/// The most elements, texts and attributes.
const MOST_NODES: u32 = 50_000;

/// The text as a document: an element is an object of its elements by their names, or its text where it has none. Of
/// several with the same name the first counts. A document type is refused, since it may define entities.
pub(super) fn document(text: &str) -> Result<Value, Unusable> {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let parsed = Document::parse_with_options(text.trim(), options).ok();
    let root = parsed.as_ref().map(Document::root_element);
    let value = root.and_then(|root| Some(Value::Object(Map::from_iter([named(root, DEEPEST)?]))));
    value.ok_or(Unusable::NotReadable("XML"))
}

/// The name and the value of an element; `None` where it is too deep.
fn named(element: Node<'_, '_>, deep: usize) -> Option<(String, Value)> {
    let deeper = deep.checked_sub(1)?;
    let mut members = Map::new();
    for child in element.children().filter(Node::is_element) {
        let (name, value) = named(child, deeper)?;
        members.entry(name).or_insert(value);
    }
    let value = if members.is_empty() {
        let texts = element.children().filter(Node::is_text);
        let texts: String = texts.filter_map(|text| text.text()).collect();
        Value::String(texts.trim().to_owned())
    } else {
        Value::Object(members)
    };
    Some((element.tag_name().name().to_owned(), value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use serde_json::json;

    use super::*;

    #[test]
    fn quirk_77_elements_are_found_by_their_path() {
        let text = r#"<?xml version="1.0"?>
            <s:response xmlns:s="urn:x"><status>success</status><empty/>
                <data type="api"><id> a&amp;b<!-- no --></id><id>second</id><id2><![CDATA[<c>]]></id2></data>
            </s:response>"#;
        let wanted = json!({ "response": {
            "status": "success", "empty": "", "data": { "id": "a&b", "id2": "<c>" },
        } });
        assert_eq!(document(text).unwrap(), wanted);
    }

    #[test]
    fn t77_entities_depth_and_size_are_bounded() {
        let entities = r#"<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>"#;
        let deep = |levels: usize| format!("{}x{}", "<a>".repeat(levels), "</a>".repeat(levels));
        let wide = format!("<a>{}</a>", "<b/>".repeat(60_000));
        for bad in [entities.to_owned(), deep(DEEPEST + 1), deep(20_000), wide, "<a>".into(), String::new()] {
            assert_eq!(document(&bad), Err(Unusable::NotReadable("XML")), "{bad:.40}");
        }
        assert!(document(&deep(DEEPEST)).is_ok());
    }
}
