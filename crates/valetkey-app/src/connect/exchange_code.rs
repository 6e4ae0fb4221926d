//! Complete an authorization that came back to the application's own callback.

use std::collections::BTreeMap;

use url::form_urlencoded;
use valetkey_core::{
    Secret,
    connector::{AuthScheme, Oauth2},
    link::FlowOutcome,
    scope::ScopeSet,
};
use valetkey_store::{
    account,
    flow::{self, Flow},
};

use super::{Problem, auth_url::check_not_suspended, receive::Arrival, same_user::check_same_user};
use crate::{
    App, Caller, Error, Result,
    account::{Account, AccountAddress, AccountDetails, Change, Granted},
    connection::effective_oauth2,
    secrets,
};

/// What the callback brought.
#[derive(Clone, Debug, Default)]
pub struct ExchangeCode {
    /// The id of the account.
    pub account: String,
    /// The code.
    pub code: Secret,
    /// The state, as it came.
    pub state: Secret,
    /// The issuer, where one came (RFC 9207).
    pub issuer: Option<String>,
    /// Other parameters, of which the definition may read some.
    pub parameters: BTreeMap<String, String>,
}

/// An authorization that was completed.
pub struct Exchanged {
    /// The account.
    pub account: AccountDetails,
    /// The application's own state.
    pub state: Option<String>,
}

impl ExchangeCode {
    /// The query of the callback, as it would have come to a callback of ours.
    fn query(&self, oauth2: &Oauth2) -> String {
        let named = [
            (oauth2.callback.state_parameter.as_str(), Some(self.state.expose())),
            (oauth2.callback.code_parameter.as_str(), Some(self.code.expose())),
            ("iss", self.issuer.as_deref()),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let further = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(named.chain(further)).finish()
    }
}

impl App {
    /// Exchanges the code of a callback for tokens, which take the place of those that the account has. Each state works
    /// once, also where the exchange fails. The user is the one whom the application means: it has sent its user to
    /// the address and has received the callback. Fails with `USER_MISMATCH` where the provider names another user than
    /// before.
    pub async fn exchange_code(&self, caller: &Caller, request: &ExchangeCode) -> Result<Exchanged> {
        let address = AccountAddress::of_id(request.account.as_str());
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        let flow = self.flow_of_application(caller, &row, &request.state).await?;
        check_not_suspended(&row)?;
        let arrival = self.admit_application(caller, flow).await?;
        let query = request.query(&arrival.oauth2);
        self.complete_for_application(&arrival, &query).await?;
        let application = request.state.expose().split_once('.').map(|(_, state)| state.to_owned());
        Ok(Exchanged { account: self.account_details(caller, &address).await?, state: application })
    }

    /// The flow that the state names. One of another account, of a hosted page or of another environment is as unknown as
    /// any other text.
    pub(super) async fn flow_of_application(
        &self,
        caller: &Caller,
        row: &Account,
        state: &Secret,
    ) -> Result<Flow> {
        let hash = secrets::hash("state", state.expose());
        let found = flow::by_state_hash_any_environment(&mut *self.pool.read().await?, &hash).await?;
        let found = found.filter(|flow| flow.environment_id == caller.environment && flow.hosted.is_none());
        let unknown = || Problem::UnknownState.into_error(None);
        let flow = found.ok_or_else(unknown)?;
        if flow.account_id != row.id || flow.connection_id != row.connection_id {
            self.refuse_callback(caller, &flow, "other_account").await?;
            return Err(unknown());
        }
        Ok(flow)
    }

    /// Lets the callback of a flow in once, in time.
    pub(super) async fn admit_application(&self, caller: &Caller, flow: Flow) -> Result<Arrival> {
        if let Some((reason, problem)) = Self::over(flow.outcome) {
            self.refuse_callback(caller, &flow, reason).await?;
            return Err(problem.into_error(None));
        }
        let problem = |problem: Problem| problem.into_error(None);
        self.in_time(caller, &flow).await.map_err(problem)?;
        let details = self.open_flow(&flow).await?;
        let connection = self.connection(caller, flow.connection_id.as_str()).await?;
        let AuthScheme::Oauth2(definition) = &connection.connector.auth else {
            return Err(Problem::UnknownState.into_error(None));
        };
        let oauth2 = effective_oauth2(definition, &connection.config)?;
        self.claim_flow(caller, &flow).await.map_err(problem)?;
        Ok(Arrival { flow, details, connection, oauth2, caller: caller.clone() })
    }

    /// Redeems the code in the query of a callback and stores what it brings.
    pub(super) async fn complete_for_application(&self, arrival: &Arrival, query: &str) -> Result<()> {
        let redeemed = self.redeem(arrival, query).await;
        let granted = redeemed.map_err(|(_, detail, problem)| problem.into_error(detail.as_deref()))?;
        let (tokens, fields) = (granted.credential.clone(), granted.fields.clone());
        let stored = self.store_for_application(arrival, granted, arrival.details.scopes.clone()).await;
        if let Err(problem) = &stored {
            self.abandon(arrival, &fields, &tokens, problem).await?;
        }
        stored.map_err(|problem| problem.into_error(None))
    }

    async fn store_for_application(
        &self,
        arrival: &Arrival,
        granted: Granted,
        requested: ScopeSet,
    ) -> std::result::Result<(), Problem> {
        let Arrival { flow, caller, .. } = arrival;
        let row = account::get(&mut *self.pool.read().await?, &flow.environment_id, &flow.account_id).await?;
        let row = row.ok_or_else(|| Error::not_found(format!("account {} was deleted", flow.account_id)))?;
        check_same_user(&row, &granted)?;
        let grant = self.seal_grant(&row, &granted, Some(requested)).await?;
        let mut tx = self.pool.begin().await?;
        self.apply(&mut tx, caller, &row, Change::Obtained(grant)).await?;
        self.complete(&mut tx, caller, flow, FlowOutcome::Completed).await?;
        Ok(tx.commit().await?)
    }
}
