//! The address that a user opens to authorize: the hosted page, or the provider with the application's own callback.

use std::collections::BTreeMap;

use valetkey_core::{
    Secret, Timestamp, account::State, connector::AuthScheme, error_code::ErrorCode, scope::ScopeSet,
};

use super::{
    ask::{Ask, Asked, asked_scopes},
    start::normalize,
};
use crate::{
    App, Caller, Error, Result,
    account::{Account, AccountAddress},
    connection::{ConnectionView, effective_oauth2},
    link::{CreateLink, check_connection, check_scopes},
};

/// What the address is for. Empty texts count as absent.
#[derive(Clone, Debug, Default)]
pub struct GetAuthUrl {
    /// The id of the account.
    pub account: String,
    /// The application's own state, given back to it.
    pub state: Option<String>,
    /// The application's own callback; must be on the list of the connection, character by character.
    pub redirect_uri: Option<String>,
    /// Of the connection's scopes those to ask for, besides those that the account was narrowed to.
    pub scopes: Option<Vec<String>>,
    /// Where the application confirms the user, for the hosted page.
    pub user_verify_url: Option<String>,
}

/// An address for the user to open.
pub struct AuthUrl {
    /// The address. Whoever has it can authorize.
    pub url: Secret,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Where no page of ours takes the callback.
pub(super) struct Callback<'a> {
    pub(super) redirect_uri: &'a str,
    /// The application's own state.
    pub(super) state: Option<&'a str>,
    /// The user of a test provider to authorize as, without a person.
    pub(super) unattended: Option<&'a str>,
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// An operator has switched the account off: nobody authorizes it until it is resumed.
pub(super) fn check_not_suspended(account: &Account) -> Result<()> {
    if account.state != State::Suspended {
        return Ok(());
    }
    let message = format!("account {} is suspended; resume it before its user authorizes", account.id);
    Err(Error::standing(ErrorCode::AccountSuspended, account.state, account.reason, message))
}

fn check_redirect_uri(connection: &ConnectionView, uri: &str) -> Result<()> {
    if connection.allowed_redirect_uris.iter().any(|allowed| allowed == uri) {
        return Ok(());
    }
    let message = format!(
        "redirect_uri is not on the list of connection \"{}\"; add it there exactly as it is sent, and register it at the \
         provider",
        connection.name
    );
    Err(Error::new(ErrorCode::RedirectUrlNotAllowed, message))
}

impl App {
    /// The address that the user of an account opens to authorize. With `redirect_uri` it is the provider's authorization
    /// endpoint, and the application completes the authorization with [`App::exchange_code`]; the newest address of an
    /// account is the one that works. Without, it is the hosted page, which does all by itself.
    pub async fn auth_url(&self, caller: &Caller, request: GetAuthUrl) -> Result<AuthUrl> {
        let GetAuthUrl { account, state, redirect_uri, scopes, user_verify_url } = request;
        let address = AccountAddress::of_id(account);
        let row = address.get(&mut *self.pool.read().await?, caller).await?;
        check_not_suspended(&row)?;
        let Some(redirect_uri) = given(redirect_uri) else {
            let link = CreateLink { address, state, user_verify_url, scopes, ..CreateLink::default() };
            let made = self.create_link(caller, link).await?;
            return Ok(AuthUrl { url: made.url, expires_at: made.link.expires_at });
        };
        if given(user_verify_url).is_some() {
            let text = "is for the hosted page; with redirect_uri the application knows its user itself";
            return Err(Error::invalid("user_verify_url", "exclusive", text));
        }
        let connection = self.connection(caller, row.connection_id.as_str()).await?;
        check_connection(&connection)?;
        check_redirect_uri(&connection, &redirect_uri)?;
        let wanted = scopes.map(|scopes| scopes.into_iter().collect());
        check_scopes(&connection, wanted.as_ref())?;
        let scopes = asked_scopes(&connection, &row, wanted.as_ref());
        let state = given(state);
        let callback = Callback { redirect_uri: &redirect_uri, state: state.as_deref(), unattended: None };
        let asked = self.ask_for_application(caller, &row, &connection, scopes, callback).await?;
        Ok(AuthUrl { url: Secret::from(String::from(asked.url)), expires_at: asked.expires_at })
    }

    /// An authorization whose callback no page of ours takes.
    pub(super) async fn ask_for_application(
        &self,
        caller: &Caller,
        row: &Account,
        connection: &ConnectionView,
        scopes: ScopeSet,
        callback: Callback<'_>,
    ) -> Result<Asked> {
        let AuthScheme::Oauth2(definition) = &connection.connector.auth else {
            let text = format!(
                "is for OAuth only; the user of connection \"{}\" fills in a form on the hosted page",
                connection.name
            );
            return Err(Error::invalid("redirect_uri", "oauth2", text));
        };
        let oauth2 = effective_oauth2(definition, &connection.config)?;
        let ask = Ask {
            caller,
            account: row,
            connection,
            oauth2: &oauth2,
            scopes,
            fields: self.known_fields(row, connection).await?,
            redirect_uri: callback.redirect_uri,
            state: callback.state,
            unattended: callback.unattended,
            hosted: None,
        };
        self.ask(ask).await.map_err(|problem| problem.into_error(None))
    }

    /// The account fields that the provider's addresses need, which nobody is there to fill in.
    async fn known_fields(
        &self,
        row: &Account,
        connection: &ConnectionView,
    ) -> Result<BTreeMap<String, String>> {
        let config = self.open_api_config(&row.environment_id, &row.id, row.api_config.as_ref()).await?;
        let known = connection.connector.account_fields.iter().filter_map(|field| {
            let value = config.get(&field.name)?.as_str()?;
            Some((field.name.clone(), Secret::from(value)))
        });
        normalize(&connection.connector.account_fields, &known.collect())
            .map_err(|problem| problem.into_error(None))
    }
}
