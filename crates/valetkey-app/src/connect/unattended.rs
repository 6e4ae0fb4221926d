//! Authorize a test account as its user would, without a person.

use valetkey_core::connector::AuthScheme;
use valetkey_provider::oauth::callback_state;

use super::{Problem, ask::asked_scopes, auth_url::Callback};
use crate::{
    App, Caller, Result,
    account::Account,
    connection::{ConnectionView, effective_oauth2},
};

impl App {
    /// Sends the authorization request and redeems the code that comes back, as for any account. Only the browser and the
    /// page of the provider are left out: the account's identifier is the user, which a test provider believes.
    pub(crate) async fn authorize_test_account(
        &self,
        caller: &Caller,
        row: &Account,
        connection: &ConnectionView,
    ) -> Result<()> {
        let problem = |problem: Problem| problem.into_error(None);
        let callback = Callback {
            redirect_uri: &connection.redirect_uri,
            state: None,
            unattended: Some(&row.identifier),
        };
        let scopes = asked_scopes(connection, row, None);
        let asked = self.ask_for_application(caller, row, connection, scopes, callback).await?;
        let back = self.provider.authorize_unattended(asked.url, &connection.redirect_uri).await;
        let back = back.map_err(|error| Problem::ExchangeFailed.into_error(Some(&error.to_string())))?;
        let AuthScheme::Oauth2(definition) = &connection.connector.auth else {
            return Err(problem(Problem::UnknownState));
        };
        let oauth2 = effective_oauth2(definition, &connection.config)?;
        let query = back.query().unwrap_or_default();
        let state = callback_state(&oauth2, query).ok_or_else(|| problem(Problem::UnknownState))?;
        let flow = self.flow_of_application(caller, row, &state).await?;
        let arrival = self.admit_application(caller, flow).await?;
        self.complete_for_application(&arrival, query).await
    }
}
