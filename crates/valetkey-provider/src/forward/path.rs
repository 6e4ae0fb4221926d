//! Fields of the account in the path of a caller.

use percent_encoding::utf8_percent_encode;

use crate::{Fields, url_template::RESERVED};

/// How a client may send two braces: as they are, or escaped in either case.
const OPENED: &[&str] = &["{{", "%7B%7B", "%7b%7b"];
const CLOSED: &[&str] = &["}}", "%7D%7D", "%7d%7d"];

/// The path and query with the values of fields in the place of their names: `/company/{{realm_id}}/query`. Each value
/// stays one segment. A name that is none of a field stays as it is.
pub(super) fn with_fields(path: &str, fields: &Fields) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, name, after)) = next_name(rest) {
        out.push_str(before);
        match fields.get(name) {
            Some(value) => out.extend(utf8_percent_encode(value, RESERVED)),
            None => out.push_str(&rest[before.len()..rest.len() - after.len()]),
        }
        rest = after;
    }
    out + rest
}

/// What stands before the next name in braces, the name, and what stands behind it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (at, brace) = first(text, OPENED)?;
    let inner = &text[at + brace.len()..];
    let (end, close) = first(inner, CLOSED)?;
    Some((&text[..at], inner[..end].trim(), &inner[end + close.len()..]))
}

fn first<'a>(text: &str, wanted: &[&'a str]) -> Option<(usize, &'a str)> {
    wanted.iter().filter_map(|brace| Some((text.find(brace)?, *brace))).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_in_a_path_is_replaced_by_its_value_which_stays_one_segment() {
        let fields = Fields::from([("realm_id".to_owned(), "a/../1?".to_owned())]);
        for (path, expected) in [
            ("/company/{{realm_id}}/query?x={{realm_id}}", "/company/a%2F..%2F1%3F/query?x=a%2F..%2F1%3F"),
            ("/company/%7B%7Brealm_id%7D%7D", "/company/a%2F..%2F1%3F"),
            ("/company/%7b%7brealm_id%7d%7d/", "/company/a%2F..%2F1%3F/"),
            ("/{{other}}/{{realm_id", "/{{other}}/{{realm_id"),
            ("/{realm_id}/a", "/{realm_id}/a"),
            ("", ""),
        ] {
            assert_eq!(with_fields(path, &fields), expected);
        }
    }
}
