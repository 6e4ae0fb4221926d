//! Revocation of tokens.

use std::collections::BTreeSet;

use super::{Check, refresh::TOKEN};
use crate::connector::{ClientAuthentication, Revocation, Template, TokenPlace};

/// Parameters of a revocation request that a definition may give another name.
const RENAMABLE: [&str; 4] = ["client_id", "client_secret", "token", "token_type_hint"];

impl<'a> Check<'a> {
    pub(super) fn revocation(&mut self, revocation: &'a Revocation, known: &BTreeSet<&str>) {
        let path = "auth.oauth2.revocation";
        let url = revocation.url.fill("client_id", "client");
        self.token_address(&format!("{path}.url"), &url, revocation.token_place, known);
        self.require(
            !revocation.tokens.is_empty(),
            &format!("{path}.tokens"),
            "must have at least one token",
        );
        self.headers(&format!("{path}.headers"), &revocation.headers);
        self.parameters(path, &revocation.parameters);
        self.parameter_names(path, &revocation.parameter_names, &RENAMABLE);
        self.error_rules(&format!("{path}.errors"), &revocation.errors);
        let bearer = revocation.token_place == TokenPlace::Bearer;
        let free = revocation.client_authentication.is_none_or(ClientAuthentication::leaves_header_free);
        self.require(
            !bearer || free,
            &format!("{path}.client_authentication"),
            "must not be in the authorization header, where the token is",
        );
    }

    /// An address that names the token in its path where it belongs there, and nowhere else.
    pub(super) fn token_address(
        &mut self,
        path: &str,
        url: &Template,
        place: TokenPlace,
        known: &BTreeSet<&str>,
    ) {
        if place != TokenPlace::Path {
            return self.endpoint(path, url, known);
        }
        let before_query = url.as_str().split(['?', '#']).next().unwrap_or_default();
        let named = |text: &str| Template::new(text).names().any(|name| name == TOKEN);
        let fine = named(before_query) && !named(url.host_part());
        self.require(fine, path, "must have {{token}} in its path");
        self.endpoint(path, &url.fill(TOKEN, TOKEN), known);
    }
}
