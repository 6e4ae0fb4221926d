//! AWS Signature Version 4 (quirk 73).
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Position;
use valetkey_core::{
    Secret, Timestamp,
    connector::{AwsPathEncoding, AwsSigv4, HashAlgorithm, MissingField, Template},
};

use super::{
    Rest, canonical, clock,
    digest::{hash, hex, keyed_hash},
};
use crate::{SchemeError, egress::Request, scheme::secret_header};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

const DATE: &str = "x-amz-date";
const CONTENT_HASH: &str = "x-amz-content-sha256";
const SESSION_TOKEN: &str = "x-amz-security-token";

/// The headers that are set here, and parameters that stand for them.
pub(in crate::scheme) const NAMES: [&str; 9] = [
    "authorization",
    DATE,
    CONTENT_HASH,
    SESSION_TOKEN,
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-expires",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// Headers that are not signed, because they are made or changed on the way.
const NOT_SIGNED: [HeaderName; 9] = [
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::USER_AGENT,
];

type Render<'a> = dyn Fn(&Template) -> Result<Secret, MissingField> + Sync + 'a;

/// Signs `request`.
pub(super) fn sign(
    aws: &AwsSigv4,
    render: &Render<'_>,
    now: Timestamp,
    rest: Rest,
    request: &mut Request,
) -> Result<(), SchemeError> {
    let date = clock::basic(now);
    let payload = match rest {
        Rest::Whole => sha256(request.whole_body()),
        Rest::Streamed => UNSIGNED.to_owned(),
    };
    let mut set = |name: &str, value: &str| -> Result<(), SchemeError> {
        let (name, value) = secret_header(name, &value.into())?;
        request.headers_mut().insert(name, value);
        Ok(())
    };
    set(DATE, &date)?;
    if aws.payload_header {
        set(CONTENT_HASH, &payload)?;
    }
    // Long-lived credentials have no session token.
    let session = aws.session_token.as_ref().and_then(|token| render(token).ok());
    if let Some(session) = session.filter(|token| !token.is_empty()) {
        set(SESSION_TOKEN, session.expose())?;
    }
    let scope = [&date[..8], &part(render, &aws.region)?, &part(render, &aws.service)?, "aws4_request"];
    let (canonical, signed_headers) = canonical_request(request, aws.path_encoding, &payload)?;
    let to_sign = format!("{ALGORITHM}\n{date}\n{}\n{}", scope.join("/"), sha256(canonical.as_bytes()));
    let secret = render(&aws.secret_access_key)?;
    let signature = signature(&secret, &scope, &to_sign);
    let id = render(&aws.access_key_id)?;
    let value = Secret::from(format!(
        "{ALGORITHM} Credential={}/{}, SignedHeaders={signed_headers}, Signature={signature}",
        id.expose(),
        scope.join("/"),
    ));
    let (_, value) = secret_header(header::AUTHORIZATION.as_str(), &value)?;
    request.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(())
}

/// A region or service: lower-case letters, digits and hyphens, so that it cannot be taken for another part of the scope.
fn part(render: &Render<'_>, template: &Template) -> Result<String, SchemeError> {
    let text = render(template)?.expose().to_owned();
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.is_empty() || text.len() > 64 || !text.bytes().all(fine) {
        return Err(SchemeError::Scope(template.to_string()));
    }
    Ok(text)
}

/// The key is derived from the parts of the scope, one after the other.
fn signature(secret: &Secret, scope: &[&str], to_sign: &str) -> String {
    let first = zeroize::Zeroizing::new(format!("AWS4{}", secret.expose()).into_bytes());
    let key = scope.iter().fold(first, |key, part| {
        zeroize::Zeroizing::new(keyed_hash(HashAlgorithm::Sha256, &key, part.as_bytes()))
    });
    hex(&keyed_hash(HashAlgorithm::Sha256, &key, to_sign.as_bytes()))
}

/// The canonical request, and the names of the headers in it.
fn canonical_request(
    request: &Request,
    encoding: AwsPathEncoding,
    payload: &str,
) -> Result<(String, String), SchemeError> {
    let (url, method) = (request.url(), request.method());
    let mut headers = canonical_headers(request.headers())?;
    headers.insert("host".into(), url[Position::BeforeHost..Position::AfterPort].to_owned());
    let names: Vec<&str> = headers.keys().map(String::as_str).collect();
    let names = names.join(";");
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    let lines = lines.join("\n");
    let query = canonical::sorted(canonical::parameters(request.sent_query()));
    let path = canonical_path(url.path(), encoding);
    Ok((format!("{method}\n{path}\n{query}\n{lines}\n\n{names}\n{payload}"), names))
}

fn canonical_path(path: &str, encoding: AwsPathEncoding) -> String {
    match encoding {
        AwsPathEncoding::Once => path.to_owned(),
        AwsPathEncoding::Twice => {
            let segments: Vec<String> =
                path.split('/').filter(|segment| !segment.is_empty()).map(canonical::escaped).collect();
            let end = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
            format!("/{}{end}", segments.join("/"))
        }
    }
}

/// Names in lower case with their values, white space in them reduced to single blanks.
fn canonical_headers(headers: &HeaderMap) -> Result<BTreeMap<String, String>, SchemeError> {
    let names = headers.keys().filter(|name| !NOT_SIGNED.contains(name));
    names
        .map(|name| {
            let values: Vec<String> = headers
                .get_all(name)
                .iter()
                .map(|value| plain(value).ok_or_else(|| SchemeError::HeaderValue(name.to_string())))
                .collect::<Result<_, _>>()?;
            Ok((name.as_str().to_owned(), values.join(",")))
        })
        .collect()
}

fn plain(value: &HeaderValue) -> Option<String> {
    let words: Vec<&str> = value.to_str().ok()?.split_whitespace().collect();
    Some(words.join(" "))
}

fn sha256(data: &[u8]) -> String {
    hex(&hash(HashAlgorithm::Sha256, data))
}

#[cfg(test)]
#[path = "aws_tests.rs"]
mod tests;
