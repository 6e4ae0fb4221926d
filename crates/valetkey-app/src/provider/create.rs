//! Create a custom provider.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use valetkey_core::connector::{Connector, from_auth_patterns};
use valetkey_store::custom_connector::{self, CustomConnector};

use super::ListedProvider;
use crate::{App, Caller, Error, FieldViolation, Result};

/// A custom provider as a caller describes it.
#[derive(Clone, Debug, Default)]
pub struct CustomProvider {
    /// A name for people; the identifier is made from it.
    pub display_name: String,
    /// What it is.
    pub description: String,
    /// The base URL of its API.
    pub proxy_url: String,
    /// The address of an icon.
    pub icon_src: String,
    /// Free pairs.
    pub metadata: BTreeMap<String, String>,
    /// How its accounts authenticate; kept as given beside the definition made from it.
    pub auth_patterns: Value,
}

impl CustomProvider {
    /// The definition that this description means.
    pub(super) fn definition(&self, identifier: &str) -> Result<Connector> {
        let icon = (!self.icon_src.is_empty()).then_some(self.icon_src.as_str());
        from_auth_patterns(
            identifier,
            &self.display_name,
            &self.description,
            &self.proxy_url,
            icon,
            &self.metadata,
            &self.auth_patterns,
        )
        .map_err(|faults| {
            let violations: Vec<_> = faults
                .into_iter()
                .map(|(path, reason)| FieldViolation {
                    field: format!("provider.{path}"),
                    description: reason,
                    constraint: "connector_definition".into(),
                })
                .collect();
            let first = violations.first().map(|first| format!("{}: {}", first.field, first.description));
            Error {
                violations,
                ..Error::invalid("provider", "connector_definition", first.unwrap_or_default())
            }
        })
    }

    /// What is kept to answer with exactly what the caller gave.
    pub(super) fn source(&self) -> Value {
        json!({
            "description": self.description,
            "proxy_url": self.proxy_url,
            "icon_src": self.icon_src,
            "metadata": self.metadata,
            "auth_patterns": self.auth_patterns,
        })
    }
}

impl App {
    /// Creates a custom provider. Its identifier is the name in upper case and a number.
    pub async fn create_custom_provider(
        &self,
        caller: &Caller,
        request: CustomProvider,
    ) -> Result<ListedProvider> {
        let now = self.clock.now();
        let mut random = [0_u8; 4];
        self.entropy.fill(&mut random);
        let stem: String = request
            .display_name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_uppercase();
        let identifier = format!("{}:{}", stem.get(..40).unwrap_or(&stem), u32::from_be_bytes(random));
        let definition = request.definition(&identifier)?;
        let row = CustomConnector {
            environment_id: caller.environment.clone(),
            identifier: identifier.clone(),
            display_name: request.display_name.clone(),
            definition: serde_json::to_string(&definition).map_err(Error::internal)?,
            source: request.source().to_string(),
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.pool.begin().await?;
        custom_connector::insert(&mut tx, &row).await?;
        tx.commit().await?;
        ListedProvider::custom(&row)
    }
}
