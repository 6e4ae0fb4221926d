//! Find tools by what is to be done, and say what each still needs.

use std::sync::Arc;

use valetkey_core::account::State;
use valetkey_store::PageRequest;

use super::{ListedTool, list::granted};
use crate::{App, Caller, Result, account::Account, connection::ListConnections};

/// Hits where the caller names no number, and the most there are.
const HITS: usize = 10;
const MOST_HITS: usize = 50;

/// How many tools are ranked anew for a user, and how much more a tool counts whose service the user has connected.
const CANDIDATES: usize = 100;
const OWN: f64 = 1.5;

/// How many connections are looked at.
const CONNECTIONS: u32 = 1000;

/// A tool that was found.
#[derive(Clone, Debug)]
pub struct FoundTool {
    /// The tool.
    pub listed: Arc<ListedTool>,
    /// How well it fits; comparable within one search only.
    pub score: f64,
    /// What each connection of its connector still needs for the user; empty where no user is named.
    pub connections: Vec<Readiness>,
}

/// Whether a connection can run a tool for a user.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// The name of the connection.
    pub connection_name: String,
    /// The account of the user, where there is one.
    pub account_id: Option<String>,
    /// What is missing.
    pub state: ReadinessState,
}

/// What is missing before a tool can run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadinessState {
    /// Nothing.
    Ready,
    /// The user has no account yet.
    NeedsConnection,
    /// The user has to authorize again: the account is not active, or lacks a scope.
    NeedsReauthorization,
}

impl App {
    /// The tools that fit a request best, `top` of them (10 for 0, at most 50).
    pub async fn search_tools(
        &self,
        caller: &Caller,
        request: &str,
        identifier: Option<&str>,
        top: u32,
    ) -> Result<Vec<FoundTool>> {
        let top = match top as usize {
            0 => HITS,
            top => top.min(MOST_HITS),
        };
        let hits = self.tools().search(request, top.max(CANDIDATES));
        let user = match identifier.filter(|identifier| !identifier.trim().is_empty()) {
            Some(identifier) => Some(self.user_connections(caller, identifier).await?),
            None => None,
        };
        let found = hits.into_iter().map(|(listed, score)| {
            let connections = user.as_ref().map(|user| user.readiness(listed)).unwrap_or_default();
            let own = connections.iter().any(|connection| connection.account_id.is_some());
            FoundTool { connections, listed: listed.clone(), score: if own { score * OWN } else { score } }
        });
        let mut found: Vec<FoundTool> = found.collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(top);
        Ok(found)
    }

    async fn user_connections(&self, caller: &Caller, identifier: &str) -> Result<UserConnections> {
        let page = PageRequest { size: CONNECTIONS, token: None };
        let request = ListConnections { page, ..ListConnections::default() };
        let connections = self.list_connections(caller, request).await?.items;
        let connections = connections
            .into_iter()
            .filter(|connection| connection.enabled)
            .map(|connection| (connection.connector.slug.clone(), connection.name));
        Ok(UserConnections {
            connections: connections.collect(),
            accounts: self.accounts_of_user(caller, identifier, &[]).await?,
        })
    }
}

/// The connections of an environment, by slug and name, and the accounts of one user.
struct UserConnections {
    connections: Vec<(String, String)>,
    accounts: Vec<Account>,
}

impl UserConnections {
    fn readiness(&self, listed: &ListedTool) -> Vec<Readiness> {
        let of_connector = self.connections.iter().filter(|(slug, _)| *slug == listed.connector.slug);
        of_connector
            .map(|(_, name)| {
                let account = self.accounts.iter().find(|account| account.connection_name == *name);
                let state = match account {
                    None => ReadinessState::NeedsConnection,
                    Some(account) if account.state == State::Active && granted(account, listed) => {
                        ReadinessState::Ready
                    }
                    Some(_) => ReadinessState::NeedsReauthorization,
                };
                Readiness {
                    connection_name: name.clone(),
                    account_id: account.map(|account| account.id.to_string()),
                    state,
                }
            })
            .collect()
    }
}
