//! The authorization code grant.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use crate::connector::{AuthorizationEndpoint, Oauth2, Pkce, Template, TokenEndpoint};

/// Parameters that the protocol itself fills in (RFC 6749, 7636, 9126, 9207).
pub(super) const RESERVED: [&str; 16] = [
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "refresh_token",
    "request_uri",
    "username",
    "password",
];

/// Parameters that a definition may give another name.
const RENAMABLE: [&str; 12] = [
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code",
    "code_challenge",
    "code_verifier",
    "grant_type",
    "refresh_token",
];

impl<'a> Check<'a> {
    pub(super) fn oauth2(&mut self, oauth2: &'a Oauth2) {
        let answer = &oauth2.token.answer;
        let mut known: BTreeSet<&str> = BTreeSet::new();
        self.authorization(&oauth2.authorization);
        for (path, name) in [
            ("code_parameter", &oauth2.callback.code_parameter),
            ("state_parameter", &oauth2.callback.state_parameter),
        ] {
            self.require(!name.is_empty(), &format!("auth.oauth2.callback.{path}"), "must not be empty");
        }
        known.extend(self.captures("auth.oauth2.callback.capture", &oauth2.callback.capture));
        self.token_endpoint(&oauth2.token, &known);
        self.token_answer("auth.oauth2.token.answer", answer);
        known.extend(self.captures("auth.oauth2.token.answer.capture", &answer.capture));
        for (index, discovery) in oauth2.discovery.iter().enumerate() {
            let path = format!("auth.oauth2.discovery[{index}]");
            self.endpoint(&format!("{path}.url"), &discovery.url, &known);
            self.allowed(&format!("{path}.url"), &discovery.url);
            self.capture_pointers(&format!("{path}.capture"), &discovery.capture);
            known.extend(self.captures(&format!("{path}.capture"), &discovery.capture));
        }
        self.refresh(oauth2, &known);
        if let Some(session) = &oauth2.session {
            self.session(oauth2, session, &known);
            known.extend(self.captures("auth.oauth2.session.answer.capture", &session.answer.capture));
        }
        self.client_assertion(oauth2);
        if let Some(identity) = &oauth2.identity {
            let path = "auth.oauth2.identity";
            if let Some(url) = &identity.url {
                self.endpoint(&format!("{path}.url"), url, &known);
                self.allowed(&format!("{path}.url"), url);
            }
            self.pointers(path, identity.account_id.iter().chain(&identity.email));
        }
        if let Some(revocation) = &oauth2.revocation {
            self.revocation(revocation, &known);
        }
        self.scopes(&oauth2.scopes);
        for (index, field) in self.connector.discovered_fields.iter().enumerate() {
            let path = format!("discovered_fields[{index}].name");
            self.require(known.contains(field.name.as_str()), &path, "is filled by no capture");
        }
    }

    fn authorization(&mut self, endpoint: &'a AuthorizationEndpoint) {
        let path = "auth.oauth2.authorization";
        let known = BTreeSet::new();
        self.endpoint(&format!("{path}.url"), &endpoint.url, &known);
        if let Some(pushed) = &endpoint.pushed {
            self.endpoint(&format!("{path}.pushed.url"), &pushed.url, &known);
        }
        let implicit = endpoint.response_type.split(' ').any(|part| part == "token");
        self.require(
            !implicit,
            &format!("{path}.response_type"),
            "must not contain token: the implicit grant gives tokens away in the browser (RFC 9700 §2.1.2)",
        );
        if let Pkce::Disabled(reason) = &endpoint.pkce {
            self.require(!reason.trim().is_empty(), &format!("{path}.pkce.disabled"), "must say why");
        }
        if let Some(issuer) = &endpoint.issuer {
            self.address(&format!("{path}.issuer"), &Template::new(issuer.as_str()));
            self.require(!issuer.contains("{{"), &format!("{path}.issuer"), "must not have placeholders");
        }
        self.parameters(path, &endpoint.parameters);
        self.parameter_names(path, &endpoint.parameter_names, &RENAMABLE);
    }

    fn token_endpoint(&mut self, endpoint: &'a TokenEndpoint, known: &BTreeSet<&str>) {
        let path = "auth.oauth2.token";
        self.endpoint(&format!("{path}.url"), &endpoint.url, known);
        self.headers(&format!("{path}.headers"), &endpoint.headers);
        self.parameters(path, &endpoint.parameters);
        self.parameter_names(path, &endpoint.parameter_names, &RENAMABLE);
        let direct = ["password", "client_credentials", "implicit"].contains(&endpoint.grant_type.as_str());
        self.require(
            !direct && !endpoint.grant_type.is_empty(),
            &format!("{path}.grant_type"),
            "must be the name of the authorization code grant; other grants are not supported (RFC 9700 §2.4)",
        );
    }

    pub(super) fn parameters(&mut self, path: &str, parameters: &BTreeMap<String, Template>) {
        let client = BTreeSet::from(["client_id"]);
        for (name, value) in parameters {
            let path = format!("{path}.parameters.{name}");
            self.require(!name.is_empty(), &path, "must have a name");
            self.require(!RESERVED.contains(&name.as_str()), &path, "is a parameter of the protocol itself");
            self.template(&path, value, &client);
        }
    }

    pub(super) fn parameter_names(&mut self, path: &str, names: &BTreeMap<String, String>, known: &[&str]) {
        for name in names.keys() {
            let path = format!("{path}.parameter_names.{name}");
            self.require(known.contains(&name.as_str()), &path, "is not a standard parameter");
        }
    }

    /// Checks the targets of captures and returns those that are declared.
    pub(super) fn captures(&mut self, path: &str, captures: &'a BTreeMap<String, String>) -> Vec<&'a str> {
        let mut declared = Vec::new();
        for (name, source) in captures {
            let path = format!("{path}.{name}");
            self.require(!source.is_empty(), &path, "must say where the value is");
            if self.connector.discovered_fields.iter().any(|field| field.name == *name) {
                declared.push(name.as_str());
            } else {
                self.report(path, "is not declared in discovered_fields");
            }
        }
        declared
    }
}
