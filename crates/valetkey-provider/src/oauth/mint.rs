//! The requests of a login that yields a token (quirks 71 to 73, 76, 77).

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, header};
use valetkey_core::{
    Secret, Timestamp,
    connector::{AnswerFormat, BodyFormat, LoginDocument, LoginRequest, Mint},
};

use super::{
    answer::{read_captured, read_minted},
    context::Context,
    error::TokenError,
    parameters::Parameters,
    request::{Draft, JSON, Values, send},
};
use crate::{
    Fields,
    destination::Destination,
    egress::{Purpose, Request},
    scheme::{
        document::{Render, filled, xml},
        header_name, header_value,
    },
};

/// How long a token of unknown lifetime is used, in seconds.
const UNKNOWN_LIFETIME: i64 = 300;

const XML: &str = "application/xml";

/// A token, and what came with it.
pub(crate) struct MintedToken {
    /// The token.
    pub(crate) token: Secret,
    /// What was captured, by its name.
    pub(crate) captured: BTreeMap<String, Secret>,
    /// Until when it is used.
    pub(crate) until: Timestamp,
}

/// The request that `login` describes, without a signature. `render` knows the credential, what was made of it, and what
/// earlier requests have captured.
pub(crate) fn login_request(
    login: LoginRequest<'_>,
    destination: &Destination,
    render: &Render<'_>,
) -> Result<Request, TokenError> {
    let (names, headers) = (BTreeMap::new(), BTreeMap::new());
    let mut parameters = Parameters::new(&names);
    for (name, template) in login.parameters {
        let value = render(template).map_err(TokenError::setup)?;
        parameters.further(name, value).map_err(TokenError::setup)?;
    }
    let draft = Draft {
        purpose: Purpose::Token,
        method: login.method,
        url: destination.url().clone(),
        body: if login.document.is_some() { BodyFormat::Query } else { login.body },
        parameters,
        headers: &headers,
        authorization: None,
    };
    let mut request = draft.into_request(Values::new("", &Fields::new()))?;
    if login.answer.format == AnswerFormat::Xml {
        request = request.header(header::ACCEPT, HeaderValue::from_static(XML));
    }
    if let Some(document) = login.document {
        request = with_document(request, document, render)?;
    }
    for (name, template) in login.headers {
        let (name, value) = secret_header(name, &render(template).map_err(TokenError::setup)?)?;
        request = request.header(name, value);
    }
    Ok(request)
}

fn with_document(
    request: Request,
    document: &LoginDocument,
    render: &Render<'_>,
) -> Result<Request, TokenError> {
    Ok(match document {
        LoginDocument::Json(value) => {
            let value = filled(value, render).map_err(TokenError::setup)?;
            request.body(JSON, value.to_string())
        }
        LoginDocument::Xml(template) => {
            let text = xml(template, render).map_err(TokenError::setup)?;
            request.body(XML, text.expose().to_owned())
        }
    })
}

fn secret_header(name: &str, value: &Secret) -> Result<(HeaderName, HeaderValue), TokenError> {
    let mut value = header_value(name, value.expose()).map_err(TokenError::setup)?;
    value.set_sensitive(true);
    Ok((header_name(name).map_err(TokenError::setup)?, value))
}

/// Sends `request`, and reads the token and until when it is used. `secrets` are removed from what the provider says about
/// errors.
pub(crate) async fn mint(
    context: Context<'_>,
    mint: &Mint,
    request: Request,
    secrets: &[&Secret],
) -> Result<MintedToken, TokenError> {
    let answer = send(context.client, request).await?;
    let read = read_minted(&mint.answer, &answer.raw(), context.now, secrets)?;
    let until = match read.expires_at {
        Some(end) => end.plus_seconds(-mint.margin_seconds),
        None if mint.answer.lifetime.never_expires => Timestamp::from_millis(i64::MAX),
        None => context.now.plus_seconds(UNKNOWN_LIFETIME),
    };
    Ok(MintedToken { token: read.token, captured: read.captured, until })
}

/// Sends `request`, and reads what it captures for the ones after it.
pub(crate) async fn mint_step(
    context: Context<'_>,
    login: LoginRequest<'_>,
    request: Request,
    secrets: &[&Secret],
) -> Result<BTreeMap<String, Secret>, TokenError> {
    let answer = send(context.client, request).await?;
    read_captured(login.answer, &answer.raw(), context.now, secrets)
}
