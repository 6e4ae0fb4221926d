//! Parameters in the form that signatures are made of.

use http::{HeaderMap, header::CONTENT_TYPE};
use percent_encoding::{percent_decode, percent_encode};

use crate::url_template::RESERVED;

/// The parameters of a query or a form: names and values, each escaped as RFC 3986 §2.1 says, in the order of their
/// bytes (RFC 5849 §3.4.1.3.2, which AWS and others do alike).
pub(super) fn parameters(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (escaped_anew(name), escaped_anew(value))
        })
        .collect()
}

/// `name=value` of each, in order, joined by `&`.
pub(super) fn sorted(mut parameters: Vec<(String, String)>) -> String {
    parameters.sort();
    let pairs: Vec<String> = parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Everything but the unreserved characters of RFC 3986 §2.3 escaped.
pub(super) fn escaped(text: &str) -> String {
    percent_encode(text.as_bytes(), RESERVED).to_string()
}

fn escaped_anew(text: &str) -> String {
    let spaced = text.replace('+', " ");
    let bytes: Vec<u8> = percent_decode(spaced.as_bytes()).collect();
    percent_encode(&bytes, RESERVED).to_string()
}

/// Whether these are the headers of a form, whose parameters count like those of the query.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_normalized_as_in_the_example_of_rfc_5849() {
        // §3.4.1.3.1 and §3.4.1.3.2, without the parameters of the protocol.
        let all = [parameters("b5=%3D%253D&a3=a&c%40=&a2=r%20b"), parameters("c2&a3=2+q")].concat();
        assert_eq!(sorted(all), "a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=");
    }

    #[test]
    fn bytes_that_are_no_text_survive() {
        assert_eq!(sorted(parameters("a=%ff%2f~")), "a=%FF%2F~");
    }
}
