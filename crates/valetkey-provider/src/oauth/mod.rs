//! OAuth 2.0 as a client (RFC 6749, RFC 7636, RFC 9126, RFC 9207), driven by the definition of a connector.

mod answer;
mod assertion;
mod authorize;
mod callback;
mod client;
mod context;
mod discovery;
mod error;
mod grant;
mod identity;
mod mint;
mod parameters;
mod pushed;
mod random;
mod refresh;
mod request;
mod revoke;
mod safe_text;
mod session;
mod token;
mod unattended;

pub(crate) use answer::seconds_to_wait;
pub use answer::{RawAnswer, read_token_answer};
pub use authorize::{AuthorizationError, AuthorizationInput, AuthorizationRequest};
pub use callback::{CallbackCode, CallbackError, callback_state, read_callback};
pub use client::OauthClient;
pub use error::{ErrorAnswer, TokenError, Unusable};
pub use grant::{IdentityValues, LifetimeSource, TokenGrant};
pub use refresh::{RefreshRequest, Refreshed};
pub use revoke::{RevocationResult, RevokeRequest};
pub use token::CodeExchange;
pub use unattended::UnattendedError;

pub(crate) use authorize::authorization_request;
pub(crate) use context::Context;
pub(crate) use discovery::discover;
pub(crate) use identity::identity;
pub(crate) use mint::{MintedToken, login_request, mint, mint_step};
pub(crate) use random::random_text;
pub(crate) use refresh::refresh;
pub(crate) use revoke::revoke;
pub(crate) use token::exchange;
pub(crate) use unattended::authorize_unattended;
