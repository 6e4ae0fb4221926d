//! How a credential travels in a request to the API.

pub(crate) mod document;
#[cfg(test)]
mod examples;
mod sign;

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, Method, header};
use valetkey_core::{
    Secret,
    connector::{MissingField, Placement, Template},
    credential::Credential,
};

use crate::{
    Access, Fields,
    destination::Destination,
    egress::{Purpose, Request},
};

pub(crate) use sign::{Made, Minted, Rest, Signer, is_form, key, needs_body, sign};

/// Why a credential cannot be put into a request. Never contains the credential.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SchemeError {
    /// A placeholder has no value.
    #[error(transparent)]
    Missing(#[from] MissingField),
    /// The definition names a header that is none.
    #[error("\"{0}\" is not the name of a header")]
    HeaderName(String),
    /// The value has a character that a header must not have, such as a line break.
    #[error("the value for the header \"{0}\" has a character that headers must not have")]
    HeaderValue(String),
    /// RFC 7617 §2 forbids a colon in the user name.
    #[error("the user name for Basic authentication contains a colon")]
    ColonInUsername,
    /// A signature cannot be made with what the account has as its key.
    #[error(
        "the value \"{value}\" of the connector cannot be made of the credential of the account: {reason}"
    )]
    Key {
        /// The name of the value in the definition.
        value: String,
        /// What is wrong and what is expected.
        reason: &'static str,
    },
    /// The region or the service of a signature of AWS.
    #[error(
        "{0} is no name of a region or service of AWS; it must have lower-case letters, digits and - only"
    )]
    Scope(String),
}

/// Names and values of headers and query parameters that carry a credential.
struct Placed {
    headers: Vec<(HeaderName, HeaderValue)>,
    query: Vec<(String, Secret)>,
}

/// What requests of one account have in them, whatever they ask for: the headers of the definition, and the credential.
pub(crate) struct Carried(Placed);

impl Carried {
    pub(crate) fn of(access: &Access<'_>) -> Result<Self, SchemeError> {
        let placed = place(access.placements, access.credential, access.fields)?;
        let defined = access.api.headers.iter().map(|(name, value)| {
            let value = value.render(|field| access.fields.get(field).map(String::as_str))?;
            Ok((header_name(name)?, header_value(name, &value)?))
        });
        let mut headers = defined.collect::<Result<Vec<_>, SchemeError>>()?;
        headers.extend(placed.headers);
        Ok(Self(Placed { headers, query: placed.query }))
    }

    /// Makes a request that carries the credential. The one place where a credential meets a request.
    pub(crate) fn request(&self, purpose: Purpose, method: Method, mut destination: Destination) -> Request {
        for (name, value) in &self.0.query {
            destination.append_query(name, value.expose());
        }
        let (url, query) = destination.into_parts();
        let request = Request::new(purpose, method, url).query(query);
        let headers = self.0.headers.iter();
        headers.fold(request, |request, (name, value)| request.header(name.clone(), value.clone()))
    }
}

/// Makes one request that carries the credential.
pub(crate) fn attach(
    access: &Access<'_>,
    purpose: Purpose,
    method: Method,
    destination: Destination,
) -> Result<Request, SchemeError> {
    Ok(Carried::of(access)?.request(purpose, method, destination))
}

/// The names of headers and query parameters that the placements use, in lower case.
pub(crate) fn used_names(placements: &[Placement]) -> impl Iterator<Item = String> {
    let mut names = Vec::with_capacity(placements.len());
    for placement in placements {
        match placement {
            Placement::Header { name, .. } | Placement::Query { name, .. } => {
                names.push(name.to_ascii_lowercase());
            }
            Placement::Basic { .. } => names.push(header::AUTHORIZATION.as_str().to_owned()),
            Placement::Computed(computed) => names.extend(used_names(&computed.place)),
            Placement::AwsSigv4(_) => names.extend(sign::AWS_NAMES.map(ToOwned::to_owned)),
            Placement::Oauth1(_) => names.extend(sign::OAUTH1_NAMES.map(ToOwned::to_owned)),
        }
    }
    names.into_iter()
}

/// The templates of a placement, without those of values that are made for it.
fn templates(placement: &Placement) -> Vec<&Template> {
    match placement {
        Placement::Header { value, .. } | Placement::Query { value, .. } => vec![value],
        Placement::Basic { username, password } => vec![username, password],
        Placement::AwsSigv4(aws) => aws.templates().collect(),
        Placement::Computed(_) | Placement::Oauth1(_) => Vec::new(),
    }
}

/// The texts of a credential that must not be seen by anybody but its API: what the placements name of it, or all of it
/// where something is made of it, without the values of `open_fields`; and the value of Basic as it is sent.
pub(crate) fn secret_texts(access: &Access<'_>, open_fields: &BTreeSet<&str>) -> Vec<Secret> {
    let values = access.credential.template_values();
    let is_open = |name: &str| open_fields.contains(name);
    let mut texts: Vec<Secret> = if access.placements.iter().any(Placement::is_signing) {
        values.iter().filter(|(name, _)| !is_open(name)).map(|(_, value)| value.clone()).collect()
    } else {
        let named = access.placements.iter().flat_map(templates).flat_map(Template::names);
        named.filter(|name| !is_open(name)).filter_map(|name| values.get(name).cloned()).collect()
    };
    for placement in access.placements {
        let Placement::Basic { username, password } = placement else { continue };
        let render = |template| render(template, &values, access.fields);
        if let (Ok(username), Ok(password)) = (render(username), render(password)) {
            let pair = Secret::from(format!("{}:{}", username.expose(), password.expose()));
            texts.push(STANDARD.encode(pair.expose()).into());
        }
    }
    texts
}

