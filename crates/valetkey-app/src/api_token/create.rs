//! Create an API token.

use serde_json::json;
use valetkey_core::{
    Secret, Timestamp,
    error_code::ErrorCode,
    id::{ApiTokenId, ClientId},
    journal::EventKind,
};
use valetkey_store::{Tx, api_token, client};

use super::{ApiToken, PREFIX};
use crate::{App, Caller, Error, Result, journal::About, permission, secrets};

/// How many seconds a token works where nobody says: 90 days.
const LIFETIME: i64 = 90 * 86_400;

/// How many tokens of an environment can work at the same time. Keeps lists on one page.
const MOST: usize = 1000;

/// What to create.
#[derive(Clone, Debug, Default)]
pub struct CreateApiToken {
    /// A name for people, 1 to 100 characters.
    pub name: String,
    /// What it may do; empty for what its creator may do, but for reading credentials.
    pub permissions: Vec<String>,
    /// Seconds until it expires; 90 days where absent.
    pub lifetime: Option<i64>,
}

/// A token, which is shown this once.
pub struct NewApiToken {
    /// What is kept of it.
    pub row: ApiToken,
    /// The token. Only its hash is stored.
    pub token: Secret,
}

impl App {
    /// Creates a token for the environment of the caller, who can give it no permission that he lacks. One that a token
    /// makes does not outlive it.
    pub async fn create_api_token(&self, caller: &Caller, request: CreateApiToken) -> Result<NewApiToken> {
        let length = request.name.chars().count();
        if request.name.trim().is_empty() || length > 100 {
            return Err(Error::invalid("name", "length", "must have 1 to 100 characters"));
        }
        let permissions = permissions(caller, request.permissions)?;
        let now = self.clock.now();
        let expires_at = self.end_of_new_token(caller, request.lifetime).await?;
        let token = secrets::with_checksum(PREFIX, &secrets::random_token(self.entropy.as_ref()));
        let row = ApiToken {
            id: ApiTokenId::new(now, self.entropy.as_ref()),
            environment_id: caller.environment.clone(),
            name: request.name,
            hash: secrets::hash("API token", token.expose()),
            hint: token.masked(),
            permissions,
            created_by: caller.actor.clone(),
            created_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        let mut tx = self.pool.begin().await?;
        self.hold_maker(&mut tx, caller).await?;
        if api_token::list(&mut tx, &caller.environment, false, now).await?.len() >= MOST {
            let message = format!("the environment has {MOST} API tokens already; revoke those not in use");
            return Err(Error::new(ErrorCode::ResourceInUse, message));
        }
        api_token::insert(&mut tx, &row).await?;
        let details = json!({ "token": row.id, "name": row.name, "permissions": row.permissions });
        self.record(&mut tx, caller, EventKind::ApiTokenCreated, About::default(), &details).await?;
        tx.commit().await?;
        Ok(NewApiToken { row, token })
    }

    /// Keeps the caller from being revoked before the token is there, which then goes with him.
    async fn hold_maker(&self, tx: &mut Tx, caller: &Caller) -> Result<()> {
        let (environment, actor) = (&caller.environment, caller.actor.as_str());
        let held = if let Ok(token) = actor.parse::<ApiTokenId>() {
            api_token::hold(tx, environment, &token, self.clock.now()).await?
        } else if let Ok(client) = actor.parse::<ClientId>() {
            client::hold(tx, environment, &client).await?
        } else {
            true
        };
        let refused =
            || Error::new(ErrorCode::Unauthenticated, format!("{actor} was revoked or has expired"));
        held.then_some(()).ok_or_else(refused)
    }

    async fn end_of_new_token(&self, caller: &Caller, lifetime: Option<i64>) -> Result<Timestamp> {
        let end = self.clock.now().plus_seconds(lifetime.unwrap_or(LIFETIME));
        let Ok(maker) = caller.actor.parse::<ApiTokenId>() else { return Ok(end) };
        let found = api_token::get(&mut *self.pool.read().await?, &caller.environment, &maker).await?;
        let last = found.map_or(end, |maker| maker.expires_at);
        if lifetime.is_some() && end > last {
            let text = format!("must end with the token that makes it, at {last}, or before");
            return Err(Error::invalid("expires_in", "range", text));
        }
        Ok(end.min(last))
    }
}

/// What the token may do. Whoever holds it must not be able to do more than its creator.
fn permissions(caller: &Caller, wanted: Vec<String>) -> Result<Vec<String>> {
    if wanted.is_empty() {
        let held = caller.permissions.iter().filter(|name| *name != permission::CREDENTIALS);
        return Ok(held.cloned().collect());
    }
    if let Some(unknown) = wanted.iter().find(|name| !permission::ALL.contains(&name.as_str())) {
        let known = permission::ALL.join(", ");
        return Err(Error::invalid("permissions", "in", format!("\"{unknown}\" is none of {known}")));
    }
    match wanted.iter().find(|name| !caller.permits(name)) {
        Some(missing) => {
            let message = format!("a token cannot hold {missing}, because its creator does not");
            Err(Error::new(ErrorCode::PermissionDenied, message))
        }
        None => Ok(wanted),
    }
}
