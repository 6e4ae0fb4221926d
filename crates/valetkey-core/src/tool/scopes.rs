//! What an account must have granted for a tool.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scope::ScopeSet;

/// Scopes that a tool needs.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolScopes {
    /// One of these is enough; the narrowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<String>,
    /// All of these are needed besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub all_of: Vec<String>,
}

impl ToolScopes {
    /// What is missing in `granted`, the narrowest of alternatives; empty where it suffices.
    pub fn missing(&self, granted: &ScopeSet) -> Vec<&str> {
        let has = |scope: &&String| granted.contains(scope);
        let mut missing: Vec<&str> =
            self.all_of.iter().filter(|scope| !has(scope)).map(String::as_str).collect();
        if let Some(narrowest) = self.any_of.first()
            && !self.any_of.iter().any(|scope| has(&scope))
        {
            missing.push(narrowest);
        }
        missing
    }

    /// All scopes named, once each.
    pub fn all(&self) -> Vec<&str> {
        let all: BTreeSet<&str> = self.any_of.iter().chain(&self.all_of).map(String::as_str).collect();
        all.into_iter().collect()
    }
}
