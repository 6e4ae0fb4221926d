//! Who asks.

use valetkey_core::id::{ApiTokenId, ClientId, EnvironmentId};
use valetkey_store::{api_token, client};

use crate::{App, Result};

/// What an API client may do. Each RPC names the one it needs.
pub mod permission {
    /// Every permission that an API client can hold.
    pub const ALL: &[&str] = &[
        "connected_accounts:read",
        WRITE_ACCOUNTS,
        CREDENTIALS,
        "connections:read",
        "connections:write",
        "providers:read",
        "providers:write",
        "organizations:read",
        "organizations:write",
        "tools:read",
        "tools:write",
        "tools:execute",
        "mcp:read",
        "mcp:token",
        "mcp:write",
        "logs:read",
        "tokens:read",
        "tokens:write",
    ];
    /// Every permission but that of reading credentials: what an API client gets where nobody says.
    pub fn default() -> Vec<String> {
        ALL.iter().filter(|name| **name != CREDENTIALS).map(|name| (*name).to_owned()).collect()
    }

    /// To make, change, refresh and remove accounts.
    pub const WRITE_ACCOUNTS: &str = "connected_accounts:write";

    /// To read the tokens and keys of accounts. Without it accounts are shown without their credentials.
    pub const CREDENTIALS: &str = "connected_accounts:credentials";
}

/// Who asks, and in which environment. Every use case of tenants takes one, and no other environment can be reached
/// through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The environment.
    pub environment: EnvironmentId,
    /// Who, for the journal: an API client's id, `operator`, `user` or `server`.
    pub actor: String,
    /// What the caller may do.
    pub permissions: Vec<String>,
}

impl Caller {
    /// An API client.
    pub fn client(environment: EnvironmentId, client: &ClientId, permissions: Vec<String>) -> Self {
        Self { environment, actor: client.to_string(), permissions }
    }

    /// The operator at the command line of this server, who may do everything but read credentials.
    pub fn operator(environment: EnvironmentId) -> Self {
        Self { environment, actor: "operator".into(), permissions: permission::default() }
    }

    /// An end user in a browser, who is known by a link only.
    pub fn user(environment: EnvironmentId) -> Self {
        Self { environment, actor: "user".into(), permissions: vec![] }
    }

    /// This server itself, at its background work.
    pub fn server(environment: EnvironmentId) -> Self {
        Self { environment, actor: "server".into(), permissions: vec![] }
    }

    /// Whether the caller holds a permission.
    pub fn permits(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| held == permission)
    }
}

impl App {
    /// What somebody who called earlier may do now; `None` for an API client or token that was revoked or has expired.
    pub(crate) async fn permissions_now(&self, caller: &Caller) -> Result<Option<Vec<String>>> {
        let (environment, now) = (&caller.environment, self.clock.now());
        if let Ok(id) = caller.actor.parse::<ApiTokenId>() {
            let found = api_token::get(&mut *self.pool.read().await?, environment, &id).await?;
            let alive = found.filter(|row| row.revoked_at.is_none() && now < row.expires_at);
            return Ok(alive.map(|row| row.permissions));
        }
        if let Ok(id) = caller.actor.parse::<ClientId>() {
            let found = client::get(&mut *self.pool.read().await?, environment, &id).await?;
            return Ok(found.filter(|row| row.revoked_at.is_none()).map(|row| row.permissions));
        }
        Ok(Some(Caller::operator(environment.clone()).permissions))
    }
}
