//! The answer of a token endpoint (RFC 6749 §5), and what providers send instead. Pure.

mod body;
mod failure;
mod lifetime;
mod retry_after;
mod xml;

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName};
use serde_json::Value;
use valetkey_core::{
    Secret, Timestamp,
    connector::{AdditionalToken, Oauth2, TokenAnswer},
    credential::{AdditionalCredential, OauthCredential},
    scope::ScopeSet,
};

pub(super) use self::{
    body::document,
    failure::{applies, error_in, failure_of},
};

pub(crate) use self::retry_after::seconds_to_wait;

use self::lifetime::{expiry, refresh_token_expiry};
use super::{
    error::{TokenError, Unusable},
    grant::{IdentityValues, LifetimeSource, TokenGrant},
    identity::{identity_values, text_at},
    safe_text::safe_text,
};

/// An HTTP answer, as far as it is read.
#[derive(Clone, Copy, Debug)]
pub struct RawAnswer<'a> {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

impl RawAnswer<'_> {
    /// A header as text; empty where it is absent or not ASCII.
    fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Reads the answer by the rules of the definition. `secrets` are removed from what the provider says about errors.
pub fn read_token_answer(
    oauth2: &Oauth2,
    answer: &RawAnswer<'_>,
    now: Timestamp,
    secrets: &[&Secret],
) -> Result<TokenGrant, TokenError> {
    Reading { oauth2, rules: &oauth2.token.answer, extended: None, now, secrets }.read(answer)
}

/// By which rules an answer is read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) oauth2: &'a Oauth2,
    pub(super) rules: &'a TokenAnswer,
    /// The token that lives on where a success brings none.
    pub(super) extended: Option<&'a Secret>,
    pub(super) now: Timestamp,
    pub(super) secrets: &'a [&'a Secret],
}

impl Reading<'_> {
    /// The grant, or the class of the error.
    pub(super) fn read(&self, answer: &RawAnswer<'_>) -> Result<TokenGrant, TokenError> {
        let Self { rules, now, secrets, .. } = *self;
        Ok(self.grant(&success(rules, answer, self.extended.is_some(), now, secrets)?)?)
    }

    fn grant(&self, document: &Value) -> Result<TokenGrant, Unusable> {
        let Self { oauth2, rules, now, .. } = *self;
        let (access_token, token_type) = self.access_token(document)?;
        let (expires_at, lifetime) = expiry(&rules.lifetime, document, &access_token, now);
        let refresh_token = token_at(rules, document, &rules.refresh_token)?;
        let additional = additional(rules, document, now)?;
        let captured = rules
            .capture
            .iter()
            .filter_map(|(field, pointer)| Some((field.clone(), text_at(document, pointer)?)))
            .collect();
        let refresh_token_expires_at = refresh_token
            .as_ref()
            .and_then(|_| refresh_token_expiry(&oauth2.refresh.refresh_token_lifetime, document, now));
        Ok(TokenGrant {
            credential: OauthCredential {
                access_token,
                refresh_token,
                expires_at,
                refresh_token_expires_at,
                additional,
            },
            granted: granted(oauth2, rules, document),
            captured,
            token_type,
            lifetime,
            identity: own_identity(oauth2, document),
        })
    }

    /// The access token and its type; the type of one that lives on is that of before.
    fn access_token(&self, document: &Value) -> Result<(Secret, String), Unusable> {
        match self.extended {
            Some(token) if token_at(self.rules, document, &self.rules.access_token)?.is_none() => {
                Ok((token.clone(), String::new()))
            }
            _ => access_token(self.rules, document),
        }
    }
}

/// A token, what came with it, and when it runs out.
pub(super) struct ReadToken {
    pub(super) token: Secret,
    pub(super) captured: BTreeMap<String, Secret>,
    pub(super) expires_at: Option<Timestamp>,
}

/// Reads a token and what comes with it.
pub(super) fn read_minted(
    rules: &TokenAnswer,
    answer: &RawAnswer<'_>,
    now: Timestamp,
    secrets: &[&Secret],
) -> Result<ReadToken, TokenError> {
    let document = success(rules, answer, false, now, secrets)?;
    let (token, _) = access_token(rules, &document)?;
    let (expires_at, _) = expiry(&rules.lifetime, &document, &token, now);
    Ok(ReadToken { token, captured: captured(rules, &document)?, expires_at })
}

/// Reads what a request captures for others.
pub(super) fn read_captured(
    rules: &TokenAnswer,
    answer: &RawAnswer<'_>,
    now: Timestamp,
    secrets: &[&Secret],
) -> Result<BTreeMap<String, Secret>, TokenError> {
    Ok(captured(rules, &success(rules, answer, false, now, secrets)?)?)
}

