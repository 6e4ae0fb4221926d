//! Values that are made for a request (quirks 69, 70, 72, 75, 76).

use std::{collections::BTreeMap, future::Future, pin::Pin};

use url::Position;
use valetkey_core::{
    Secret, Timestamp,
    connector::{Computed, ComputedValue, Digest, Ed25519, Hmac, MissingField, Part, Template, Text},
};

use super::{
    Made, Signer, canonical,
    clock::text_of,
    digest::{encode, hash, key_bytes, keyed_hash},
    jwt, key, saml,
};
use crate::{Access, CallError, SchemeError, egress::Request};

/// Makes the values of a placement for one request.
pub(super) struct Maker<'a> {
    pub(super) signer: Signer<'a>,
    pub(super) access: &'a Access<'a>,
    pub(super) computed: &'a Computed,
    pub(super) now: Timestamp,
    body: Vec<u8>,
    /// The credential, what is known of the request, and what was made so far.
    pub(super) known: BTreeMap<String, Secret>,
    /// The names of the credential.
    pub(super) credential: Vec<String>,
    pub(super) made: Made,
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        signer: Signer<'a>,
        access: &'a Access<'a>,
        computed: &'a Computed,
        request: &Request,
        now: Timestamp,
    ) -> Self {
        let mut known = access.credential.template_values();
        let credential = known.keys().cloned().collect();
        known.extend(of_request(request));
        let body = request.whole_body().to_vec();
        Self { signer, access, computed, now, body, known, credential, made: Made::default() }
    }

    /// Makes everything that the places name, and what that needs.
    pub(super) async fn make_all(&mut self) -> Result<(), CallError> {
        let templates = self.computed.place.iter().flat_map(crate::scheme::templates);
        let names: Vec<&'a str> = templates.flat_map(Template::names).collect();
        self.make_each(names, self.computed.values.len()).await
    }

    /// `template` with everything that was made so far.
    pub(super) fn render(&self, template: &Template) -> Result<Secret, MissingField> {
        super::render(template, &self.known, self.access.fields)
    }

    pub(super) fn into_made(self) -> Made {
        self.made
    }

    /// Makes the values of these names, at most `deep` of which may be made of each other in a row.
    pub(super) fn make_each<'f>(
        &'f mut self,
        names: Vec<&'a str>,
        deep: usize,
    ) -> Pin<Box<dyn Future<Output = Result<(), CallError>> + Send + 'f>> {
        Box::pin(async move {
            for name in names {
                let Some((name, value)) = self.computed.source_of(name) else { continue };
                if self.known.contains_key(name) {
                    continue;
                }
                let deeper = deep
                    .checked_sub(1)
                    .ok_or_else(|| MissingField(name.to_owned()))
                    .map_err(SchemeError::from)?;
                let text = if let ComputedValue::Mint(mint) = value {
                    let minted = self.minted(mint, deeper).await?;
                    for (own, value) in &minted.captured {
                        self.made.secrets.push(value.clone());
                        self.known.insert(format!("{name}.{own}"), value.clone());
                    }
                    minted.token.clone()
                } else {
                    self.make_each(value.names(), deeper).await?;
                    self.one(name, value)?
                };
                if self.is_secret(value) {
                    self.made.secrets.push(text.clone());
                }
                self.known.insert(name.to_owned(), text);
            }
            Ok(())
        })
    }

    /// Whether the value of a kind must not come back in an answer. A time or a nonce may, and what is only put together
    /// is searched for by its parts.
    fn is_secret(&self, value: &ComputedValue) -> bool {
        match value {
            ComputedValue::Text(_)
            | ComputedValue::Random(_)
            | ComputedValue::Time(_)
            | ComputedValue::Fingerprint(_) => false,
            ComputedValue::Hash(_) => {
                value.names().iter().any(|name| self.credential.iter().any(|own| own == name))
            }
            ComputedValue::Part(_)
            | ComputedValue::Hmac(_)
            | ComputedValue::Ed25519(_)
            | ComputedValue::Jwt(_)
            | ComputedValue::Saml(_)
            | ComputedValue::Mint(_) => true,
        }
    }

    fn one(&self, name: &str, value: &ComputedValue) -> Result<Secret, SchemeError> {
        let unusable = |reason| SchemeError::Key { value: name.to_owned(), reason };
        Ok(match value {
            ComputedValue::Text(text) => self.text(text)?,
            ComputedValue::Part(part) => {
                self.part(part)?.ok_or_else(|| unusable("it has not as many parts"))?
            }
            ComputedValue::Random(random) => {
                let mut bytes = vec![0; random.bytes];
                self.signer.entropy.fill(&mut bytes);
                encode(random.encoding, &bytes).into()
            }
            ComputedValue::Time(format) => text_of(*format, self.now).into(),
            ComputedValue::Hash(Digest { of, algorithm, encoding }) => {
                encode(*encoding, &hash(*algorithm, &self.bytes(of)?)).into()
            }
            ComputedValue::Hmac(hmac) => {
                self.hmac(hmac)?.ok_or_else(|| unusable("it is not in its encoding"))?
            }
            ComputedValue::Ed25519(Ed25519 { key, of, encoding }) => {
                let pair = key::ed25519(self.render(key)?.expose()).map_err(unusable)?;
                encode(*encoding, pair.sign(&self.bytes(of)?).as_ref()).into()
            }
            ComputedValue::Jwt(jwt) => {
                jwt::signed(name, jwt, self.signer.entropy, self.now, &|template| self.render(template))?
            }
            ComputedValue::Saml(saml) => {
                saml::signed(name, saml, self.signer.entropy, self.now, &|template| self.render(template))?
            }
            ComputedValue::Fingerprint(of) => {
                key::fingerprint(self.render(&of.key)?.expose()).map_err(unusable)?.into()
            }
            // Made where it is known that there is none yet.
            ComputedValue::Mint(_) => return Err(MissingField(name.to_owned()).into()),
        })
    }

    fn text(&self, text: &Text) -> Result<Secret, MissingField> {
        let plain = self.render(&text.of)?;
        let plain = if text.upper_case { plain.expose().to_uppercase().into() } else { plain };
        Ok(match text.encoding {
            Some(encoding) => encode(encoding, plain.expose().as_bytes()).into(),
            None => plain,
        })
    }

    fn part(&self, part: &Part) -> Result<Option<Secret>, MissingField> {
        let text = self.render(&part.of)?;
        let found = text.expose().split(&part.separator).nth(part.number.saturating_sub(1));
        Ok(found.map(|found| found.trim().into()))
    }

    fn hmac(&self, hmac: &Hmac) -> Result<Option<Secret>, MissingField> {
        let Some(key) = key_bytes(hmac.key_encoding, self.render(&hmac.key)?.expose()) else {
            return Ok(None);
        };
        let signature = keyed_hash(hmac.algorithm, &key, &self.bytes(&hmac.of)?);
        Ok(Some(encode(hmac.encoding, &signature).into()))
    }

    /// `template` as bytes, which a body may be.
    fn bytes(&self, template: &Template) -> Result<Vec<u8>, MissingField> {
        template.render_bytes(|name| {
            if name == "request.body" {
                return Some(&self.body);
            }
            let known = self.known.get(name).map(Secret::expose);
            known.or(self.access.fields.get(name).map(String::as_str)).map(str::as_bytes)
        })
    }
}

/// What values may name of the request.
fn of_request(request: &Request) -> impl Iterator<Item = (String, Secret)> {
    let (url, query) = (request.url(), request.sent_query());
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut parameters = canonical::parameters(query);
    let sorted_query = canonical::sorted(parameters.clone());
    if canonical::is_form(request.headers()) {
        parameters.extend(canonical::parameters(&String::from_utf8_lossy(request.whole_body())));
    }
    let target = if query.is_empty() { url.path().to_owned() } else { format!("{}?{query}", url.path()) };
    [
        ("request.method", request.method().as_str().to_owned()),
        ("request.host", host.to_owned()),
        ("request.path", url.path().to_owned()),
        ("request.query", query.to_owned()),
        ("request.sorted_query", sorted_query),
        ("request.parameters", canonical::sorted(parameters)),
        ("request.target", target),
        ("request.url", url[..Position::AfterPath].to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into()))
}