fn place(placements: &[Placement], credential: &Credential, fields: &Fields) -> Result<Placed, SchemeError> {
    let secrets = credential.template_values();
    placed(placements, &|template: &Template| render(template, &secrets, fields))
}

/// What goes into a request by the placements that are the same for each.
fn placed(
    placements: &[Placement],
    render: &dyn Fn(&Template) -> Result<Secret, MissingField>,
) -> Result<Placed, SchemeError> {
    let mut placed = Placed { headers: Vec::new(), query: Vec::new() };
    for placement in placements {
        match placement {
            Placement::Header { name, value } => placed.headers.push(secret_header(name, &render(value)?)?),
            Placement::Query { name, value } => placed.query.push((name.clone(), render(value)?)),
            Placement::Basic { username, password } => {
                let value = basic(&render(username)?, &render(password)?)?;
                placed.headers.push((header::AUTHORIZATION, value));
            }
            // Made once the rest of the request is known.
            Placement::Computed(_) | Placement::AwsSigv4(_) | Placement::Oauth1(_) => {}
        }
    }
    Ok(placed)
}

fn render(
    template: &Template,
    secrets: &BTreeMap<String, Secret>,
    fields: &Fields,
) -> Result<Secret, MissingField> {
    let value = |name: &str| secrets.get(name).map(Secret::expose).or(fields.get(name).map(String::as_str));
    template.render(value).map(Secret::from)
}

/// The `Authorization: Basic` value of RFC 7617, in UTF-8.
fn basic(username: &Secret, password: &Secret) -> Result<HeaderValue, SchemeError> {
    if username.expose().contains(':') {
        return Err(SchemeError::ColonInUsername);
    }
    basic_value(username.expose(), password.expose())
}

/// `Basic` and the two texts, joined and encoded.
pub(crate) fn basic_value(username: &str, password: &str) -> Result<HeaderValue, SchemeError> {
    let pair = Secret::from(format!("{username}:{password}"));
    let value = Secret::from(format!("Basic {}", STANDARD.encode(pair.expose())));
    header_value(header::AUTHORIZATION.as_str(), value.expose()).map(sensitive)
}

/// `Bearer` and the token (RFC 6750 §2.1).
pub(crate) fn bearer_value(token: &Secret) -> Result<HeaderValue, SchemeError> {
    let value = Secret::from(format!("Bearer {}", token.expose()));
    header_value(header::AUTHORIZATION.as_str(), value.expose()).map(sensitive)
}

pub(crate) fn header_name(name: &str) -> Result<HeaderName, SchemeError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| SchemeError::HeaderName(name.to_owned()))
}

pub(crate) fn header_value(name: &str, value: &str) -> Result<HeaderValue, SchemeError> {
    HeaderValue::from_str(value).map_err(|_| SchemeError::HeaderValue(name.to_owned()))
}

/// A header that carries a secret.
fn secret_header(name: &str, value: &Secret) -> Result<(HeaderName, HeaderValue), SchemeError> {
    Ok((header_name(name)?, sensitive(header_value(name, value.expose())?)))
}

fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use valetkey_core::credential::OauthCredential;

    use super::*;

    fn placed(placement: Placement, details: &str) -> Result<Placed, SchemeError> {
        place(&[placement], &Credential::Static(details.into()), &Fields::new())
    }

    fn header_template(value: &str) -> Placement {
        Placement::Header { name: "X-Api-Key".into(), value: Template::new(value) }
    }

    #[test]
    fn quirk_78_a_token_may_stand_in_any_header() {
        let found = placed(header_template("Token {{key}}"), r#"{"key":"k1"}"#).unwrap();
        assert_eq!(found.headers[0].0, "x-api-key");
        assert_eq!(found.headers[0].1, "Token k1");
        assert!(found.headers[0].1.is_sensitive());
    }

    #[test]
    fn quirk_54_a_token_goes_back_as_a_cookie() {
        let placement =
            Placement::Header { name: "Cookie".into(), value: Template::new("B1SESSION={{access_token}}") };
        let tokens = OauthCredential { access_token: "s-1".into(), ..OauthCredential::default() };
        let found = place(&[placement], &Credential::Oauth2(tokens), &Fields::new()).unwrap();
        assert_eq!(
            (&found.headers[0].0, found.headers[0].1.to_str().unwrap()),
            (&header::COOKIE, "B1SESSION=s-1")
        );
    }

    #[test]
    fn quirk_79_basic_may_have_a_constant_half() {
        let placement =
            Placement::Basic { username: Template::new("{{email}}/token"), password: Template::new("X") };
        let found = placed(placement, r#"{"email":"a@b.example"}"#).unwrap();
        assert_eq!(found.headers[0].1, format!("Basic {}", STANDARD.encode("a@b.example/token:X")).as_str());
    }

    #[test]
    fn t73_a_line_break_in_a_credential_is_refused_and_not_repeated() {
        let refused = placed(header_template("{{key}}"), r#"{"key":"a\r\nHost: evil"}"#).err().unwrap();
        assert_eq!(refused, SchemeError::HeaderValue("X-Api-Key".into()));
        assert!(!refused.to_string().contains("evil"));
    }

    #[test]
    fn a_colon_in_the_user_name_is_refused() {
        let placement = Placement::Basic { username: Template::new("{{u}}"), password: Template::new("") };
        assert_eq!(placed(placement, r#"{"u":"a:b"}"#).err(), Some(SchemeError::ColonInUsername));
    }
}
