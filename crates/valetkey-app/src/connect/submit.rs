//! Take a filled-in credential.

use std::collections::BTreeMap;

use valetkey_core::Secret;
use valetkey_provider::{Access, CheckResult};

use super::{Next, Problem, start::normalize};
use crate::{
    App,
    account::{self, Granted},
};

impl App {
    /// The user sent the form. Where the connector names a check request, the credential is tried at the provider
    /// before it is saved.
    pub async fn submit_credential(
        &self,
        token: &str,
        fields: &BTreeMap<String, Secret>,
    ) -> Result<Next, Problem> {
        let open = self.usable_link(token).await?;
        let connector = &open.connection.connector;
        let all: Vec<_> =
            connector.account_fields.iter().chain(connector.auth.credential_fields()).cloned().collect();
        let values = normalize(&all, fields)?;
        let asked_before = |name: &str| connector.account_fields.iter().any(|field| field.name == name);
        let account_values: BTreeMap<String, String> = values
            .iter()
            .filter(|(name, _)| asked_before(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let credential = account::from_form(values);
        if connector.api.check.is_some() {
            let mut api_values = open.connection.config.fields.clone();
            api_values.extend(account_values.clone());
            let api_values = connector.complete(api_values);
            let placements = connector.auth.placements();
            let access = Access {
                api: &connector.api,
                placements: &placements,
                credential: &credential,
                fields: &api_values,
            };
            match self.provider.check(&access).await {
                CheckResult::Good => {}
                CheckResult::Refused { status } => {
                    tracing::info!(account = %open.account.id, status, "the provider refused the entered credential");
                    return Err(Problem::CredentialRefused);
                }
                CheckResult::Unclear { why } => {
                    tracing::warn!(account = %open.account.id, why, "the entered credential could not be checked");
                    return Err(Problem::CredentialUnchecked);
                }
            }
        }
        let granted = Granted { credential, fields: account_values, ..Granted::default() };
        self.finish_static(&open, granted).await
    }
}
