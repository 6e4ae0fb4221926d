//! Patterns of hosts.

/// Whether `host`, perhaps with a port, is one that `pattern` allows: the same, or below it where the pattern starts
/// with `*.`. Letter case does not matter; a port must be the same, and none matches none only.
pub fn host_matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    match pattern.strip_prefix('*') {
        Some(suffix) => {
            host.strip_suffix(suffix).is_some_and(|rest| !rest.is_empty() && suffix.starts_with('.'))
        }
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::host_matches;

    #[test]
    fn a_pattern_matches_the_host_or_what_is_below_it() {
        for (pattern, host, expected) in [
            ("api.example.com", "API.example.com", true),
            ("api.example.com", "evil-api.example.com", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.example.com", "evilexample.com", false),
            ("*.example.com", "a.example.com.evil.com", false),
            ("*.example.com", "a.example.com:8443", false),
            ("*", "anything", false),
            ("127.0.0.1:8444", "127.0.0.1:8444", true),
            ("127.0.0.1:8444", "127.0.0.1", false),
        ] {
            assert_eq!(host_matches(pattern, host), expected, "{pattern} and {host}");
        }
    }
}
