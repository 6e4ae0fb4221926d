//! What a token request is granted, by grant type.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use valetkey_core::Timestamp;

use super::asked::Asked;
use crate::provider::{Misbehaviour, Rotation, client_auth::client_id, grant::Presented, state::Memory};

/// What was issued.
pub(super) struct Issued {
    pub(super) grant: u64,
    pub(super) access_token: String,
    /// Seconds.
    pub(super) expires_in: u32,
    pub(super) refresh_token: String,
    pub(super) scopes: Arc<[String]>,
}

/// Tokens, or an error code of RFC 6749 §5.2.
pub(super) fn granted(asked: &Asked) -> Result<Issued, &'static str> {
    let client = client_id(&asked.site.provider.memory(), &asked.headers, &asked.parameters)?;
    match asked.parameters.get("grant_type") {
        Some("authorization_code") => by_code(asked, &client),
        Some("refresh_token") => by_refresh_token(asked, &client),
        Some(_) => Err("unsupported_grant_type"),
        None => Err("invalid_request"),
    }
}

fn by_code(asked: &Asked, client: &str) -> Result<Issued, &'static str> {
    let (provider, parameters) = (&asked.site.provider, &asked.parameters);
    let presented = parameters.get("code").ok_or("invalid_request")?;
    let verifier = parameters.get("code_verifier").ok_or("invalid_grant")?;
    let (key, now) = (provider.random_bytes(), provider.now());
    let mut memory = provider.memory();
    let code = memory.codes.get_mut(presented).ok_or("invalid_grant")?;
    if let Some(grant) = code.spent_for {
        memory.revoke_family(grant);
        return Err("invalid_grant");
    }
    let right = code.authorization.client_id == client
        && Some(code.authorization.redirect_uri.as_str()) == parameters.get("redirect_uri")
        && code.authorization.code_challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
        && now < code.expires_at;
    if !right {
        memory.codes.remove(presented);
        return Err("invalid_grant");
    }
    let (user, scopes) = (code.user.clone(), code.authorization.scopes.clone());
    let grant = memory.grants.open(key, client, &user, scopes.clone(), now);
    memory.counters.grants += 1;
    if let Some(code) = memory.codes.get_mut(presented) {
        code.spent_for = Some(grant);
    }
    issue(asked, &mut memory, grant, scopes, now)
}

fn by_refresh_token(asked: &Asked, client: &str) -> Result<Issued, &'static str> {
    let presented = asked.parameters.get("refresh_token").ok_or("invalid_request")?;
    let now = asked.site.provider.now();
    let mut memory = asked.site.provider.memory();
    let presented = memory.grants.presented_refresh_token(presented).ok_or("invalid_grant")?;
    let grant = memory.grants.get(presented.grant()).ok_or("invalid_grant")?;
    if &*grant.client_id != client {
        return Err("invalid_grant");
    }
    let scopes = narrowed(&grant.scopes, asked.parameters.get("scope"))?;
    use_refresh_token(&mut memory, presented, now)?;
    memory.counters.refreshes_granted += 1;
    issue(asked, &mut memory, presented.grant(), scopes, now)
}

/// The scopes of a refresh, which may ask for fewer than were granted (RFC 6749 §6).
fn narrowed(granted: &Arc<[String]>, wanted: Option<&str>) -> Result<Arc<[String]>, &'static str> {
    let Some(wanted) = wanted else { return Ok(granted.clone()) };
    let wanted: Arc<[String]> = wanted.split_whitespace().map(ToOwned::to_owned).collect();
    if wanted.iter().all(|scope| granted.contains(scope)) { Ok(wanted) } else { Err("invalid_scope") }
}

/// Spends a refresh token as the rotation says; a spent one revokes its family.
fn use_refresh_token(memory: &mut Memory, presented: Presented, now: Timestamp) -> Result<(), &'static str> {
    let rotation = memory.settings.rotation;
    let Some(grant) = memory.grants.get_mut(presented.grant()) else { return Err("invalid_grant") };
    let in_grace = match rotation {
        Rotation::Grace { seconds } => now < grant.refresh_used_at.plus_seconds(seconds.into()),
        Rotation::Strict | Rotation::None => false,
    };
    match presented {
        Presented::Newest(number) => {
            grant.refreshes += 1;
            grant.refresh_used_at = now;
            if rotation != Rotation::None {
                memory.grants.rotate(number);
            }
            Ok(())
        }
        Presented::Previous(_) if in_grace => {
            grant.refreshes += 1;
            memory.counters.reuses_in_grace += 1;
            Ok(())
        }
        Presented::Previous(number) | Presented::Spent(number) => {
            grant.reuses += 1;
            memory.counters.reuses_detected += 1;
            memory.revoke_family(number);
            Err("invalid_grant")
        }
        Presented::Revoked(_) => Err("invalid_grant"),
    }
}

fn issue(
    asked: &Asked,
    memory: &mut Memory,
    grant: u64,
    scopes: Arc<[String]>,
    now: Timestamp,
) -> Result<Issued, &'static str> {
    let scopes = match scopes.split_last() {
        Some((_, fewer)) if asked.plan.has(&Misbehaviour::LessScopeThanAsked) => fewer.into(),
        _ => scopes,
    };
    let expires_in = memory.settings.access_seconds;
    let expires_at = Some(now.plus_seconds(expires_in.into()));
    let grants = &mut memory.grants;
    let access_token =
        grants.issue_access_token(grant, scopes.clone(), expires_at, now).ok_or("invalid_grant")?;
    let refresh_token = grants.refresh_token(grant).ok_or("invalid_grant")?;
    Ok(Issued { grant, access_token, expires_in, refresh_token, scopes })
}
