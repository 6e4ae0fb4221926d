//! New access tokens without a refresh token.

use super::{
    Granted,
    code::{live_grant, open},
    issue::Issue,
};
use crate::provider::{
    Misbehaviour,
    token::{asked::Asked, refusal::Refusal},
};

/// An access token that works for the next one.
pub(super) fn by_access_token(
    asked: &Asked,
    client: Result<String, &'static str>,
    token: &str,
) -> Result<Granted, Refusal> {
    if !asked.plan.has(&Misbehaviour::ReexchangesAccessToken) {
        return Err("unsupported_grant_type".into());
    }
    let now = asked.site.provider.now();
    let mut memory = asked.site.provider.memory();
    let found = memory.grants.presented_access_token(token, now);
    let (number, grant, token) = found.ok_or("invalid_grant")?;
    let anonymous = asked.parameters.get("client_id").is_none();
    if !anonymous && client? != *grant.client_id {
        return Err("invalid_grant".into());
    }
    let scopes = token.scopes.clone();
    if let Some(grant) = memory.grants.get_mut(number) {
        grant.refreshes += 1;
    }
    memory.counters.refreshes_granted += 1;
    Issue { plan: &asked.plan, parameters: &asked.parameters, scopes, now }.tokens(&mut memory, number, None)
}

/// An access token for the client itself (RFC 6749 §4.4), whose user is the client. Public clients get none.
pub(super) fn by_client_credentials(asked: &Asked, client: &str) -> Result<Granted, Refusal> {
    let now = asked.site.provider.now();
    let mut memory = asked.site.provider.memory();
    if memory.clients.get(client).is_none_or(|client| client.secret.is_none()) {
        return Err("unauthorized_client".into());
    }
    let wanted = asked.parameters.get("scope").unwrap_or_default();
    let scopes: std::sync::Arc<[String]> = wanted.split_whitespace().map(ToOwned::to_owned).collect();
    let known = live_grant(&memory, client, client);
    let grant = known.unwrap_or_else(|| open(asked, &mut memory, client, client, scopes.clone()));
    let issue = Issue { plan: &asked.plan, parameters: &asked.parameters, scopes, now };
    let mut granted = issue.tokens(&mut memory, grant, None)?;
    if let Granted::Tokens(issued) = &mut granted {
        issued.refresh_token = None;
    }
    Ok(granted)
}
