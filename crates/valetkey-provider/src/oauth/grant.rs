//! What a successful answer of the token endpoint gives.

use valetkey_core::{credential::OauthCredential, scope::ScopeSet};

use crate::Fields;

/// What a successful answer of the token endpoint gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenGrant {
    /// The tokens.
    pub credential: OauthCredential,
    /// The granted scopes; `None` where the answer names none, which means: as requested (RFC 6749 §5.1).
    pub granted: Option<ScopeSet>,
    /// Account fields taken from the answer. They are not secret and have at most 2 KiB each.
    pub captured: Fields,
    /// The token type, as the answer has it.
    pub token_type: String,
    /// Where the lifetime comes from.
    pub lifetime: LifetimeSource,
    /// Who has authorized, where the definition finds it in this answer.
    pub identity: IdentityValues,
}

/// Where the lifetime of an access token comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LifetimeSource {
    /// The answer.
    Answer,
    /// The definition's `default_seconds`.
    Definition,
    /// The `exp` of an access token that is a JWT.
    Jwt,
    /// The definition says that tokens of this provider do not expire.
    NeverExpires,
    /// Nothing tells it. The token is not eternal; somebody has to find out.
    Unknown,
}

/// Who has authorized, as the provider tells it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct IdentityValues {
    /// The provider's own id of the account.
    pub account_id: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}
