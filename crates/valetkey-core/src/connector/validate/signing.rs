//! Credentials that are made for each request.

use std::collections::BTreeSet;

use super::Check;
use crate::connector::{
    AwsSigv4, Computed, ComputedValue, Digest, Ed25519, Hmac, Jwt, JwtAlgorithm, Oauth1, Placement,
    REQUEST_VALUES, Saml, Template, Text, signing_texts,
};

/// What only a message of bytes may name.
const BODY: &str = "request.body";

impl<'a> Check<'a> {
    pub(super) fn computed(&mut self, path: &str, computed: &'a Computed) {
        let values = &computed.values;
        self.require(!values.is_empty(), &format!("{path}.values"), "must have at least one value");
        let mut names = self.credential_names();
        for name in values.keys() {
            let free = !names.contains(name.as_str())
                && self.connector.field(name).is_none()
                && !name.contains('.')
                && !name.is_empty();
            let place = format!("{path}.values.{name}");
            self.require(free, &place, "must be a name that nothing else has, without a dot");
        }
        let captured: Vec<String> = values.iter().flat_map(captured).collect();
        let taken = captured.iter().find(|name| self.connector.field(name).is_some());
        self.require(taken.is_none(), &format!("{path}.values"), "captures what is the name of a field");
        names.extend(values.keys().chain(&captured).map(String::as_str));
        let here = names.clone();
        names.extend(REQUEST_VALUES.iter().filter(|name| **name != BODY));
        for (name, value) in values {
            let place = format!("{path}.values.{name}");
            self.value(&place, value, &names, &here);
            if needs_itself(computed, name) {
                self.report(&place, "is made of itself");
            }
            let kept = matches!(value, ComputedValue::Mint(_));
            if kept && needs(computed, name).iter().any(|name| name.starts_with("request.")) {
                self.report(&place, "is kept for further requests and so must not be made of one");
            }
        }
        let nested = |place: &Placement| matches!(place, Placement::Computed(_) | Placement::Oauth1(_));
        let simple = !computed.place.iter().any(nested);
        self.require(
            simple,
            &format!("{path}.place"),
            "must be of the kinds header, query, basic and aws_sigv4",
        );
        self.placements(&format!("{path}.place"), &computed.place, &here);
    }

    /// A value; `names` is what it may name, `kept` what it may name if it is kept for further requests.
    fn value(&mut self, path: &str, value: &'a ComputedValue, names: &BTreeSet<&str>, kept: &BTreeSet<&str>) {
        match value {
            ComputedValue::Text(Text { of, .. }) => {
                self.message(&format!("{path}.text.of"), of, names);
            }
            ComputedValue::Part(part) => {
                let path = format!("{path}.part");
                self.template(&format!("{path}.of"), &part.of, names);
                self.require(!part.separator.is_empty(), &format!("{path}.separator"), "must not be empty");
                self.require(part.number > 0, &format!("{path}.number"), "must be 1 or more");
            }
            ComputedValue::Random(random) => {
                let fine = (8..=64).contains(&random.bytes);
                self.require(fine, &format!("{path}.random.bytes"), "must be from 8 to 64");
            }
            ComputedValue::Time(_) => {}
            ComputedValue::Hash(Digest { of, .. }) => self.bytes(&format!("{path}.hash.of"), of, names),
            ComputedValue::Hmac(Hmac { key, of, .. }) => {
                self.key(&format!("{path}.hmac.key"), key, names);
                self.bytes(&format!("{path}.hmac.of"), of, names);
            }
            ComputedValue::Ed25519(Ed25519 { key, of, .. }) => {
                self.key(&format!("{path}.ed25519.key"), key, names);
                self.bytes(&format!("{path}.ed25519.of"), of, names);
            }
            ComputedValue::Jwt(jwt) => self.jwt(&format!("{path}.jwt"), jwt, names),
            ComputedValue::Fingerprint(fingerprint) => {
                self.key(&format!("{path}.fingerprint.key"), &fingerprint.key, names);
            }
            ComputedValue::Saml(saml) => self.saml(&format!("{path}.saml"), saml, names),
            ComputedValue::Mint(mint) => self.mint(&format!("{path}.mint"), mint, kept),
        }
    }

    /// A text of several lines.
    pub(super) fn message(&mut self, path: &str, template: &Template, names: &BTreeSet<&str>) {
        self.template(path, &Template::new(template.as_str().replace('\n', " ")), names);
    }

    /// What is hashed or signed.
    fn bytes(&mut self, path: &str, template: &Template, names: &BTreeSet<&str>) {
        let names = names.iter().copied().chain([BODY]).collect();
        self.message(path, template, &names);
    }

    fn key(&mut self, path: &str, key: &Template, names: &BTreeSet<&str>) {
        self.require(key.names().next().is_some(), path, "must name a field of the credential");
        self.template(path, key, names);
    }

