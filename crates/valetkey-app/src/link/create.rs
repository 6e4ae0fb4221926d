//! Make an authorization link.

use serde_json::json;
use valetkey_core::{
    Secret, connector::AuthType, environment::VerificationMode, error_code::ErrorCode, id::LinkId,
    journal::EventKind, link::LinkState, scope::ScopeSet,
};
use valetkey_store::link;

use super::{Link, LinkDetails};
use crate::{
    App, Caller, Error, Result, account::AccountAddress, connection::ConnectionView,
    environment::Environment, journal::About, secrets, web_address,
};

/// What the link is for.
#[derive(Clone, Debug, Default)]
pub struct CreateLink {
    /// The account; it is created where it does not exist.
    pub address: AccountAddress,
    /// The application's own state, given back to it.
    pub state: Option<String>,
    /// Where the application confirms the user.
    pub user_verify_url: Option<String>,
    /// Where the browser goes at the end; must be on the environment's list, character by character.
    pub return_url: Option<String>,
    /// Seconds until it expires; the setting where absent.
    pub lifetime: Option<i64>,
    /// How many authorizations can be completed with it; one where absent.
    pub max_uses: Option<i64>,
    /// Of the connection's scopes those to ask for, besides those that the account was narrowed to.
    pub scopes: Option<Vec<String>>,
}

/// A link as it is given to the application, this once.
pub struct NewLink {
    /// The link.
    pub link: Link,
    /// The address to open. Whoever has it can authorize.
    pub url: Secret,
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn check_return_url(environment: &Environment, url: Option<&String>) -> Result<()> {
    match url {
        Some(url) if !environment.allowed_return_urls.contains(url) => {
            let message = format!(
                "the return address is not on the list of environment \"{}\"; add it there exactly as it is sent",
                environment.name
            );
            Err(Error::new(ErrorCode::RedirectUrlNotAllowed, message))
        }
        _ => Ok(()),
    }
}

impl App {
    /// Makes a link for an account: first authorization, re-authorization, more scopes, or a new key.
    pub async fn create_link(&self, caller: &Caller, request: CreateLink) -> Result<NewLink> {
        let account = self.account_for_link(caller, &request.address).await?;
        let connection = self.connection(caller, account.connection_id.as_str()).await?;
        check_connection(&connection)?;
        let environment = self.environment(&caller.environment).await?;
        let details = LinkDetails {
            state: given(request.state),
            user_verify_url: given(request.user_verify_url),
            return_url: given(request.return_url),
        };
        check_return_url(&environment, details.return_url.as_ref())?;
        if details.user_verify_url.as_deref().is_some_and(|url| !web_address::is_acceptable(url)) {
            return Err(Error::invalid("user_verify_url", "uri", web_address::RULE));
        }
        check_verification(&environment, &connection, &details)?;
        let scopes: Option<ScopeSet> = request.scopes.map(ScopeSet::from_iter);
        check_scopes(&connection, scopes.as_ref())?;
        let now = self.clock.now();
        let id = LinkId::new(now, self.entropy.as_ref());
        let token = secrets::random_token(self.entropy.as_ref());
        let row = Link {
            id: id.clone(),
            environment_id: caller.environment.clone(),
            account_id: account.id.clone(),
            token_hash: secrets::hash("link", token.expose()),
            state: LinkState::Usable,
            details: self.seal_link(&caller.environment, &id, &details).await?,
            requested_scopes: scopes,
            max_uses: request.max_uses.unwrap_or(1),
            uses: 0,
            created_at: now,
            expires_at: now.plus_seconds(request.lifetime.unwrap_or(self.settings.link_lifetime)),
            opened_at: None,
            used_at: None,
            revoked_at: None,
        };
        let mut tx = self.pool.begin().await?;
        link::insert(&mut tx, &row).await?;
        let about = About { account: Some(&account.id), connection: Some(&connection.id) };
        let details = json!({ "link": id, "expires_at": row.expires_at.to_string() });
        self.record(&mut tx, caller, EventKind::LinkCreated, about, &details).await?;
        tx.commit().await?;
        let url = Secret::from(format!("{}/connect/{}", self.settings.public_url, token.expose()));
        Ok(NewLink { link: row, url })
    }
}

/// Whether authorizations can be started at all.
pub(crate) fn check_connection(connection: &ConnectionView) -> Result<()> {
    if !connection.enabled {
        let message = format!("connection \"{}\" is disabled; enable it to make links", connection.name);
        return Err(Error::new(ErrorCode::ConnectionDisabled, message));
    }
    if !connection.is_complete() {
        let message = format!("connection \"{}\" has no client_id yet; set it first", connection.name);
        return Err(Error::new(ErrorCode::ConnectionIncomplete, message));
    }
    Ok(())
}

/// Refused here and not after the user has consented.
fn check_verification(
    environment: &Environment,
    connection: &ConnectionView,
    details: &LinkDetails,
) -> Result<()> {
    let confirms = environment.verification_mode == VerificationMode::Custom;
    if confirms && connection.auth_type() == AuthType::Oauth2 && details.user_verify_url.is_none() {
        let message = format!(
            "environment \"{}\" confirms users in the application, so a link needs user_verify_url",
            environment.name
        );
        return Err(Error::new(ErrorCode::UserVerifyUrlRequired, message));
    }
    Ok(())
}

/// Scopes that an application names must be the connection's.
pub(crate) fn check_scopes(connection: &ConnectionView, wanted: Option<&ScopeSet>) -> Result<()> {
    let extra = wanted.map(|wanted| wanted.minus(&connection.scopes())).unwrap_or_default();
    if extra.is_empty() {
        return Ok(());
    }
    let message = format!("connection \"{}\" does not have the scopes {}", connection.name, extra.join(" "));
    Err(Error::new(ErrorCode::InvalidScopeSelection, message))
}
