//! The page of success.

use askama::Template;

use super::Mark;
use crate::hosted::port::{Connected, ScopeLine};
use crate::hosted::web_url::WebUrl;

/// The account is connected.
#[derive(Template, Clone, Debug)]
#[template(path = "hosted/connected.html")]
pub struct ConnectedPage {
    /// The application.
    pub application: String,
    /// The service.
    pub connector: String,
    /// The mark of the service.
    pub mark: Mark,
    /// The name of the account at the provider.
    pub provider_account: Option<String>,
    /// Whether the application still has to confirm the person.
    pub awaiting_verification: bool,
    /// What was not granted.
    pub missing_scopes: Vec<ScopeLine>,
    /// The way back to the application.
    pub return_to: Option<WebUrl>,
}

impl ConnectedPage {
    /// The page of `connected`.
    pub fn new(connected: &Connected) -> Self {
        let Connected { about, provider_account, awaiting_verification, missing_scopes } = connected.clone();
        Self {
            mark: Mark::of(&about.connector),
            application: about.application,
            connector: about.connector,
            provider_account,
            awaiting_verification,
            missing_scopes,
            return_to: about.return_to,
        }
    }
}