    fn jwt(&mut self, path: &str, jwt: &'a Jwt, names: &BTreeSet<&str>) {
        self.key(&format!("{path}.key"), &jwt.key, names);
        for (key, template) in [("key_id", &jwt.key_id), ("certificate", &jwt.certificate)] {
            if let Some(template) = template {
                self.template(&format!("{path}.{key}"), template, names);
            }
        }
        for (name, template) in &jwt.header {
            let path = format!("{path}.header.{name}");
            let own = ["alg", "kid", "x5t#S256", "crit"];
            self.require(!own.contains(&name.as_str()), &path, "is set by other keys, or not at all");
            self.template(&path, template, names);
        }
        for (name, value) in &jwt.claims {
            let path = format!("{path}.claims.{name}");
            let own = ["exp", "iat"].contains(&name.as_str()) || (name == "jti" && jwt.unique_id);
            self.require(!own, &path, "is set by other keys");
            for text in signing_texts(value) {
                self.template(&path, &Template::new(text), names);
            }
        }
        let secret = matches!(jwt.algorithm, JwtAlgorithm::Hs256 | JwtAlgorithm::Hs512);
        let utf8 = jwt.key_encoding == crate::connector::KeyEncoding::Utf8;
        self.require(secret || utf8, &format!("{path}.key_encoding"), "belongs to a secret, not to PEM");
        self.lifetime(path, jwt.lifetime_seconds, jwt.backdated_seconds);
    }

    fn saml(&mut self, path: &str, saml: &'a Saml, names: &BTreeSet<&str>) {
        self.key(&format!("{path}.key"), &saml.key, names);
        for (key, template) in saml.parts() {
            let path = format!("{path}.{key}");
            self.require(!template.as_str().is_empty(), &path, "must not be empty");
            self.template(&path, template, names);
        }
        self.lifetime(path, saml.lifetime_seconds, saml.backdated_seconds);
    }

    /// How long what is signed works, and how far before now it begins to.
    fn lifetime(&mut self, path: &str, seconds: i64, backdated: i64) {
        let fine = (10..=3600).contains(&seconds);
        self.require(fine, &format!("{path}.lifetime_seconds"), "must be from 10 to 3600");
        let fine = (0..=300).contains(&backdated);
        self.require(fine, &format!("{path}.backdated_seconds"), "must be from 0 to 300");
    }

    pub(super) fn aws_sigv4(&mut self, path: &str, aws: &AwsSigv4, names: &BTreeSet<&str>) {
        self.key(&format!("{path}.access_key_id"), &aws.access_key_id, names);
        self.key(&format!("{path}.secret_access_key"), &aws.secret_access_key, names);
        if let Some(token) = &aws.session_token {
            self.template(&format!("{path}.session_token"), token, names);
        }
        // A part of the scope of the signature, where a slash would begin another.
        self.in_address(&format!("{path}.region"), &aws.region);
        self.in_address(&format!("{path}.service"), &aws.service);
        for (key, template) in [("region", &aws.region), ("service", &aws.service)] {
            let path = format!("{path}.{key}");
            self.require(!template.as_str().is_empty(), &path, "must not be empty");
            self.require(!template.as_str().contains('/'), &path, "must not have a slash");
        }
        let path = format!("{path}.unsigned_streams");
        self.require(aws.payload_header || !aws.unsigned_streams, &path, "needs payload_header");
    }

    pub(super) fn oauth1(&mut self, path: &str, oauth1: &Oauth1, names: &BTreeSet<&str>) {
        self.template(&format!("{path}.consumer_key"), &oauth1.consumer_key, names);
        self.template(&format!("{path}.consumer_secret"), &oauth1.consumer_secret, names);
        let further =
            [("token", &oauth1.token), ("token_secret", &oauth1.token_secret), ("realm", &oauth1.realm)];
        for (key, template) in further {
            if let Some(template) = template {
                self.template(&format!("{path}.{key}"), template, names);
            }
        }
        let both = oauth1.token.is_some() == oauth1.token_secret.is_some();
        self.require(both, path, "must have both token and token_secret, or neither");
    }
}

/// The names of what comes with the token of a value.
fn captured((name, value): (&String, &ComputedValue)) -> Vec<String> {
    match value {
        ComputedValue::Mint(mint) => mint.answer.capture.keys().map(|own| format!("{name}.{own}")).collect(),
        _ => Vec::new(),
    }
}

/// Everything that the value `name` is made of, directly or not.
fn needs<'c>(computed: &'c Computed, name: &str) -> BTreeSet<&'c str> {
    let made_of = |name: &str| computed.source_of(name).map(|(_, value)| value.names()).unwrap_or_default();
    let mut needed = BTreeSet::new();
    let mut next: Vec<&str> = made_of(name);
    while let Some(name) = next.pop() {
        let own = computed.source_of(name).map_or(name, |(own, _)| own);
        if needed.insert(own) {
            next.extend(made_of(own));
        }
    }
    needed
}

fn needs_itself(computed: &Computed, name: &str) -> bool {
    needs(computed, name).contains(name)
}
