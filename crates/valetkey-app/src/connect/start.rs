//! Leave for the provider, or connect at once where the connector needs no credential.

use std::collections::BTreeMap;

use valetkey_core::{
    Secret,
    connector::{AuthScheme, Oauth2},
    environment::VerificationMode,
};
use valetkey_store::flow::Hosted;

use super::{
    Next, Problem,
    ask::Ask,
    open::{OpenLink, verify_url},
};
use crate::{App, account, connection::effective_oauth2, secrets};

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
        fields: BTreeMap<String, String>,
    ) -> Result<Next, Problem> {
        let hosted =
            Hosted { link_id: open.link.id.clone(), browser_hash: secrets::hash("browser", browser) };
        let ask = Ask {
            caller: &open.caller,
            account: &open.account,
            connection: &open.connection,
            oauth2,
            scopes: open.scopes(),
            fields,
            redirect_uri: &open.connection.redirect_uri,
            state: None,
            unattended: None,
            hosted: Some(hosted),
        };
        let asked = self.ask(ask).await?;
        Ok(Next::Authorize { connection: open.connection.id.clone(), url: asked.url.into() })
    }
}
