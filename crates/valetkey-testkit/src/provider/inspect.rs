//! What a test may see and change of the grants.

use std::sync::Arc;

use serde::Serialize;

use super::{
    TestProvider,
    counters::Counters,
    grant::{Grant, Presented},
    state::Memory,
};

/// A grant with its first tokens.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct GrantTokens {
    /// The grant.
    pub grant: String,
    /// The user.
    pub user: String,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// How long the access token works, in seconds.
    pub expires_in: u32,
}

/// A grant, as a test sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GrantView {
    /// The grant.
    pub grant: String,
    /// The application.
    pub client: String,
    /// The user.
    pub user: String,
    /// What the application may do.
    pub scopes: Vec<String>,
    /// Whether its newest refresh token is accepted.
    pub alive: bool,
    /// How often it was refreshed.
    pub refreshes: u64,
    /// How often a spent refresh token of it was presented, outside any grace.
    pub reuses: u64,
}

/// What a refresh token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshTokenState {
    /// The newest of a live grant.
    Newest,
    /// Used before; a newer one was issued.
    Spent,
    /// Its grant is revoked.
    Revoked,
    /// This provider did not issue it, or forgot it.
    Unknown,
}

/// The public name of a grant.
pub(super) fn grant_id(number: u64) -> String {
    format!("grant_{number}")
}

/// The number of the grant of this name.
pub(super) fn grant_number(id: &str) -> Option<u64> {
    id.strip_prefix("grant_")?.parse().ok()
}

fn view((number, grant): (u64, &Grant)) -> GrantView {
    GrantView {
        grant: grant_id(number),
        client: grant.client_id.to_string(),
        user: grant.user.to_string(),
        scopes: grant.scopes.to_vec(),
        alive: grant.alive,
        refreshes: grant.refreshes,
        reuses: grant.reuses,
    }
}

impl TestProvider {
    /// Opens a grant without a browser, as if `user` had let `client` do these things. Misbehaviours do not touch it.
    pub fn issue_grant(&self, client: &str, user: &str, scopes: &[&str]) -> GrantTokens {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.issue_grant_of(client, user, scopes)
    }

    /// The same for scopes that grants share.
    pub(super) fn issue_grant_of(&self, client: &str, user: &str, scopes: Arc<[String]>) -> GrantTokens {
        let (key, now) = (self.random_bytes(), self.now());
        let mut memory = self.memory();
        memory.counters.grants += 1;
        let expires_in = memory.settings.access_seconds;
        let grants = &mut memory.grants;
        let number = grants.open(key, client, user, scopes.clone(), now);
        let expires_at = Some(now.plus_seconds(expires_in.into()));
        GrantTokens {
            grant: grant_id(number),
            user: user.to_owned(),
            access_token: grants.issue_access_token(number, scopes, expires_at, now).unwrap_or_default(),
            refresh_token: grants.refresh_token(number).unwrap_or_default(),
            expires_in,
        }
    }

    /// A grant; nothing where it is unknown.
    pub fn grant(&self, grant: &str) -> Option<GrantView> {
        let number = grant_number(grant)?;
        self.memory().grants.get(number).map(|grant| view((number, grant)))
    }

    /// The grants of a user, oldest first, revoked ones among them.
    pub fn grants_of(&self, user: &str) -> Vec<GrantView> {
        self.memory().grants.of_user(user).map(view).collect()
    }

    /// Whether the newest refresh token of a grant is accepted.
    pub fn is_grant_alive(&self, grant: &str) -> bool {
        self.grant(grant).is_some_and(|grant| grant.alive)
    }

    /// Revokes a grant with all its tokens, as its user or an administrator would; `false` where it is not alive.
    pub fn revoke_grant(&self, grant: &str) -> bool {
        grant_number(grant).is_some_and(|number| self.memory().grants.revoke(number))
    }

    /// Whether the API accepts an access token.
    pub fn accepts_access_token(&self, token: &str) -> bool {
        let now = self.now();
        self.memory().grants.presented_access_token(token, now).is_some()
    }

    /// What a refresh token is. Asking does not use it.
    pub fn refresh_token_state(&self, token: &str) -> RefreshTokenState {
        match self.memory().grants.presented_refresh_token(token) {
            Some(Presented::Newest(_)) => RefreshTokenState::Newest,
            Some(Presented::Previous(_) | Presented::Spent(_)) => RefreshTokenState::Spent,
            Some(Presented::Revoked(_)) => RefreshTokenState::Revoked,
            None => RefreshTokenState::Unknown,
        }
    }

    /// The grant of an access or refresh token, be the token live or not.
    pub fn grant_of_token(&self, token: &str) -> Option<String> {
        self.memory().grants.grant_of(token).map(grant_id)
    }

    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        self.memory().counters.clone()
    }
}

impl Memory {
    /// Revokes a grant because a spent token or code was presented.
    pub(super) fn revoke_family(&mut self, grant: u64) {
        self.counters.families_revoked += u64::from(self.grants.revoke(grant));
    }

    /// Revokes a grant because the provider wants it.
    pub(super) fn revoke_by_provider(&mut self, grant: u64) {
        self.counters.revoked_by_provider += u64::from(self.grants.revoke(grant));
    }
}
