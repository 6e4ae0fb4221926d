//! Addresses that an operator or a client gives and that browsers or this server will go to.

/// Whether `text` is an absolute `https` address without user name and password; `http` is for loopback only.
pub(crate) fn is_acceptable(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        (url.scheme() == "https" || (url.scheme() == "http" && loopback))
            && url.username().is_empty()
            && url.password().is_none()
    })
}

/// The rule in words.
pub(crate) const RULE: &str = "must be an https address without user name; http is for loopback only";

#[cfg(test)]
mod tests {
    use super::is_acceptable;

    #[test]
    fn only_https_or_loopback_without_user_name_is_acceptable() {
        for good in
            ["https://app.example/x?y=1", "http://localhost:3000/cb", "http://127.0.0.1/", "http://[::1]:8/"]
        {
            assert!(is_acceptable(good), "{good}");
        }
        for bad in
            ["http://app.example/", "https://u@app.example/", "https://", "javascript:alert(1)", "/x", ""]
        {
            assert!(!is_acceptable(bad), "{bad}");
        }
    }
}
