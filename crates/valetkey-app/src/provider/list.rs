//! List providers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use valetkey_core::connector::{Connector, to_auth_patterns};
use valetkey_store::custom_connector::{self, CustomConnector};

use crate::{App, Caller, Error, Result};

/// Which providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Built-in ones.
    BuiltIn,
    /// Custom ones.
    Custom,
    /// Both.
    All,
}

/// A provider as callers see it.
#[derive(Clone, Debug)]
pub struct ListedProvider {
    /// The key that connections name.
    pub identifier: String,
    /// A name for people.
    pub display_name: String,
    /// What it is.
    pub description: String,
    /// Catalogue categories.
    pub categories: Vec<String>,
    /// How its accounts authenticate.
    pub auth_patterns: Value,
    /// The address of an icon.
    pub icon_src: String,
    /// The base URL of its API, with placeholders.
    pub proxy_url: String,
    /// Whether a caller has described it.
    pub is_custom: bool,
    /// Whether it is an MCP server.
    pub is_mcp: bool,
    /// Free pairs.
    pub metadata: BTreeMap<String, String>,
}

/// What the caller gave for a custom provider.
#[derive(Deserialize)]
pub(super) struct Source {
    pub(super) description: String,
    pub(super) proxy_url: String,
    pub(super) icon_src: String,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) auth_patterns: Value,
}

impl Source {
    pub(super) fn of(row: &CustomConnector) -> Result<Self> {
        serde_json::from_str(&row.source).map_err(Error::internal)
    }
}

impl ListedProvider {
    pub(super) fn custom(row: &CustomConnector) -> Result<Self> {
        let source = Source::of(row)?;
        let is_mcp = source
            .auth_patterns
            .as_array()
            .is_some_and(|patterns| patterns.iter().any(|pattern| pattern["is_mcp"] == Value::Bool(true)));
        Ok(Self {
            identifier: row.identifier.clone(),
            display_name: row.display_name.clone(),
            description: source.description,
            categories: vec![],
            auth_patterns: source.auth_patterns,
            icon_src: source.icon_src,
            proxy_url: source.proxy_url,
            is_custom: true,
            is_mcp,
            metadata: source.metadata,
        })
    }

    fn built_in(connector: &Connector) -> Self {
        Self {
            identifier: connector.provider_key.clone(),
            display_name: connector.name.clone(),
            description: connector.description.clone(),
            categories: connector.categories.clone(),
            auth_patterns: to_auth_patterns(connector),
            icon_src: connector.icon.clone().unwrap_or_default(),
            proxy_url: connector.api.base_url.to_string(),
            is_custom: false,
            is_mcp: false,
            metadata: connector.metadata.clone(),
        }
    }
}

impl App {
    /// The providers that connections can use, built-in ones by key, then custom ones by age. `identifier` narrows to
    /// one.
    pub async fn list_providers(
        &self,
        caller: &Caller,
        kind: ProviderKind,
        identifier: Option<&str>,
    ) -> Result<Vec<ListedProvider>> {
        let mut all: Vec<ListedProvider> = Vec::new();
        if kind != ProviderKind::Custom {
            all.extend(self.registry.iter().map(|connector| ListedProvider::built_in(connector)));
            all.sort_by(|left, right| left.identifier.cmp(&right.identifier));
        }
        if kind != ProviderKind::BuiltIn {
            let rows = custom_connector::list(&mut *self.pool.read().await?, &caller.environment).await?;
            for row in &rows {
                all.push(ListedProvider::custom(row)?);
            }
        }
        if let Some(wanted) = identifier {
            all.retain(|provider| provider.identifier.eq_ignore_ascii_case(wanted));
        }
        Ok(all)
    }
}
