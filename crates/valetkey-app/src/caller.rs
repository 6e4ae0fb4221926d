//! Who asks.

use valetkey_core::id::{ClientId, EnvironmentId};

/// What an API client may do. Each RPC names the one it needs.
pub mod permission {
    /// Every permission that an API client can hold.
    pub const ALL: &[&str] = &[
        "connected_accounts:read",
        "connected_accounts:write",
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
