//! A call to the API of a provider with the credential of an account.

use std::{collections::BTreeSet, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use valetkey_core::connector::Template;

use crate::{
    Access, CallError,
    destination::Destination,
    egress::{Answer, Purpose, Request},
    forward::{Spellings, to_caller},
    scheme::{Made, Rest, Signer, attach, secret_texts, sign, used_names},
};

/// A call below the base URL of the API.
#[derive(Clone, Debug)]
pub struct ApiCall<'a> {
    /// The method.
    pub method: Method,
    /// Path and query, relative to the base URL, without dot segments in any encoding; or an absolute `https` address at
    /// a host of the connector.
    pub path: &'a str,
    /// Further headers; those that carry the credential and those of the connection itself are refused.
    pub headers: &'a [(HeaderName, HeaderValue)],
    /// The body.
    pub body: Bytes,
    /// How long it may take, in place of the limit of all requests.
    pub limit: Option<Duration>,
    /// What of the credential may be in the answer, because it is not secret. The rest is overwritten there.
    pub open_fields: Option<&'a BTreeSet<&'a str>>,
}

/// The answer of an API. Redirects are answers too; they are never followed.
#[derive(Clone, Debug)]
pub struct ApiAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers, without cookies and hop-by-hop headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Headers that concern one connection (RFC 9110 §7.6.1) or are set by the broker.
const NOT_FROM_CALLERS: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(crate) async fn call(
    signer: Signer<'_>,
    access: &Access<'_>,
    call: ApiCall<'_>,
) -> Result<ApiAnswer, CallError> {
    refuse_reserved(access, &call)?;
    let destination = if call.path.starts_with("https://") {
        Destination::absolute(access.api, access.fields, &Template::new(call.path))?
    } else {
        Destination::below_base(access.api, access.fields, call.path)?
    };
    let mut request = attach(access, Purpose::Api, call.method, destination)?.raw_body(call.body);
    for (name, value) in call.headers {
        request = request.header(name.clone(), value.clone());
    }
    if let Some(limit) = call.limit {
        request = request.within(limit);
    }
    let (answer, made) = send(signer, access, request, call.limit).await?;
    let (mut headers, mut body) = (answer.headers, BytesMut::from(answer.body));
    to_caller(&mut headers);
    let none = BTreeSet::new();
    let mut secrets = secret_texts(access, call.open_fields.unwrap_or(&none));
    secrets.extend(made.secrets);
    let secrets = Spellings::of(&secrets);
    secrets.drop_from(&mut headers);
    secrets.overwrite(&mut body);
    Ok(ApiAnswer { status: answer.status, headers, body: body.freeze() })
}

/// Sends `request` with what is made for it, and once more where a token that was kept is refused.
async fn send(
    signer: Signer<'_>,
    access: &Access<'_>,
    request: Request,
    limit: Option<Duration>,
) -> Result<(Answer, Made), CallError> {
    let (first, made) = sign(signer, access, request.clone(), Rest::Whole, limit).await?;
    let answer = signer.client.send(first).await?.into_answer();
    if !made.is_renewed_after(signer, answer.status).await {
        return Ok((answer, made));
    }
    let (again, made) = sign(signer, access, request, Rest::Whole, limit).await?;
    Ok((signer.client.send(again).await?.into_answer(), made))
}

fn refuse_reserved(access: &Access<'_>, call: &ApiCall<'_>) -> Result<(), CallError> {
    let used: Vec<String> = used_names(access.placements).collect();
    for (name, _) in call.headers {
        if NOT_FROM_CALLERS.contains(&name.as_str()) || used.iter().any(|used| used == name.as_str()) {
            return Err(CallError::HeaderNotAllowed(name.to_string()));
        }
    }
    refuse_parameters(access, call.path)
}

/// Refuses a query parameter that carries the credential.
pub(crate) fn refuse_parameters(access: &Access<'_>, path: &str) -> Result<(), CallError> {
    let Some((_, query)) = path.split_once('?') else { return Ok(()) };
    let used: Vec<String> = used_names(access.placements).map(|name| like_a_server(&name)).collect();
    let mut parameters =
        query.split(['&', ';']).flat_map(|pair| url::form_urlencoded::parse(pair.as_bytes()));
    let clash = parameters.find(|(name, _)| used.contains(&like_a_server(name)));
    clash.map_or(Ok(()), |(name, _)| Err(CallError::ParameterNotAllowed(name.into_owned())))
}

/// The name as servers read it that make variables of parameters: without index, and with other marks for `_`.
fn like_a_server(name: &str) -> String {
    let plain = name.split(['[', '\0']).next().unwrap_or_default().trim();
    plain.to_ascii_lowercase().replace(['.', ' ', '-'], "_")
}
