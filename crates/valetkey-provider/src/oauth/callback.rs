//! The redirect back to us (RFC 6749 §4.1.2, RFC 9207). Pure: from a query to what it means.

use std::collections::BTreeMap;

use url::form_urlencoded;
use valetkey_core::{
    Secret,
    connector::{Field, InputType, InvalidField, Oauth2},
};

use super::{
    error::ErrorAnswer,
    safe_text::{safe_code, safe_text},
};
use crate::{Fields, url_template::host_uses};

/// The longest code or state that is read, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// A callback that brings an authorization code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallbackCode {
    /// The code.
    pub code: Secret,
    /// Account fields taken from the redirect, checked like those that a user types.
    pub captured: Fields,
}

/// Why a callback brings no code.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CallbackError {
    /// The callback does not say that it comes from the issuer that was asked. No code may be redeemed.
    #[error("the callback does not come from the issuer {expected}")]
    IssuerMismatch {
        /// The issuer of the definition.
        expected: String,
    },
    /// The user said no.
    #[error("the user did not consent: {0}")]
    Denied(ErrorAnswer),
    /// The provider reported another error.
    #[error("the provider reported an error: {0}")]
    Provider(ErrorAnswer),
    /// Neither a code nor an error.
    #[error("the callback has no \"{0}\"")]
    NoCode(String),
    /// A parameter that counts came twice or is too long.
    #[error("the parameter \"{0}\" of the callback cannot be read: it comes twice or is too long")]
    Malformed(String),
    /// A captured field has a value that it must not have.
    #[error(transparent)]
    Field(#[from] InvalidField),
}

/// The state of a callback; `None` where it has none, or several.
pub fn callback_state(oauth2: &Oauth2, query: &str) -> Option<Secret> {
    Parameters::of(query).one(&oauth2.callback.state_parameter).ok().flatten().map(Secret::from)
}

/// Reads the query of a callback. The issuer is checked before anything else, on errors too.
///
/// `account_fields` are those of the connector. A captured field that is among them is checked like one that the user
/// types. One that names the host of the token endpoint must be bounded there by a suffix or by choices, so that a
/// forged redirect cannot send the code and the client secret elsewhere.
pub fn read_callback(
    oauth2: &Oauth2,
    account_fields: &[Field],
    query: &str,
) -> Result<CallbackCode, CallbackError> {
    let parameters = Parameters::of(query);
    if let Some(expected) = &oauth2.authorization.issuer
        && parameters.one("iss")? != Some(expected.as_str())
    {
        return Err(CallbackError::IssuerMismatch { expected: expected.clone() });
    }
    if let Some(code) = parameters.one("error")? {
        return Err(provider_error(code, parameters.one("error_description").ok().flatten()));
    }
    let name = &oauth2.callback.code_parameter;
    let code = parameters.one(name)?.ok_or_else(|| CallbackError::NoCode(name.clone()))?;
    let captured = capture(oauth2, account_fields, &parameters)?;
    Ok(CallbackCode { code: Secret::from(code), captured })
}

fn provider_error(code: &str, description: Option<&str>) -> CallbackError {
    let answer = ErrorAnswer {
        status: None,
        code: safe_code(code, &[]),
        description: description.and_then(|text| safe_text(text, &[])),
    };
    if code == "access_denied" { CallbackError::Denied(answer) } else { CallbackError::Provider(answer) }
}

fn capture(
    oauth2: &Oauth2,
    account_fields: &[Field],
    parameters: &Parameters,
) -> Result<Fields, CallbackError> {
    let mut captured = Fields::new();
    for (name, parameter) in &oauth2.callback.capture {
        let Some(value) = parameters.one(parameter)? else { continue };
        let declared = account_fields.iter().find(|declared| declared.name == *name);
        let bounded =
            declared.is_some_and(|field| field.host_suffix.is_some() || field.input == InputType::Select);
        let reason = if host_uses(&oauth2.token.url, name) && !bounded {
            "names the host of the token endpoint; the definition must declare it with host_suffix or as a select"
        } else if value.chars().any(char::is_control) {
            "contains a control character"
        } else {
            let checked =
                declared.map_or(Ok(Some(value.to_owned())), |field| field.normalize(Some(value)))?;
            captured.extend(checked.map(|value| (name.clone(), value)));
            continue;
        };
        return Err(InvalidField { field: name.clone(), reason: reason.to_owned() }.into());
    }
    Ok(captured)
}

/// Parameters by name; `None` marks one that came twice.
struct Parameters(BTreeMap<String, Option<String>>);

impl Parameters {
    fn of(query: &str) -> Self {
        let mut found = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            found
                .entry(name.into_owned())
                .and_modify(|value| *value = None)
                .or_insert_with(|| Some(value.into_owned()));
        }
        Self(found)
    }

    /// The value of a parameter that may come once (RFC 6749 §3.1); empty counts as absent.
    fn one(&self, name: &str) -> Result<Option<&str>, CallbackError> {
        match self.0.get(name) {
            Some(Some(value)) if value.len() <= MAX_BYTES => {
                Ok(Some(value.as_str()).filter(|value| !value.is_empty()))
            }
            None => Ok(None),
            Some(_) => Err(CallbackError::Malformed(name.to_owned())),
        }
    }
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
