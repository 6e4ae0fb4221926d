//! What a token request is granted, by what it presents.

mod code;
mod issue;
mod refresh;
mod renewal;

use std::sync::Arc;

use valetkey_core::Timestamp;

use super::{asked::Asked, refusal::Refusal, way::Way};
use crate::provider::client_auth::client_id;

/// What was granted.
pub(super) enum Granted {
    /// Tokens.
    Tokens(Issued),
    /// The access tokens of this grant work for longer.
    Extended(u64),
}

impl Granted {
    pub(super) fn grant(&self) -> u64 {
        match self {
            Self::Tokens(issued) => issued.grant,
            Self::Extended(grant) => *grant,
        }
    }
}

/// What was issued.
pub(super) struct Issued {
    pub(super) grant: u64,
    pub(super) user: Arc<str>,
    pub(super) now: Timestamp,
    pub(super) access_token: String,
    /// Seconds. Absent: the access token never expires.
    pub(super) expires_in: Option<u32>,
    pub(super) refresh_token: Option<String>,
    /// Seconds.
    pub(super) refresh_token_expires_in: Option<i64>,
    pub(super) scopes: Arc<[String]>,
    /// How often the grant was refreshed.
    pub(super) refreshes: u64,
    pub(super) second: Option<Second>,
}

/// A second token in the same answer.
pub(super) struct Second {
    pub(super) access_token: String,
    /// Seconds.
    pub(super) expires_in: u32,
    pub(super) refresh_token: Option<String>,
}

/// Tokens, or why there are none.
pub(super) fn granted(asked: &Asked) -> Result<Granted, Refusal> {
    let client = client_id(&asked.site.provider.memory(), &asked.headers, &asked.parameters);
    match &asked.way {
        Way::AccessToken(token) => renewal::by_access_token(asked, client, token),
        Way::Code => code::by_code(asked, &client?),
        Way::RefreshToken { token, place, at_token_endpoint } => {
            let client = client?;
            refresh::check_address(asked, *place, *at_token_endpoint)?;
            refresh::by_refresh_token(asked, &client, token.as_deref().ok_or("invalid_request")?)
        }
        Way::ClientCredentials => renewal::by_client_credentials(asked, &client?),
        Way::Unknown => client.map_err(Refusal::from).and(Err("unsupported_grant_type".into())),
        Way::Absent => client.map_err(Refusal::from).and(Err("invalid_request".into())),
    }
}
