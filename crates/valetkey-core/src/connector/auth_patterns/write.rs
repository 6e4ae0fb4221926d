//! From a definition to `auth_patterns`, for the catalogue.

use serde_json::Value;

use super::{Mutation, OauthConfig, Pattern, PatternField, PatternOption, PatternScope};
use crate::connector::{
    ApiKeyAuth, AuthScheme, BasicAuth, BearerAuth, Connector, Field, InputType, Oauth2, Pkce, Placement,
    Template,
};

/// The pattern that says the same as the definition, as far as a pattern can.
pub fn to_auth_patterns(connector: &Connector) -> Value {
    let inputs = |fields: &[Field]| fields.iter().map(|field| input(connector, field)).collect::<Vec<_>>();
    let mut pattern = match &connector.auth {
        AuthScheme::Oauth2(oauth2) => Pattern {
            account_fields: inputs(&connector.account_fields),
            fields: inputs(&connector.connection_fields),
            ..of_oauth2(oauth2)
        },
        AuthScheme::Basic(auth) => of_basic(auth),
        AuthScheme::Bearer(auth) => of_bearer(auth),
        AuthScheme::ApiKey(auth) => of_api_key(auth, inputs(&auth.fields)),
        AuthScheme::None => {
            Pattern { r#type: "NO_AUTH".into(), display_name: "No auth".into(), ..Pattern::default() }
        }
    };
    if !matches!(connector.auth, AuthScheme::Oauth2(_)) {
        let keys = std::mem::take(&mut pattern.fields);
        pattern.fields = inputs(&connector.account_fields);
        pattern.fields.extend(if keys.is_empty() {
            inputs(connector.auth.credential_fields())
        } else {
            keys
        });
    }
    let base = connector.api.base_url.host_part();
    let fixed = Some(base).filter(|host| !host.is_empty() && !host.contains("{{")).map(ToOwned::to_owned);
    let patterns = connector.api.allowed_hosts.iter().filter(|host| !host.contains("{{")).cloned();
    pattern.allowed_proxy_domains = fixed.into_iter().chain(patterns).collect();
    serde_json::to_value([pattern]).unwrap_or_default()
}

fn input(connector: &Connector, field: &Field) -> PatternField {
    let base = &connector.api.base_url;
    let in_host = Template::new(base.host_part()).names().any(|name| name == field.name);
    PatternField {
        field_name: field.name.clone(),
        label: field.label.clone(),
        input_type: match field.input {
            InputType::Text => "text",
            InputType::Password => "password",
            InputType::Select => "select",
            InputType::Textarea => "textarea",
        }
        .into(),
        hint: field.hint.clone().unwrap_or_default(),
        required: field.required && field.default.is_none(),
        options: field
            .options
            .iter()
            .map(|option| PatternOption {
                value: option.value.clone(),
                display_name: option.label.clone(),
                default: field.default.as_ref() == Some(&option.value),
            })
            .collect(),
        is_path_param: !in_host && base.names().any(|name| name == field.name),
        header_name: String::new(),
    }
}

fn of_oauth2(oauth2: &Oauth2) -> Pattern {
    let scopes = &oauth2.scopes;
    let identity = oauth2.identity.as_ref().and_then(|identity| identity.url.as_ref());
    let available = scopes.available.iter().map(|info| PatternScope {
        scope: info.scope.clone(),
        display_name: info.scope.clone(),
        description: info.description.clone(),
        required: scopes.always.contains(&info.scope),
    });
    Pattern {
        r#type: "OAUTH".into(),
        display_name: "OAuth 2".into(),
        oauth_config: Some(OauthConfig {
            authorize_uri: oauth2.authorization.url.to_string(),
            token_uri: oauth2.token.url.to_string(),
            user_info_uri: identity.map(ToString::to_string).unwrap_or_default(),
            available_scopes: available.collect(),
            pkce_enabled: oauth2.authorization.pkce == Pkce::S256,
            custom_scope_name: Some(&scopes.parameter)
                .filter(|name| *name != "scope")
                .cloned()
                .unwrap_or_default(),
        }),
        auth_header_key_override: match oauth2.place.first() {
            Some(Placement::Header { name, .. }) => header(name),
            _ => String::new(),
        },
        ..Pattern::default()
    }
}

fn of_basic(auth: &BasicAuth) -> Pattern {
    let mut pattern =
        Pattern { r#type: "BASIC".into(), display_name: "Basic auth".into(), ..Pattern::default() };
    pattern.mutate("username", &auth.username, &auth.fields);
    pattern.mutate("password", &auth.password, &auth.fields);
    pattern
}

fn of_bearer(auth: &BearerAuth) -> Pattern {
    let mut pattern = Pattern {
        r#type: "BEARER".into(),
        display_name: "Bearer token".into(),
        auth_header_key_override: header(&auth.header),
        ..Pattern::default()
    };
    pattern.mutate_named(&auth.token, &auth.fields);
    pattern
}

fn of_api_key(auth: &ApiKeyAuth, mut fields: Vec<PatternField>) -> Pattern {
    let mut pattern =
        Pattern { r#type: "API_KEY".into(), display_name: "API key".into(), ..Pattern::default() };
    for place in &auth.place {
        let Placement::Header { name, value } = place else { continue };
        pattern.mutate_named(value, &auth.fields);
        if auth.place.len() == 1 {
            pattern.auth_header_key_override = header(name);
        } else if let Some(field) =
            fields.iter_mut().find(|field| value.names().any(|used| used == field.field_name))
        {
            field.header_name.clone_from(name);
        }
    }
    pattern.fields = fields;
    pattern
}

fn header(name: &str) -> String {
    if name.eq_ignore_ascii_case("authorization") { String::new() } else { name.to_owned() }
}

impl Pattern {
    /// Notes what happens to the one field that `template` names.
    fn mutate_named(&mut self, template: &Template, fields: &[Field]) {
        if let Some(name) = template.names().next() {
            self.mutate(name, template, fields);
        }
    }

    /// Notes what `template` does to the value `key`: a constant, or text around the field of that name. A template
    /// that a mutation cannot express is left out.
    fn mutate(&mut self, key: &str, template: &Template, fields: &[Field]) {
        let text = template.as_str();
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let default = fields.iter().find(|field| field.name == key).and_then(|field| field.default.clone());
        let mutation = match text.split_once(&format!("{{{{{key}}}}}")) {
            Some((prefix, suffix)) if !prefix.contains("{{") && !suffix.contains("{{") => {
                Mutation { default, prefix: given(prefix), suffix: given(suffix) }
            }
            None if template.names().next().is_none() => {
                Mutation { default: given(text), ..Mutation::default() }
            }
            _ => return,
        };
        if mutation.default.is_some() || mutation.prefix.is_some() || mutation.suffix.is_some() {
            self.auth_field_mutations.insert(key.to_owned(), mutation);
        }
    }
}
