//! Open a link: what the first page says.

use std::collections::BTreeMap;

use valetkey_core::{
    Timestamp,
    account::{Reason, State},
    connector::{AuthScheme, Connector, Field},
    environment::VerificationMode,
    link::LinkState,
    scope::ScopeSet,
};
use valetkey_store::{account, link};

use super::{Problem, ask::asked_scopes};
use crate::{
    App, Caller,
    account::Account,
    connection::ConnectionView,
    environment::Environment,
    link::{Link, LinkDetails},
    secrets,
};

/// What the first page says.
#[derive(Clone, Debug)]
pub struct LinkPage {
    /// Who asks: the name of the application.
    pub application: String,
    /// The connector's name.
    pub connector_name: String,
    /// One sentence about the service.
    pub connector_description: String,
    /// The user as the application knows it. Pages show it masked.
    pub identifier: String,
    /// What the page has to offer.
    pub kind: PageKind,
    /// Fields to fill in first.
    pub account_fields: Vec<Field>,
    /// Fields of the credential itself.
    pub credential_fields: Vec<Field>,
    /// Values of account fields that an earlier authorization left.
    pub values: BTreeMap<String, String>,
    /// What the application will be able to do.
    pub scopes: Vec<ScopeLine>,
    /// Who confirms the user afterwards.
    pub verification: VerificationMode,
    /// Where the link returns to.
    pub return_url: Option<String>,
    /// The state of the account, to say why it is asked again.
    pub state: State,
    /// The cause of the state.
    pub reason: Reason,
    /// When the link runs out.
    pub expires_at: Timestamp,
}

/// The kinds of a first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// Consent at the provider.
    Consent,
    /// A form for the credential.
    CredentialForm,
    /// A mere confirmation.
    Confirm,
}

/// One scope in plain words.
#[derive(Clone, Debug)]
pub struct ScopeLine {
    /// The scope.
    pub scope: String,
    /// What it allows, where the connector says so.
    pub description: Option<String>,
}

/// Scopes in the words of the connector.
pub(super) fn scope_lines(connector: &Connector, scopes: &ScopeSet) -> Vec<ScopeLine> {
    let known = match &connector.auth {
        AuthScheme::Oauth2(oauth2) => oauth2.scopes.available.as_slice(),
        AuthScheme::Basic(_) | AuthScheme::Bearer(_) | AuthScheme::ApiKey(_) | AuthScheme::None => &[],
    };
    let describe =
        |scope: &str| known.iter().find(|info| info.scope == scope).map(|info| info.description.clone());
    scopes.iter().map(|scope| ScopeLine { scope: scope.to_owned(), description: describe(scope) }).collect()
}

/// Where the application confirms the user. A link that was made before the environment began to confirm users has
/// none; it is as good as withdrawn, because nobody could be confirmed.
pub(super) fn verify_url(details: &LinkDetails) -> Result<&str, Problem> {
    details.user_verify_url.as_deref().ok_or(Problem::LinkRevoked)
}

/// A link that can be used, and everything around it.
pub(super) struct OpenLink {
    pub(super) link: Link,
    pub(super) details: LinkDetails,
    pub(super) account: Account,
    pub(super) connection: ConnectionView,
    pub(super) environment: Environment,
    pub(super) caller: Caller,
}

impl App {
    /// What the first page of a link says. Opening changes nothing but the time of the first opening, so that a mail
    /// scanner does no harm.
    pub async fn open_link(&self, token: &str) -> Result<LinkPage, Problem> {
        let open = self.usable_link(token).await?;
        if open.link.opened_at.is_none() {
            let mut tx = self.pool.begin().await?;
            link::mark_opened(&mut tx, &open.link.environment_id, &open.link.id, self.clock.now()).await?;
            tx.commit().await?;
        }
        let row = &open.account;
        let config = self.open_api_config(&row.environment_id, &row.id, row.api_config.as_ref()).await?;
        Ok(open.page(&config))
    }

    pub(super) async fn usable_link(&self, token: &str) -> Result<OpenLink, Problem> {
        let hash = secrets::hash("link", token);
        let mut reader = self.pool.read().await?;
        let link =
            link::by_token_hash_any_environment(&mut reader, &hash).await?.ok_or(Problem::UnknownLink)?;
        match link.state {
            LinkState::Used => return Err(Problem::LinkUsed),
            LinkState::Revoked => return Err(Problem::LinkRevoked),
            LinkState::Usable if link.expires_at <= self.clock.now() => return Err(Problem::LinkExpired),
            LinkState::Usable => {}
        }
        let account = account::get(&mut reader, &link.environment_id, &link.account_id).await?;
        drop(reader);
        let account = account.ok_or(Problem::UnknownLink)?;
        let caller = Caller::user(link.environment_id.clone());
        let connection = self.connection(&caller, account.connection_id.as_str()).await?;
        if !connection.enabled {
            return Err(Problem::ConnectionDisabled);
        }
        if !connection.is_complete() {
            return Err(Problem::ConnectionMisconfigured);
        }
        let environment = self.environment(&link.environment_id).await?;
        let details = self.open_link_details(&link).await?;
        Ok(OpenLink { link, details, account, connection, environment, caller })
    }
}

impl OpenLink {
    /// The scopes that this link asks for.
    pub(super) fn scopes(&self) -> ScopeSet {
        asked_scopes(&self.connection, &self.account, self.link.requested_scopes.as_ref())
    }

    fn page(&self, config: &serde_json::Map<String, serde_json::Value>) -> LinkPage {
        let connector = &self.connection.connector;
        let asked = self.scopes().union(&self.connection.secondary_scopes());
        LinkPage {
            application: self.environment.application.clone(),
            connector_name: connector.name.clone(),
            connector_description: connector.description.clone(),
            identifier: self.account.identifier.clone(),
            kind: match &connector.auth {
                AuthScheme::Oauth2(_) => PageKind::Consent,
                AuthScheme::None => PageKind::Confirm,
                AuthScheme::Basic(_) | AuthScheme::Bearer(_) | AuthScheme::ApiKey(_) => {
                    PageKind::CredentialForm
                }
            },
            account_fields: connector.account_fields.clone(),
            credential_fields: connector.auth.credential_fields().to_vec(),
            values: connector
                .account_fields
                .iter()
                .filter_map(|field| Some((field.name.clone(), config.get(&field.name)?.as_str()?.to_owned())))
                .collect(),
            scopes: scope_lines(connector, &asked),
            verification: self.environment.verification_mode,
            return_url: self.details.return_url.clone(),
            state: self.account.state,
            reason: self.account.reason,
            expires_at: self.link.expires_at,
        }
    }
}
