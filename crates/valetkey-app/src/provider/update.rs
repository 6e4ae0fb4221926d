//! Change a custom provider.

use serde_json::Value;
use valetkey_store::custom_connector;

use super::{CustomProvider, ListedProvider, list::Source};
use crate::{App, Caller, Error, Result};

impl App {
    /// Replaces a custom provider. An empty description, icon or proxy URL, or absent patterns, keep what was there;
    /// metadata is replaced, so that absent metadata clears it.
    pub async fn update_custom_provider(
        &self,
        caller: &Caller,
        identifier: &str,
        mut request: CustomProvider,
    ) -> Result<ListedProvider> {
        let mut tx = self.pool.begin().await?;
        let found = custom_connector::get(&mut tx, &caller.environment, identifier).await?;
        let mut row =
            found.ok_or_else(|| Error::not_found(format!("custom provider \"{identifier}\" not found")))?;
        let before = Source::of(&row)?;
        let keep = |new: &mut String, old: String| {
            if new.is_empty() {
                *new = old;
            }
        };
        keep(&mut request.display_name, row.display_name.clone());
        keep(&mut request.description, before.description);
        keep(&mut request.proxy_url, before.proxy_url);
        keep(&mut request.icon_src, before.icon_src);
        if request.auth_patterns.as_array().is_none_or(Vec::is_empty) {
            request.auth_patterns = before.auth_patterns;
        }
        let definition = request.definition(identifier)?;
        row.definition = serde_json::to_string(&definition).map_err(Error::internal)?;
        let source: Value = request.source();
        row.source = source.to_string();
        row.display_name = request.display_name;
        row.updated_at = self.clock.now();
        custom_connector::update(&mut tx, &row).await?;
        self.commit_shared(tx).await?;
        ListedProvider::custom(&row)
    }
}
