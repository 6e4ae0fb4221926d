//! Renewal of an access token.

use std::collections::BTreeSet;

use super::Check;
use crate::connector::{Oauth2, Refresh, RefreshTokenLifetime, RefreshWay, TokenPlace};

/// Parameters of a refresh request that a definition may give another name.
const RENAMABLE: [&str; 6] =
    ["access_token", "client_id", "client_secret", "grant_type", "refresh_token", "scope"];

/// The placeholder of the presented token in an address.
pub(super) const TOKEN: &str = "token";

impl<'a> Check<'a> {
    pub(super) fn refresh(&mut self, oauth2: &'a Oauth2, known: &BTreeSet<&str>) {
        let path = "auth.oauth2.refresh";
        let refresh = &oauth2.refresh;
        let endpoint = oauth2.refresh_endpoint();
        if let Some(url) = &refresh.url {
            self.token_address(&format!("{path}.url"), url, refresh.token_place, known);
        } else {
            let apart = refresh.token_place != TokenPlace::Path;
            self.require(apart, &format!("{path}.url"), "must be given where the token is in the path");
        }
        if let Some(headers) = &refresh.headers {
            self.headers(&format!("{path}.headers"), headers);
        }
        if let Some(parameters) = &refresh.parameters {
            self.parameters(path, parameters);
        }
        if let Some(names) = &refresh.parameter_names {
            self.parameter_names(path, names, &RENAMABLE);
        }
        let nameless = endpoint.parameter_names.get("grant_type").is_some_and(String::is_empty);
        let silent = refresh.way == RefreshWay::None || nameless;
        self.require(
            silent || !endpoint.grant_type.is_empty(),
            &format!("{path}.grant_type"),
            "must be given for this way, or left out by parameter_names",
        );
        self.require(
            !["password", "implicit", "authorization_code"].contains(&endpoint.grant_type),
            &format!("{path}.grant_type"),
            "must not be the name of a grant that needs a user (RFC 9700 §2.4)",
        );
        self.one_authorization_header(oauth2);
        self.refresh_answer(oauth2);
        self.refresh_times(path, refresh);
    }

    /// A token in the `authorization` header leaves no room there for our own authentication.
    fn one_authorization_header(&mut self, oauth2: &Oauth2) {
        if oauth2.refresh.token_place != TokenPlace::Bearer {
            return;
        }
        let free = oauth2.refresh_authentication(oauth2.token.client_authentication).leaves_header_free();
        self.require(
            free,
            "auth.oauth2.refresh.client_authentication",
            "must be client_secret_post or none, as the token is in the authorization header",
        );
    }

    fn refresh_answer(&mut self, oauth2: &'a Oauth2) {
        let Some(answer) = &oauth2.refresh.answer else { return };
        let path = "auth.oauth2.refresh.answer";
        self.token_answer(path, answer);
        self.captures(&format!("{path}.capture"), &answer.capture);
        for name in answer.additional_tokens.keys() {
            let known = oauth2.token.answer.additional_tokens.contains_key(name);
            let path = format!("{path}.additional_tokens.{name}");
            self.require(known, &path, "is no token of token.answer");
        }
    }

    fn refresh_times(&mut self, path: &str, refresh: &Refresh) {
        let RefreshTokenLifetime { pointer, seconds, idle_seconds, .. } = &refresh.refresh_token_lifetime;
        let place = format!("{path}.refresh_token_lifetime");
        self.pointers(&format!("{place}.pointer"), pointer);
        for (path, seconds) in [
            (format!("{path}.only_near_expiry"), &refresh.only_near_expiry),
            (format!("{place}.seconds"), seconds),
            (format!("{place}.idle_seconds"), idle_seconds),
        ] {
            self.require(seconds.is_none_or(|seconds| seconds > 0), &path, "must be more than 0");
        }
        for (index, name) in refresh.repeat_parameters.iter().enumerate() {
            let path = format!("{path}.repeat_parameters[{index}]");
            self.require(!name.is_empty(), &path, "must not be empty");
            self.require(
                !super::oauth2::RESERVED.contains(&name.as_str()),
                &path,
                "is a parameter of the protocol itself",
            );
        }
    }
}
