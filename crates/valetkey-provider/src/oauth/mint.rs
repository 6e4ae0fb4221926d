//! The request that exchanges a credential for a token (quirks 72, 76).

use std::collections::BTreeMap;

use valetkey_core::{
    Secret, Timestamp,
    connector::{Mint, MissingField, Template},
};

use super::{
    answer::read_minted,
    context::Context,
    error::TokenError,
    parameters::Parameters,
    request::{Draft, Values, send},
};
use crate::{
    Fields,
    destination::Destination,
    egress::{Purpose, Request},
    scheme::{header_name, header_value},
};

/// How long a token of unknown lifetime is used, in seconds.
const UNKNOWN_LIFETIME: i64 = 300;

/// The request that `mint` describes. `render` knows the credential, and what was made of it.
pub(crate) fn mint_request(
    mint: &Mint,
    destination: &Destination,
    render: &dyn Fn(&Template) -> Result<Secret, MissingField>,
) -> Result<Request, TokenError> {
    let (names, headers) = (BTreeMap::new(), BTreeMap::new());
    let mut parameters = Parameters::new(&names);
    for (name, template) in &mint.parameters {
        let value = render(template).map_err(TokenError::setup)?;
        parameters.further(name, value).map_err(TokenError::setup)?;
    }
    let draft = Draft {
        purpose: Purpose::Token,
        method: mint.method,
        url: destination.url().clone(),
        body: mint.body,
        parameters,
        headers: &headers,
        authorization: None,
    };
    let mut request = draft.into_request(Values::new("", &Fields::new()))?;
    for (name, template) in &mint.headers {
        let value = render(template).map_err(TokenError::setup)?;
        let mut value = header_value(name, value.expose()).map_err(TokenError::setup)?;
        value.set_sensitive(true);
        request = request.header(header_name(name).map_err(TokenError::setup)?, value);
    }
    Ok(request)
}

/// Sends `request`, and reads the token and until when it is used. `secrets` are removed from what the provider says about
/// errors.
pub(crate) async fn mint(
    context: Context<'_>,
    mint: &Mint,
    request: Request,
    secrets: &[&Secret],
) -> Result<(Secret, Timestamp), TokenError> {
    let answer = send(context.client, request).await?;
    let (token, expires_at) = read_minted(&mint.answer, &answer.raw(), context.now, secrets)?;
    let until = match expires_at {
        Some(end) => end.plus_seconds(-mint.margin_seconds),
        None if mint.answer.lifetime.never_expires => Timestamp::from_millis(i64::MAX),
        None => context.now.plus_seconds(UNKNOWN_LIFETIME),
    };
    Ok((token, until))
}
