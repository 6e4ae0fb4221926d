//! A token endpoint at another address than the definition's.

use super::{Oauth2, Template};

impl Oauth2 {
    /// Puts the token endpoint at `url`, as a connection to another server of the same kind wants it.
    ///
    /// The addresses for refresh and revocation that stood on the same host go along, with their paths. Those on
    /// another host are dropped, because the tokens of one server are not shown to another: tokens are then renewed
    /// at `url`, and not revoked.
    pub fn move_token_endpoint(&mut self, url: Template) {
        let moved = |address: &Template| {
            let path = address.as_str().strip_prefix(origin(&self.token.url))?;
            let whole = path.is_empty() || path.starts_with(['/', '?', '#']);
            whole.then(|| Template::new(format!("{}{path}", origin(&url))))
        };
        let refresh = self.refresh.url.as_ref().and_then(moved);
        let revocation = self.revocation.take().and_then(|mut revocation| {
            revocation.url = moved(&revocation.url)?;
            Some(revocation)
        });
        self.refresh.url = refresh;
        self.revocation = revocation;
        self.token.url = url;
    }
}

/// Scheme, host and port as they stand in the address.
fn origin(address: &Template) -> &str {
    let text = address.as_str();
    let host = address.host_part();
    text.split_once("://").map_or("", |(scheme, _)| &text[..scheme.len() + 3 + host.len()])
}
