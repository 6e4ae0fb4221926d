//! Leave for the provider, or connect at once where the connector needs no credential.

use std::collections::BTreeMap;

use serde_json::json;
use valetkey_core::{
    Secret,
    connector::{AuthScheme, Oauth2},
    environment::VerificationMode,
    id::FlowId,
    journal::EventKind,
    link::FlowOutcome,
};
use valetkey_provider::oauth::{AuthorizationInput, OauthClient};
use valetkey_store::flow;

use super::{
    Next, Problem,
    flow_details::FlowDetails,
    open::{OpenLink, verify_url},
};
use crate::{App, account, connection::effective_oauth2, journal::About, secrets};

/// Checks every field; the first page shows all faults at once.
pub(super) fn normalize(
    fields: &[valetkey_core::connector::Field],
    given: &BTreeMap<String, Secret>,
) -> Result<BTreeMap<String, String>, Problem> {
    let (mut values, mut faults) = (BTreeMap::new(), vec![]);
    for field in fields {
        match field.normalize(given.get(&field.name).map(Secret::expose)) {
            Ok(Some(value)) => drop(values.insert(field.name.clone(), value)),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(Problem::Fields(faults)) }
}

impl App {
    /// The user pressed the button. `browser` is the random token of the browser's cookie.
    pub async fn start_flow(
        &self,
        token: &str,
        browser: &str,
        fields: &BTreeMap<String, Secret>,
    ) -> Result<Next, Problem> {
        let open = self.usable_link(token).await?;
        let values = normalize(&open.connection.connector.account_fields, fields)?;
        match &open.connection.connector.auth {
            AuthScheme::Oauth2(definition) => {
                self.may_complete(&open, browser).await?;
                let oauth2 = effective_oauth2(definition, &open.connection.config)?;
                self.leave_for_provider(&open, &oauth2, browser, values).await
            }
            AuthScheme::None => {
                let granted = account::Granted { fields: values, ..account::Granted::default() };
                self.finish_static(&open, granted).await
            }
            AuthScheme::Basic(_) | AuthScheme::Bearer(_) | AuthScheme::ApiKey(_) => {
                self.submit_credential(token, fields).await
            }
        }
    }

    /// Refuses what could not be completed before the user has consented.
    async fn may_complete(&self, open: &OpenLink, browser: &str) -> Result<(), Problem> {
        match open.environment.verification_mode {
            VerificationMode::None => Ok(()),
            VerificationMode::Custom => verify_url(&open.details).map(drop),
            VerificationMode::Platform => {
                self.operator_signed_in(Some(browser)).await?.then_some(()).ok_or(Problem::NotSignedIn)
            }
        }
    }

    async fn leave_for_provider(
        &self,
        open: &OpenLink,
        oauth2: &Oauth2,
        browser: &str,
        mut fields: BTreeMap<String, String>,
    ) -> Result<Next, Problem> {
        fields.extend(open.connection.config.fields.clone());
        let values = open.connection.connector.complete(fields.clone());
        let config = &open.connection.config;
        let input = AuthorizationInput {
            oauth2,
            client: OauthClient {
                client_id: config.client_id.as_deref().unwrap_or_default(),
                client_secret: open.connection.secrets.client_secret.as_ref(),
                authentication: oauth2.token.client_authentication,
            },
            redirect_uri: &open.connection.redirect_uri,
            scopes: &open.scopes(),
            secondary_scopes: &open.connection.secondary_scopes(),
            parameters: &config.parameters,
            fields: &values,
        };
        let request = self.provider.authorization_request(input).await.map_err(|error| {
            tracing::warn!(connection = %open.connection.id, %error, "authorization request could not be made");
            Problem::ConnectionMisconfigured
        })?;
        let now = self.clock.now();
        let id = FlowId::new(now, self.entropy.as_ref());
        let details = FlowDetails {
            state: request.state.expose().to_owned(),
            code_verifier: request.code_verifier.as_ref().map(|secret| secret.expose().to_owned()),
            nonce: request.nonce.as_ref().map(|secret| secret.expose().to_owned()),
            fields,
            scopes: request.scopes.clone(),
        };
        let row = flow::Flow {
            id: id.clone(),
            environment_id: open.link.environment_id.clone(),
            link_id: open.link.id.clone(),
            account_id: open.account.id.clone(),
            connection_id: open.connection.id.clone(),
            state_hash: secrets::hash("state", request.state.expose()),
            browser_hash: secrets::hash("browser", browser),
            details: self.seal_flow(&open.link.environment_id, &id, &details).await?,
            outcome: FlowOutcome::Started,
            outcome_detail: None,
            created_at: now,
            expires_at: now.plus_seconds(self.settings.flow_lifetime),
            claimed_at: None,
            ended_at: None,
        };
        let mut tx = self.pool.begin().await?;
        flow::insert(&mut tx, &row).await?;
        let about = About { account: Some(&open.account.id), connection: Some(&open.connection.id) };
        let details = json!({ "flow": id, "link": open.link.id, "scopes": request.scopes });
        self.record(&mut tx, &open.caller, EventKind::FlowStarted, about, &details).await?;
        tx.commit().await?;
        Ok(Next::Authorize { connection: open.connection.id.clone(), url: request.url.into() })
    }
}
