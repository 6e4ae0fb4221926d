//! Credentials as a caller brings them along.

use serde_json::{Map, Value};
use valetkey_core::{
    Secret,
    connector::{AuthScheme, Connector},
    credential::{Credential, OauthCredential},
    scope::ScopeSet,
};

use super::Granted;
use crate::{Error, Result};

/// Credentials in a request. Empty ones mean: none yet.
#[derive(Clone, Debug)]
pub enum CredentialInput {
    /// Tokens of an OAuth grant obtained elsewhere.
    Oauth(OauthInput),
    /// The values that a connector's fields ask for.
    Static(Map<String, Value>),
}

/// Tokens of an OAuth grant obtained elsewhere.
#[derive(Clone, Debug, Default)]
pub struct OauthInput {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, perhaps empty.
    pub refresh_token: Secret,
    /// The granted scopes.
    pub scopes: Vec<String>,
}

const FIELD: &str = "connected_account.authorization_details";

impl CredentialInput {
    /// The credential that the input amounts to for a connector; `None` where it is empty.
    pub(super) fn credential(self, connector: &Connector) -> Result<Option<Granted>> {
        match self {
            Self::Oauth(input) if input.access_token.is_empty() => {
                if input.refresh_token.is_empty() {
                    return Ok(None);
                }
                let field = format!("{FIELD}.oauth_token.access_token");
                Err(Error::invalid(&field, "required", "is required beside a refresh_token"))
            }
            Self::Static(details) if details.is_empty() => Ok(None),
            Self::Oauth(input) => match &connector.auth {
                AuthScheme::Oauth2(_) => Ok(Some(input.granted())),
                _ => Err(mismatch("oauth_token", connector, "static_auth")),
            },
            Self::Static(details) => match &connector.auth {
                AuthScheme::Oauth2(_) => Err(mismatch("static_auth", connector, "oauth_token")),
                _ => static_credential(details, connector).map(Some),
            },
        }
    }
}

fn mismatch(given: &str, connector: &Connector, wanted: &str) -> Error {
    let text = format!("{} accounts take {wanted}, not {given}", connector.name);
    Error::invalid(&format!("{FIELD}.{given}"), "auth_type", text)
}

impl OauthInput {
    fn granted(self) -> Granted {
        let refresh_token = (!self.refresh_token.is_empty()).then_some(self.refresh_token);
        Granted {
            credential: Credential::Oauth2(OauthCredential {
                access_token: self.access_token,
                refresh_token,
                ..OauthCredential::default()
            }),
            scopes: Some(self.scopes.into_iter().collect::<ScopeSet>()),
            ..Granted::default()
        }
    }
}

/// Checks the connector's fields; values that it does not know are kept.
fn static_credential(mut details: Map<String, Value>, connector: &Connector) -> Result<Granted> {
    let mut account_values = std::collections::BTreeMap::new();
    for (field, secret) in connector
        .auth
        .credential_fields()
        .iter()
        .map(|field| (field, true))
        .chain(connector.account_fields.iter().map(|field| (field, false)))
    {
        let given = details.get(&field.name).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let value = field.normalize(given.as_deref()).map_err(|error| {
            Error::invalid(&format!("{FIELD}.static_auth.details.{}", error.field), "format", error.reason)
        })?;
        if let Some(value) = value {
            if !secret {
                account_values.insert(field.name.clone(), value.clone());
            }
            details.insert(field.name.clone(), Value::String(value));
        }
    }
    let text = Secret::from(Value::Object(details).to_string());
    Ok(Granted { credential: Credential::Static(text), fields: account_values, ..Granted::default() })
}

/// The credential of a filled form, whose values have been checked.
pub(crate) fn from_form(values: std::collections::BTreeMap<String, String>) -> Credential {
    let details: Map<String, Value> =
        values.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    Credential::Static(Secret::from(Value::Object(details).to_string()))
}
