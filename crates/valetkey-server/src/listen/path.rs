//! Leading slashes of a path.

use http::{
    Uri,
    uri::{Parts, PathAndQuery},
};

/// The address with one leading slash instead of several: clients whose base address ends in `/` ask for
/// `//oauth/token`.
pub(super) fn collapse_leading_slashes(uri: Uri) -> Uri {
    if !uri.path().starts_with("//") {
        return uri;
    }
    let Parts { scheme, authority, path_and_query, .. } = uri.clone().into_parts();
    let collapsed = path_and_query.as_ref().map_or("/", PathAndQuery::as_str).trim_start_matches('/');
    let mut parts = Parts::default();
    parts.scheme = scheme;
    parts.authority = authority;
    parts.path_and_query = PathAndQuery::try_from(format!("/{collapsed}")).ok();
    Uri::from_parts(parts).unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn several_leading_slashes_count_as_one_and_others_stay() {
        for (given, expected) in [
            ("//oauth/token", "/oauth/token"),
            ("///a//b?c=//d", "/a//b?c=//d"),
            ("//", "/"),
            ("/a//b", "/a//b"),
            ("https://h:1//keys", "https://h:1/keys"),
        ] {
            assert_eq!(collapse_leading_slashes(given.parse().unwrap()).to_string(), expected);
        }
    }
}
