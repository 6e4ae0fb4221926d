//! The call that opens a session, and the assertion by which we authenticate.

use std::collections::BTreeSet;

use super::Check;
use crate::connector::{ClientAuthentication, Oauth2, Session};

impl<'a> Check<'a> {
    pub(super) fn session(&mut self, oauth2: &Oauth2, session: &'a Session, known: &BTreeSet<&str>) {
        let path = "auth.oauth2.session";
        let name = session.name.as_str();
        let free = !name.is_empty()
            && name != "access_token"
            && self.connector.field(name).is_none()
            && !oauth2.token.answer.additional_tokens.contains_key(name);
        self.require(free, &format!("{path}.name"), "must be a name that nothing else has");
        self.endpoint(&format!("{path}.url"), &session.url, known);
        self.allowed(&format!("{path}.url"), &session.url);
        let token = BTreeSet::from(["access_token"]);
        for (name, value) in &session.parameters {
            let path = format!("{path}.parameters.{name}");
            self.require(!name.is_empty(), &path, "must have a name");
            self.template(&path, value, &token);
        }
        for (name, value) in &session.headers {
            let path = format!("{path}.headers.{name}");
            self.header(&path, name);
            self.template(&path, value, &token);
        }
        self.token_answer(&format!("{path}.answer"), &session.answer);
        let single = session.answer.additional_tokens.is_empty();
        self.require(single, &format!("{path}.answer.additional_tokens"), "must be empty");
    }

    pub(super) fn client_assertion(&mut self, oauth2: &Oauth2) {
        let path = "auth.oauth2.token.client_assertion";
        let ways = [
            Some(oauth2.token.client_authentication),
            oauth2.refresh.client_authentication,
            oauth2.revocation.as_ref().and_then(|revocation| revocation.client_authentication),
        ];
        let needed = ways.contains(&Some(ClientAuthentication::PrivateKeyJwt));
        let Some(assertion) = &oauth2.token.client_assertion else {
            return self.require(!needed, path, "must be given for private_key_jwt");
        };
        let client = BTreeSet::from(["client_id"]);
        self.template(&format!("{path}.key_id"), &assertion.key_id, &client);
        let named = !assertion.key_id.as_str().is_empty();
        self.require(named, &format!("{path}.key_id"), "must not be empty");
        for (key, template) in [("audience", &assertion.audience), ("issuer", &assertion.issuer)] {
            if let Some(template) = template {
                self.template(&format!("{path}.{key}"), template, &client);
            }
        }
    }
}
