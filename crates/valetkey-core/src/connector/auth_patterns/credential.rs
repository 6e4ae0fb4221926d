//! The scheme of a pattern.

use super::{Mutation, Pattern, fields::Inputs};
use crate::connector::{
    ApiKeyAuth, AuthScheme, AuthorizationEndpoint, BasicAuth, BearerAuth, Callback, Field, Identity, Oauth2,
    Pkce, Placement, Refresh, ScopeInfo, Scopes, Template, TokenEndpoint,
};

const AUTHORIZATION: &str = "authorization";

impl Pattern {
    /// The scheme, or the place in the pattern and what is wrong there.
    pub(super) fn scheme(&self, inputs: &mut Inputs) -> Result<AuthScheme, (&'static str, String)> {
        Ok(match self.r#type.to_ascii_uppercase().as_str() {
            "OAUTH" => AuthScheme::Oauth2(Box::new(self.oauth2())),
            "BASIC" => self.basic(inputs)?,
            "BEARER" => self.bearer(inputs)?,
            "API_KEY" => self.api_key(inputs)?,
            "NO_AUTH" => AuthScheme::None,
            _ => return Err((".type", "must be OAUTH, BASIC, BEARER, API_KEY or NO_AUTH".into())),
        })
    }

    fn header(&self) -> String {
        let name = self.auth_header_key_override.as_str();
        if name.is_empty() { AUTHORIZATION } else { name }.to_ascii_lowercase()
    }

    /// The template of one part of the credential: the field of that name, or the default alone.
    fn part(&self, name: &str, inputs: &mut Inputs) -> Option<Template> {
        let unchanged = Mutation::default();
        let mutation = self.auth_field_mutations.get(name).unwrap_or(&unchanged);
        let declared = inputs.credential.iter_mut().find(|(_, field)| field.name == name);
        let inner = match declared {
            Some((_, field)) => {
                if field.default.is_none() {
                    field.default.clone_from(&mutation.default);
                }
                field.required |= field.default.is_none();
                format!("{{{{{name}}}}}")
            }
            None => mutation.default.clone()?,
        };
        let [prefix, suffix] =
            [&mutation.prefix, &mutation.suffix].map(|part| part.as_deref().unwrap_or_default());
        Some(Template::new(format!("{prefix}{inner}{suffix}")))
    }

    fn basic(&self, inputs: &mut Inputs) -> Result<AuthScheme, (&'static str, String)> {
        let username = self.part("username", inputs);
        let password = self.part("password", inputs);
        if username.is_none() && password.is_none() {
            return Err((".fields", "must have a field named username or password".into()));
        }
        let [username, password] = [username, password].map(|part| part.unwrap_or_else(|| Template::new("")));
        Ok(AuthScheme::Basic(BasicAuth { fields: used(inputs), username, password }))
    }

    fn bearer(&self, inputs: &mut Inputs) -> Result<AuthScheme, (&'static str, String)> {
        let name = one_of(inputs, "token")?;
        let token = self.part(&name, inputs).unwrap_or_else(|| Template::new(""));
        Ok(AuthScheme::Bearer(BearerAuth { fields: used(inputs), token, header: self.header() }))
    }

    fn api_key(&self, inputs: &mut Inputs) -> Result<AuthScheme, (&'static str, String)> {
        let in_headers = self.fields.iter().filter(|field| !field.header_name.is_empty());
        let mut keys: Vec<(String, String)> = in_headers
            .map(|field| (field.field_name.clone(), field.header_name.to_ascii_lowercase()))
            .collect();
        if keys.is_empty() {
            keys.push((one_of(inputs, "api_key")?, self.header()));
        }
        let place = keys
            .into_iter()
            .map(|(name, header)| Placement::Header {
                name: header,
                value: self.part(&name, inputs).unwrap_or_else(|| Template::new(format!("{{{{{name}}}}}"))),
            })
            .collect();
        Ok(AuthScheme::ApiKey(ApiKeyAuth { fields: used(inputs), place }))
    }

    fn oauth2(&self) -> Oauth2 {
        let unset = super::OauthConfig::default();
        let config = self.oauth_config.as_ref().unwrap_or(&unset);
        let scopes = Scopes {
            parameter: if config.custom_scope_name.is_empty() {
                Scopes::default().parameter
            } else {
                config.custom_scope_name.clone()
            },
            always: config
                .available_scopes
                .iter()
                .filter(|one| one.required)
                .map(|one| one.scope.clone())
                .collect(),
            available: config
                .available_scopes
                .iter()
                .map(|one| ScopeInfo {
                    scope: one.scope.clone(),
                    description: [&one.description, &one.display_name]
                        .into_iter()
                        .find(|text| !text.is_empty())
                        .unwrap_or(&one.scope)
                        .clone(),
                })
                .collect(),
            ..Scopes::default()
        };
        let pkce = if config.pkce_enabled {
            Pkce::S256
        } else {
            Pkce::Disabled("the description of the provider switches it off".into())
        };
        Oauth2 {
            authorization: AuthorizationEndpoint { pkce, ..AuthorizationEndpoint::at(&config.authorize_uri) },
            callback: Callback::default(),
            token: TokenEndpoint::at(&config.token_uri),
            refresh: Refresh::default(),
            session: None,
            scopes,
            identity: (!config.user_info_uri.is_empty()).then(|| Identity::at(&config.user_info_uri)),
            discovery: vec![],
            revocation: None,
            place: vec![Placement::Header {
                name: self.header(),
                value: Template::new("Bearer {{access_token}}"),
            }],
        }
    }
}

/// The name of the one field that is the credential: `usual`, or the only one.
fn one_of(inputs: &Inputs, usual: &str) -> Result<String, (&'static str, String)> {
    let fields = &inputs.credential;
    match fields
        .iter()
        .find(|(_, field)| field.name == usual)
        .or(fields.first().filter(|_| fields.len() == 1))
    {
        Some((_, field)) => Ok(field.name.clone()),
        None => {
            Err((".fields", format!("must have a field named {usual}, or exactly one for the credential")))
        }
    }
}

fn used(inputs: &Inputs) -> Vec<Field> {
    inputs.credential.iter().map(|(_, field)| field.clone()).collect()
}
