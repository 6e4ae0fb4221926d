//! What an operator sets on a connection, and the definition that results from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use valetkey_core::{
    Secret,
    connector::{ClientAuthentication, Connector, Identity, Oauth2, Pkce, SecondaryScopes, Template},
};

use crate::{Error, Result, web_address};

/// The settings of a connection that are no secret. Absent means: as the connector says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectionConfig {
    /// Another authorization endpoint.
    pub authorize_uri: Option<String>,
    /// Another token endpoint.
    pub token_uri: Option<String>,
    /// Another user info endpoint.
    pub user_info_uri: Option<String>,
    /// The client id registered at the provider.
    pub client_id: Option<String>,
    /// The scopes that users are asked for.
    pub scopes: Option<Vec<String>>,
    /// The scopes of the second parameter, where the provider has one.
    pub optional_scopes: Option<Vec<String>>,
    /// The name of the second scope parameter.
    pub optional_scope_parameter: Option<String>,
    /// Another name for the scope parameter.
    pub custom_scope_name: Option<String>,
    /// How the client authenticates at the token endpoint.
    pub token_endpoint_auth_method: Option<String>,
    /// Further authorization parameters, such as `prompt`.
    pub parameters: BTreeMap<String, String>,
    /// The connector's connection fields, such as `tenant_id`.
    pub fields: BTreeMap<String, String>,
    /// Whether the user may leave out scopes that are not required.
    pub scope_selection_allowed: Option<bool>,
    /// Scopes that cannot be left out.
    pub required_scopes: Vec<String>,
    /// Scopes of the second parameter that cannot be left out.
    pub required_optional_scopes: Vec<String>,
    /// Values that clients set and read back and that change nothing here.
    pub echo: BTreeMap<String, serde_json::Value>,
}

/// The secrets of a connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectionSecrets {
    /// The client secret registered at the provider.
    pub client_secret: Option<Secret>,
    /// Credentials that the operator gives for all users, a JSON object.
    pub static_config: Option<Secret>,
}

#[derive(Serialize)]
struct StoredSecretsRef<'a> {
    client_secret: Option<&'a str>,
    static_config: Option<&'a str>,
}

#[derive(Deserialize)]
struct StoredSecrets {
    client_secret: Option<Secret>,
    static_config: Option<Secret>,
}

impl ConnectionSecrets {
    pub(crate) fn is_empty(&self) -> bool {
        self.client_secret.is_none() && self.static_config.is_none()
    }

    pub(crate) fn to_plaintext(&self) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        let mut buffer = zeroize::Zeroizing::new(Vec::with_capacity(16 * 1024));
        let stored = StoredSecretsRef {
            client_secret: self.client_secret.as_ref().map(Secret::expose),
            static_config: self.static_config.as_ref().map(Secret::expose),
        };
        serde_json::to_writer(&mut *buffer, &stored).map_err(Error::internal)?;
        Ok(buffer)
    }

    pub(crate) fn from_plaintext(bytes: &[u8]) -> Result<Self> {
        let StoredSecrets { client_secret, static_config } =
            serde_json::from_slice(bytes).map_err(Error::internal)?;
        Ok(Self { client_secret, static_config })
    }
}

/// Parameters of an authorization request that the engine sets itself.
const RESERVED: &[&str] = &[
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "request",
    "request_uri",
];

impl ConnectionConfig {
    /// Checks everything that does not depend on the connector, and brings connection fields into their form.
    pub(crate) fn check(&mut self, connector: &Connector) -> Result<()> {
        for (field, uri) in [
            ("oauth_config.authorize_uri", &self.authorize_uri),
            ("oauth_config.token_uri", &self.token_uri),
            ("oauth_config.user_info_uri", &self.user_info_uri),
        ] {
            if let Some(uri) = uri {
                check_endpoint(field, uri)?;
            }
        }
        if let Some(method) = &self.token_endpoint_auth_method {
            client_authentication(method)?;
        }
        if let Some(name) = self.parameters.keys().find(|name| RESERVED.contains(&name.as_str())) {
            return Err(Error::invalid(
                "oauth_config.extensions.extra_authorize_params",
                "not_in",
                format!("\"{name}\" is set by the server and cannot be given"),
            ));
        }
        for field in &connector.connection_fields {
            let value =
                field.normalize(self.fields.get(&field.name).map(String::as_str)).map_err(|error| {
                    Error::invalid(&format!("oauth_config.{}", error.field), "format", error.reason)
                })?;
            match value {
                Some(value) => self.fields.insert(field.name.clone(), value),
                None => self.fields.remove(&field.name),
            };
        }
        Ok(())
    }
}

fn check_endpoint(field: &str, uri: &str) -> Result<()> {
    if web_address::is_acceptable(uri) {
        Ok(())
    } else {
        Err(Error::invalid(field, "uri", web_address::RULE))
    }
}

fn client_authentication(method: &str) -> Result<ClientAuthentication> {
    Ok(match method {
        "client_secret_post" => ClientAuthentication::ClientSecretPost,
        "client_secret_basic" => ClientAuthentication::ClientSecretBasic,
        "none" => ClientAuthentication::None,
        _ => {
            return Err(Error::invalid(
                "oauth_config.token_endpoint_auth_method",
                "in",
                "must be client_secret_basic, client_secret_post or none",
            ));
        }
    })
}

/// The OAuth definition of a connector with the connection's settings laid over it.
pub(crate) fn effective_oauth2(definition: &Oauth2, config: &ConnectionConfig) -> Result<Oauth2> {
    let mut oauth2 = definition.clone();
    if let Some(uri) = &config.authorize_uri {
        oauth2.authorization.url = Template::new(uri.clone());
        // The issuer belongs to the endpoint of the definition.
        oauth2.authorization.issuer = None;
    }
    if let Some(uri) = &config.token_uri {
        oauth2.move_token_endpoint(Template::new(uri.clone()));
    }
    if let Some(uri) = &config.user_info_uri {
        let standard = || Identity {
            url: None,
            method: valetkey_core::connector::Method::Get,
            body: None,
            account_id: Some("/sub".into()),
            email: Some("/email".into()),
        };
        oauth2.identity.get_or_insert_with(standard).url = Some(Template::new(uri.clone()));
    }
    if let Some(method) = &config.token_endpoint_auth_method {
        oauth2.token.client_authentication = client_authentication(method)?;
    }
    if let Some(name) = &config.custom_scope_name {
        oauth2.scopes.parameter.clone_from(name);
    }
    if let Some(parameter) = &config.optional_scope_parameter
        && oauth2.scopes.secondary.is_none()
    {
        oauth2.scopes.secondary = Some(SecondaryScopes { parameter: parameter.clone(), default: vec![] });
    }
    for (name, value) in &config.parameters {
        oauth2.authorization.parameters.insert(name.clone(), Template::new(value.clone()));
    }
    if config.echo.get("pkce_enabled") == Some(&serde_json::Value::Bool(true)) {
        oauth2.authorization.pkce = Pkce::S256;
    }
    Ok(oauth2)
}
