//! The flow behind an authorization link: open, start, come back, done.
//!
//! Whoever holds a link is an anonymous browser. It is known by a random token in a cookie, and what it starts it must
//! finish. Every outcome has a name ([`Problem`]) that pages, journal and support share.

mod about;
mod ask;
mod auth_url;
mod callback;
mod exchange_code;
mod finish;
mod flow_details;
mod open;
mod problem;
mod receive;
mod same_user;
mod start;
mod submit;
mod unattended;

pub use about::About;
pub use auth_url::{AuthUrl, GetAuthUrl};
pub use callback::Callback;
pub use exchange_code::{ExchangeCode, Exchanged};
pub use open::{LinkPage, PageKind, ScopeLine};
pub use problem::Problem;

use valetkey_core::id::ConnectionId;

/// What the browser does next.
pub enum Next {
    /// It goes to the authorization endpoint of the provider.
    Authorize {
        /// The connection that the provider will call back.
        connection: ConnectionId,
        /// The authorization request. It contains the state: do not log it.
        url: String,
    },
    /// It goes back to the application.
    Return(String),
    /// It is shown that the account is connected.
    Connected(Connected),
}

/// What the last page says.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The name of the connector.
    pub connector_name: String,
    /// The name of the application.
    pub application: String,
    /// The e-mail address or id at the provider, where it is known.
    pub provider_account: Option<String>,
    /// Scopes that were asked for and not granted.
    pub missing_scopes: Vec<ScopeLine>,
}
