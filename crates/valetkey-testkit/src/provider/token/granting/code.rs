//! A code for the first tokens of a grant (RFC 6749 §4.1.3, RFC 7636 §4.6).

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::{Granted, issue::Issue};
use crate::provider::{
    Misbehaviour,
    state::Memory,
    token::{asked::Asked, refusal::Refusal},
};

pub(super) fn by_code(asked: &Asked, client: &str) -> Result<Granted, Refusal> {
    let (provider, parameters) = (&asked.site.provider, &asked.parameters);
    let presented = parameters.get("code").ok_or("invalid_request")?;
    let verifier = parameters.get("code_verifier").ok_or("invalid_grant")?;
    let now = provider.now();
    let mut memory = provider.memory();
    let code = memory.codes.get_mut(presented).ok_or("invalid_grant")?;
    if let Some(grant) = code.spent_for {
        memory.revoke_family(grant);
        return Err("invalid_grant".into());
    }
    let right = code.authorization.client_id == client
        && Some(code.authorization.redirect_uri.as_str()) == parameters.get("redirect_uri")
        && code.authorization.code_challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
        && now < code.expires_at;
    if !right {
        memory.codes.remove(presented);
        return Err("invalid_grant".into());
    }
    let (user, scopes) = (code.user.clone(), code.authorization.scopes.clone());
    let shared = asked.plan.has(&Misbehaviour::SharedRefreshToken);
    let known = if shared { live_grant(&memory, client, &user) } else { None };
    let grant = known.unwrap_or_else(|| open(asked, &mut memory, client, &user, scopes.clone()));
    if let Some(code) = memory.codes.get_mut(presented) {
        code.spent_for = Some(grant);
    }
    let second = asked.plan.has(&Misbehaviour::TwoTokenFamilies);
    let second = second.then(|| open(asked, &mut memory, client, &user, scopes.clone()));
    Issue { plan: &asked.plan, parameters: &asked.parameters, scopes, now }.tokens(&mut memory, grant, second)
}

/// A grant that this client has of this user.
pub(super) fn live_grant(memory: &Memory, client: &str, user: &str) -> Option<u64> {
    let mut grants = memory.grants.of_user(user);
    grants.find(|(_, grant)| grant.alive && &*grant.client_id == client).map(|(number, _)| number)
}

/// A new grant.
pub(super) fn open(
    asked: &Asked,
    memory: &mut Memory,
    client: &str,
    user: &str,
    scopes: Arc<[String]>,
) -> u64 {
    memory.counters.grants += 1;
    let provider = &asked.site.provider;
    memory.grants.open(provider.random_bytes(), client, user, scopes, provider.now())
}
