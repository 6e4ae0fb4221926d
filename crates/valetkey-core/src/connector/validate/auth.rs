//! Schemes and the places of credentials.

use std::collections::BTreeSet;

use super::Check;
use crate::connector::{AuthScheme, Placement};

impl<'a> Check<'a> {
    pub(super) fn auth(&mut self) {
        let connector = self.connector;
        let names = self.credential_names();
        let (username, password) = (self.credential_path("username"), self.credential_path("password"));
        match &connector.auth {
            AuthScheme::Oauth2(oauth2) => {
                self.oauth2(oauth2);
                self.placements(&self.credential_path("place"), &oauth2.place, &names);
            }
            AuthScheme::Basic(auth) => {
                self.template(&username, &auth.username, &names);
                self.template(&password, &auth.password, &names);
            }
            AuthScheme::Bearer(auth) => {
                let path = self.credential_path("token");
                self.template(&path, &auth.token, &names);
                let path = self.credential_path("header");
                self.header(&path, &auth.header);
            }
            AuthScheme::ApiKey(auth) => {
                self.placements(&self.credential_path("place"), &auth.place, &names);
            }
            AuthScheme::None => {}
        }
        let form = !matches!(connector.auth, AuthScheme::Oauth2(_) | AuthScheme::None);
        self.require(
            !form || !connector.auth.credential_fields().is_empty(),
            &self.credential_path("fields"),
            "must have at least one field",
        );
        self.require(
            matches!(connector.auth, AuthScheme::Oauth2(_)) || connector.discovered_fields.is_empty(),
            "discovered_fields",
            "belong to oauth2 only",
        );
    }

    /// The places at `group`, which may name `names` and fields.
    pub(super) fn placements(&mut self, group: &str, places: &'a [Placement], names: &BTreeSet<&str>) {
        self.require(!places.is_empty(), group, "must have at least one place");
        let last = !places.iter().rev().skip(1).any(Placement::signs_everything);
        self.require(last, group, "has a signature over the whole request, which must come last");
        for (index, place) in places.iter().enumerate() {
            let path = format!("{group}[{index}]");
            match place {
                Placement::Header { name, value } => {
                    self.header(&format!("{path}.header.name"), name);
                    self.template(&format!("{path}.header.value"), value, names);
                }
                Placement::Query { name, value } => {
                    self.require(!name.is_empty(), &format!("{path}.query.name"), "must not be empty");
                    self.template(&format!("{path}.query.value"), value, names);
                }
                Placement::Basic { username, password } => {
                    self.template(&format!("{path}.basic.username"), username, names);
                    self.template(&format!("{path}.basic.password"), password, names);
                }
                Placement::Computed(computed) => self.computed(&format!("{path}.computed"), computed),
                Placement::AwsSigv4(aws) => self.aws_sigv4(&format!("{path}.aws_sigv4"), aws, names),
                Placement::Oauth1(oauth1) => self.oauth1(&format!("{path}.oauth1"), oauth1, names),
            }
        }
    }

    /// The place of `key` in the scheme.
    pub(super) fn credential_path(&self, key: &str) -> String {
        let kind = self.connector.auth.kind().as_str();
        format!("auth.{kind}.{key}")
    }

    /// The names of the credential, which only a placement may use.
    pub(super) fn credential_names(&self) -> BTreeSet<&'a str> {
        self.connector.auth.credential_names()
    }
}
