//! Settings of a connection between the wire and the use cases.

use serde_json::Value;
use tonic::Status;
use valetkey_app::connection::{ConnectionConfig, ConnectionSecrets, ConnectionView};
use valetkey_core::{
    Secret,
    connector::{AuthScheme, Oauth2, Pkce},
};
use valetkey_proto::scalekit::v1::connections as wire;

use super::convert;
use crate::error::status_of;

/// Authorization parameters that have a field of their own on the wire.
const PROMPT: &str = "prompt";
const ACCESS_TYPE: &str = "access_type";
const TOKEN_ACCESS_TYPE: &str = "token_access_type";
/// The connection field that has a field of its own on the wire.
const TENANT: &str = "tenant_id";
/// Settings that clients write and read back.
const ECHOED: [&str; 4] = ["use_platform_creds", "sync_user_profile_on_login", "is_cimd", "app_name"];

fn set<T>(target: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *target = value;
    }
}

/// Lays the settings of a request over those of the connection; what the request leaves out stays.
pub(super) fn apply_oauth(
    config: &mut ConnectionConfig,
    secrets: &mut ConnectionSecrets,
    wire: wire::OAuthConnectionConfig,
) -> Result<(), valetkey_app::Error> {
    set(&mut config.authorize_uri, wire.authorize_uri);
    set(&mut config.token_uri, wire.token_uri);
    set(&mut config.user_info_uri, wire.user_info_uri);
    set(&mut config.client_id, wire.client_id);
    set(&mut config.custom_scope_name, wire.custom_scope_name);
    set(&mut config.token_endpoint_auth_method, wire.token_endpoint_auth_method);
    set(&mut config.scope_selection_allowed, wire.scope_selection_allowed);
    // A client that writes back what it has read sends the mask, which is no secret.
    if let Some(secret) = wire.client_secret.filter(|text| !text.starts_with("****")) {
        secrets.client_secret = Some(Secret::from(secret));
    }
    set(&mut config.scopes, (!wire.scopes.is_empty()).then_some(wire.scopes));
    if let Some(optional) = wire.optional_scopes {
        config.optional_scopes = Some(optional.scopes);
        set(&mut config.optional_scope_parameter, Some(optional.field_name).filter(|name| !name.is_empty()));
    }
    for (target, list) in [
        (&mut config.required_scopes, wire.required_scopes),
        (&mut config.required_optional_scopes, wire.required_optional_scopes),
    ] {
        if !list.is_empty() {
            *target = list;
        }
    }
    let parameters =
        [(PROMPT, wire.prompt), (ACCESS_TYPE, wire.access_type), (TOKEN_ACCESS_TYPE, wire.token_access_type)];
    for (name, value) in parameters {
        if let Some(value) = value {
            config.parameters.insert(name.to_owned(), value);
        }
    }
    if let Some(tenant) = wire.tenant_id {
        config.fields.insert(TENANT.to_owned(), tenant);
    }
    if let Some(extensions) = wire.extensions {
        config.parameters.extend(extensions.extra_authorize_params);
    }
    if wire.pkce_enabled == Some(false) {
        let text = "cannot be switched off on a connection; a connector definition may do so and must give its reason";
        return Err(valetkey_app::Error::invalid("oauth_config.pkce_enabled", "pkce", text));
    }
    let echoed = [
        ("pkce_enabled", wire.pkce_enabled.map(Value::from)),
        (ECHOED[0], wire.use_platform_creds.map(Value::from)),
        (ECHOED[1], wire.sync_user_profile_on_login.map(Value::from)),
        (ECHOED[2], wire.is_cimd.map(Value::from)),
        (ECHOED[3], wire.app_name.map(Value::from)),
    ];
    for (name, value) in echoed {
        if let Some(value) = value {
            config.echo.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

/// Takes credentials that the operator gives for all users.
pub(super) fn apply_static(secrets: &mut ConnectionSecrets, wire: wire::StaticAuthConfig) {
    let map = wire.static_config.map(convert::from_struct).unwrap_or_default();
    if !map.is_empty() {
        secrets.static_config = Some(Secret::from(Value::Object(map).to_string()));
    }
}

/// Lays the settings of an update request over those of the connection.
pub(super) fn apply(
    config: &mut ConnectionConfig,
    secrets: &mut ConnectionSecrets,
    settings: Option<wire::update_connection::Settings>,
) -> Result<(), valetkey_app::Error> {
    match settings {
        None => Ok(()),
        Some(wire::update_connection::Settings::OauthConfig(oauth)) => apply_oauth(config, secrets, oauth),
        Some(wire::update_connection::Settings::StaticConfig(fixed)) => {
            apply_static(secrets, fixed);
            Ok(())
        }
        Some(wire::update_connection::Settings::GoogleDwdConfig(_)) => Err(valetkey_app::Error::invalid(
            "google_dwd_config",
            "supported",
            "is not supported by this server",
        )),
    }
}

/// The settings as callers see them: endpoints and scopes that are in force, secrets masked.
pub(super) fn settings(view: &ConnectionView) -> Option<wire::connection::Settings> {
    match &view.connector.auth {
        AuthScheme::Oauth2(oauth2) => Some(wire::connection::Settings::OauthConfig(oauth(view, oauth2))),
        AuthScheme::None => None,
        AuthScheme::Basic(_) | AuthScheme::Bearer(_) | AuthScheme::ApiKey(_) => {
            let masked = view.secrets.static_config.as_ref().map(mask_values).unwrap_or_default();
            Some(wire::connection::Settings::StaticConfig(wire::StaticAuthConfig {
                static_config: Some(convert::to_struct(masked)),
            }))
        }
    }
}

fn mask_values(secret: &Secret) -> serde_json::Map<String, Value> {
    let map: serde_json::Map<String, Value> = serde_json::from_str(secret.expose()).unwrap_or_default();
    map.into_iter()
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            (name, Value::from(Secret::from(text).masked()))
        })
        .collect()
}

fn oauth(view: &ConnectionView, oauth2: &Oauth2) -> wire::OAuthConnectionConfig {
    let config = &view.config;
    let or =
        |set: &Option<String>, definition: &str| Some(set.clone().unwrap_or_else(|| definition.to_owned()));
    let parameter = |name: &str| {
        config
            .parameters
            .get(name)
            .cloned()
            .or_else(|| oauth2.authorization.parameters.get(name).map(ToString::to_string))
    };
    let own_field = |name: &&String| ![PROMPT, ACCESS_TYPE, TOKEN_ACCESS_TYPE].contains(&name.as_str());
    let extra: std::collections::HashMap<String, String> = config
        .parameters
        .iter()
        .filter(|(name, _)| own_field(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let flag = |name: &str| config.echo.get(name).and_then(Value::as_bool);
    let user_info =
        oauth2.identity.as_ref().and_then(|identity| identity.url.as_ref()).map(ToString::to_string);
    let secondary = oauth2.scopes.secondary.as_ref().map(|secondary| secondary.parameter.clone());
    let second_parameter = config.optional_scope_parameter.clone().or(secondary);
    wire::OAuthConnectionConfig {
        authorize_uri: or(&config.authorize_uri, oauth2.authorization.url.as_str()),
        token_uri: or(&config.token_uri, oauth2.token.url.as_str()),
        user_info_uri: config.user_info_uri.clone().or(user_info),
        client_id: config.client_id.clone(),
        client_secret: view.secrets.client_secret.as_ref().map(Secret::masked),
        scopes: view.scopes().iter().map(ToOwned::to_owned).collect(),
        redirect_uri: view.redirect_uri.clone(),
        pkce_enabled: Some(oauth2.authorization.pkce == Pkce::S256 || flag("pkce_enabled") == Some(true)),
        prompt: parameter(PROMPT),
        use_platform_creds: flag(ECHOED[0]),
        access_type: parameter(ACCESS_TYPE),
        custom_scope_name: config.custom_scope_name.clone(),
        sync_user_profile_on_login: flag(ECHOED[1]),
        token_access_type: parameter(TOKEN_ACCESS_TYPE),
        tenant_id: config.fields.get(TENANT).cloned(),
        is_cimd: flag(ECHOED[2]),
        app_name: config.echo.get(ECHOED[3]).and_then(Value::as_str).map(ToOwned::to_owned),
        optional_scopes: second_parameter.map(|field_name| wire::OptionalScopes {
            scopes: view.secondary_scopes().iter().map(ToOwned::to_owned).collect(),
            field_name,
        }),
        extensions: (!extra.is_empty())
            .then_some(wire::OauthExtensions { smart: None, extra_authorize_params: extra }),
        token_endpoint_auth_method: config.token_endpoint_auth_method.clone(),
        googleads_developer_token: None,
        scope_selection_allowed: config.scope_selection_allowed,
        required_scopes: config.required_scopes.clone(),
        required_optional_scopes: config.required_optional_scopes.clone(),
    }
}

/// The error of a kind of connection that this server does not have.
pub(super) fn check_type(view: &ConnectionView, wanted: i32) -> Result<(), Status> {
    let actual = super::connections::connection_type(view.auth_type()) as i32;
    if wanted == 0 || wanted == actual {
        return Ok(());
    }
    let text = format!("does not fit: {} connections have another type", view.connector.name);
    Err(status_of(valetkey_app::Error::invalid("connection.type", "connector", text)))
}
