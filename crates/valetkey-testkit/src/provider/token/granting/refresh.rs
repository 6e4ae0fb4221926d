//! A refresh token for new tokens (RFC 6749 §6), with rotation and revocation of the family on reuse (RFC 9700 §4.14).

use std::sync::Arc;

use valetkey_core::Timestamp;

use super::{Granted, issue::Issue};
use crate::provider::{
    Misbehaviour, Rotation,
    grant::{Grant, Presented},
    misbehaviour::Plan,
    state::Memory,
    token::{asked::Asked, refusal::Refusal, way::TokenPlace},
};

/// Whether a refresh token may be presented here and in this place.
pub(super) fn check_address(
    asked: &Asked,
    place: TokenPlace,
    at_token_endpoint: bool,
) -> Result<(), Refusal> {
    let has = |wrong: &Misbehaviour| asked.plan.has(wrong);
    let no_refresh_tokens =
        has(&Misbehaviour::ReexchangesAccessToken) || has(&Misbehaviour::ClientCredentialsOnly);
    if no_refresh_tokens || at_token_endpoint && has(&Misbehaviour::SeparateRefreshUrl) {
        return Err("unsupported_grant_type".into());
    }
    let wanted = if has(&Misbehaviour::RefreshTokenInHeader) {
        TokenPlace::Header
    } else if has(&Misbehaviour::RefreshTokenInPath) {
        TokenPlace::Path
    } else {
        TokenPlace::Parameter
    };
    let unasked = has(&Misbehaviour::RefreshNeedsScope) && asked.parameters.get("scope").is_none();
    if place != wanted || unasked { Err("invalid_request".into()) } else { Ok(()) }
}

pub(super) fn by_refresh_token(asked: &Asked, client: &str, presented: &str) -> Result<Granted, Refusal> {
    let (plan, now) = (&asked.plan, asked.site.provider.now());
    let mut memory = asked.site.provider.memory();
    let presented = memory.grants.presented_refresh_token(presented).ok_or("invalid_grant")?;
    let number = presented.grant();
    let grant = memory.grants.get(number).ok_or("invalid_grant")?;
    if &*grant.client_id != client {
        return Err("invalid_grant".into());
    }
    if let Some(ended) = ended(plan, grant, now) {
        memory.revoke_by_provider(number);
        return Err(ended);
    }
    if too_early(plan, grant, now) {
        return Err("access_token_not_expired".into());
    }
    let scopes = narrowed(&grant.scopes, asked.parameters.get("scope"))?;
    let keeps = plan.has(&Misbehaviour::OmitsRefreshToken) || plan.has(&Misbehaviour::ExtendsOldToken);
    use_refresh_token(&mut memory, presented, keeps, now)?;
    memory.counters.refreshes_granted += 1;
    if plan.has(&Misbehaviour::ExtendsOldToken) {
        let seconds = memory.settings.access_seconds;
        memory.grants.extend_access_tokens(number, now.plus_seconds(seconds.into()));
        return Ok(Granted::Extended(number));
    }
    let scopes = if plan.has(&Misbehaviour::FewerScopesAfterRefresh) {
        memory.grants.narrow(number).unwrap_or(scopes)
    } else {
        scopes
    };
    Issue { plan, parameters: &asked.parameters, scopes, now }.tokens(&mut memory, number, None)
}

/// Why a live grant ends with this request.
fn ended(plan: &Plan, grant: &Grant, now: Timestamp) -> Option<Refusal> {
    let because = |description| Some(Refusal::described("invalid_grant", description));
    plan.find(|wrong| match wrong {
        Misbehaviour::RevokedByUser => because("The user has revoked access."),
        Misbehaviour::RevokedForPolicy { .. } if grant.is_over_by_policy(plan, now) => {
            because("A policy of the organisation does not let this application in.")
        }
        Misbehaviour::RefreshTokenExpires { seconds }
            if now >= grant.created_at.plus_seconds((*seconds).into()) =>
        {
            because("The refresh token has expired.")
        }
        Misbehaviour::RefreshTokenIdles { seconds }
            if now >= grant.refresh_used_at.plus_seconds((*seconds).into()) =>
        {
            because("The refresh token was not used for too long.")
        }
        _ => None,
    })
}

fn too_early(plan: &Plan, grant: &Grant, now: Timestamp) -> bool {
    let margin = plan.find(|wrong| match wrong {
        Misbehaviour::RefreshesOnlyNearExpiry { seconds } => Some(*seconds),
        _ => None,
    });
    let opens = margin.and_then(|margin| Some(grant.last_expiry()?.plus_seconds(-i64::from(margin))));
    opens.is_some_and(|opens| now < opens)
}

/// The scopes of a refresh, which may ask for fewer than were granted (RFC 6749 §6).
fn narrowed(granted: &Arc<[String]>, wanted: Option<&str>) -> Result<Arc<[String]>, Refusal> {
    let Some(wanted) = wanted else { return Ok(granted.clone()) };
    let wanted: Arc<[String]> = wanted.split_whitespace().map(ToOwned::to_owned).collect();
    if wanted.iter().all(|scope| granted.contains(scope)) { Ok(wanted) } else { Err("invalid_scope".into()) }
}

/// Spends a refresh token as the rotation says, unless the provider `keeps` it; a spent one revokes its family.
fn use_refresh_token(
    memory: &mut Memory,
    presented: Presented,
    keeps: bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    let rotation = memory.settings.rotation;
    let grant = memory.grants.get_mut(presented.grant()).ok_or("invalid_grant")?;
    let in_grace = match rotation {
        Rotation::Grace { seconds } => now < grant.refresh_used_at.plus_seconds(seconds.into()),
        Rotation::Strict | Rotation::None => false,
    };
    match presented {
        Presented::Newest(number) => {
            grant.refreshes += 1;
            grant.refresh_used_at = now;
            if rotation != Rotation::None && !keeps {
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
            Err("invalid_grant".into())
        }
        Presented::Revoked(_) => Err("invalid_grant".into()),
    }
}