/// What is captured, each of which has to be there in a form that a token may have.
fn captured(rules: &TokenAnswer, document: &Value) -> Result<BTreeMap<String, Secret>, Unusable> {
    let each = rules.capture.iter().map(|(name, pointer)| {
        let found = token_at(rules, document, pointer)?;
        Ok((name.clone(), found.ok_or_else(|| Unusable::MissingToken(pointer.clone()))?))
    });
    each.collect()
}

/// The content of an answer that reports no error. `bare`: a success need not have a form.
fn success(
    rules: &TokenAnswer,
    answer: &RawAnswer<'_>,
    bare: bool,
    now: Timestamp,
    secrets: &[&Secret],
) -> Result<Value, TokenError> {
    let document = document(rules.format, answer);
    if !rules.success.contains(&answer.status) {
        return Err(error_in(&rules.errors, answer, document.ok().as_ref(), now, secrets));
    }
    let document = match document {
        Err(Unusable::NotReadable(_)) if bare => Value::Null,
        document => document?,
    };
    if rules.errors.iter().any(|rule| applies(rule, answer.status, Some(&document))) {
        return Err(error_in(&rules.errors, answer, Some(&document), now, secrets));
    }
    Ok(document)
}

/// The access token and its type.
fn access_token(rules: &TokenAnswer, document: &Value) -> Result<(Secret, String), Unusable> {
    let token_type = accepted_token_type(rules, document);
    match token_at(rules, document, &rules.access_token)? {
        Some(token) => Ok((token, token_type?)),
        None => token_type.and(Err(Unusable::MissingToken(rules.access_token.clone()))),
    }
}

/// Absent means `bearer`, which the definition must accept too.
fn accepted_token_type(rules: &TokenAnswer, document: &Value) -> Result<String, Unusable> {
    let given = match document.pointer(&rules.token_type) {
        None | Some(Value::Null) => "bearer",
        Some(Value::String(text)) => text,
        Some(_) => return Err(Unusable::NotReadable("an answer with a token type in text")),
    };
    if rules.accepted_token_types.iter().any(|accepted| accepted.eq_ignore_ascii_case(given)) {
        return Ok(given.to_owned());
    }
    Err(Unusable::UnknownTokenType(safe_text(given, &[]).unwrap_or_default()))
}

/// A token: text of visible ASCII (RFC 6749 appendix A.12), not longer than allowed; empty counts as absent.
fn token_at(rules: &TokenAnswer, document: &Value, pointer: &str) -> Result<Option<Secret>, Unusable> {
    let text = match document.pointer(pointer) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(_) => return Err(Unusable::MalformedToken),
    };
    if text.len() > rules.max_token_bytes {
        return Err(Unusable::TokenTooLong { limit: rules.max_token_bytes });
    }
    if !text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        return Err(Unusable::MalformedToken);
    }
    Ok((!text.is_empty()).then(|| Secret::from(text.as_str())))
}

/// The further tokens that are there; a missing one does not spoil the rest.
fn additional(
    rules: &TokenAnswer,
    document: &Value,
    now: Timestamp,
) -> Result<BTreeMap<String, AdditionalCredential>, Unusable> {
    let one = |token: &AdditionalToken| -> Result<Option<AdditionalCredential>, Unusable> {
        let Some(access_token) = token_at(rules, document, &token.access_token)? else { return Ok(None) };
        let refresh_token = match &token.refresh_token {
            Some(pointer) => token_at(rules, document, pointer)?,
            None => None,
        };
        let expires_at =
            token.lifetime.as_ref().and_then(|lifetime| expiry(lifetime, document, &access_token, now).0);
        Ok(Some(AdditionalCredential { access_token, refresh_token, expires_at }))
    };
    rules
        .additional_tokens
        .iter()
        .filter_map(|(name, token)| {
            one(token).transpose().map(|found| found.map(|found| (name.clone(), found)))
        })
        .collect()
}

/// The granted scopes of all tokens; `None` where no place has any.
fn granted(oauth2: &Oauth2, rules: &TokenAnswer, document: &Value) -> Option<ScopeSet> {
    let further = rules.additional_tokens.values().filter_map(|token| token.scope.as_ref());
    std::iter::once(&rules.scope)
        .chain(further)
        .filter_map(|pointer| scopes_at(document, pointer, &oauth2.scopes.separator))
        .reduce(|all, more| all.union(&more))
}

fn scopes_at(document: &Value, pointer: &str, separator: &str) -> Option<ScopeSet> {
    match document.pointer(pointer)? {
        Value::String(text) => Some(ScopeSet::parse(text, separator)),
        Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

fn own_identity(oauth2: &Oauth2, document: &Value) -> IdentityValues {
    match &oauth2.identity {
        Some(definition) if definition.url.is_none() => identity_values(definition, document),
        _ => IdentityValues::default(),
    }
}

/// The JSON of an answer.
pub(super) fn json_of(answer: &RawAnswer<'_>) -> Option<Value> {
    serde_json::from_slice(answer.body).ok()
}

#[cfg(test)]
mod tests;
