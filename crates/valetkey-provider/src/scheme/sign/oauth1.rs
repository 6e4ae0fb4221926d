//! OAuth 1.0a (RFC 5849 §3) (quirk 74).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::header;
use url::{Position, Url};
use valetkey_core::{
    Entropy, Secret, Timestamp,
    connector::{HashAlgorithm, MissingField, Oauth1, Oauth1Method, Template},
};

use super::{
    canonical::{escaped, is_form, parameters, sorted},
    digest::{hex, keyed_hash},
};
use crate::{SchemeError, egress::Request, scheme::secret_header};

/// The header that is set here, and the parameters that stand in it.
pub(in crate::scheme) const NAMES: [&str; 8] = [
    "authorization",
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
    "oauth_version",
];

type Render<'a> = dyn Fn(&Template) -> Result<Secret, MissingField> + Sync + 'a;

/// Signs `request`.
pub(super) fn sign(
    oauth1: &Oauth1,
    render: &Render<'_>,
    now: Timestamp,
    entropy: &dyn Entropy,
    request: &mut Request,
) -> Result<(), SchemeError> {
    let mut nonce = [0; 16];
    entropy.fill(&mut nonce);
    let optional = |template: &Option<Template>| {
        let text = template.as_ref().and_then(|template| render(template).ok());
        text.filter(|text| !text.is_empty())
    };
    let mut protocol: Vec<(&str, Secret)> = vec![
        ("oauth_consumer_key", render(&oauth1.consumer_key)?),
        ("oauth_nonce", hex(&nonce).into()),
        ("oauth_signature_method", oauth1.method.name().into()),
        ("oauth_timestamp", now.seconds().to_string().into()),
        ("oauth_version", "1.0".into()),
    ];
    protocol.extend(optional(&oauth1.token).map(|token| ("oauth_token", token)));
    let mut given = parameters(request.sent_query());
    if is_form(request.headers()) {
        given.extend(parameters(&String::from_utf8_lossy(request.whole_body())));
    }
    let base = base_string(request.method().as_str(), request.url(), given, &protocol);
    let token_secret = optional(&oauth1.token_secret).unwrap_or_default();
    let signature = signature(oauth1.method, &render(&oauth1.consumer_secret)?, &token_secret, &base);
    protocol.push(("oauth_signature", signature.into()));
    let realm = oauth1.realm.as_ref().map(render).transpose()?;
    let value = header_text(realm.as_ref(), &protocol);
    let (_, value) = secret_header(header::AUTHORIZATION.as_str(), &value)?;
    request.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(())
}

/// The signature base string (§3.4.1).
fn base_string(method: &str, url: &Url, given: Vec<(String, String)>, protocol: &[(&str, Secret)]) -> Secret {
    let own = protocol.iter().map(|(name, value)| (escaped(name), escaped(value.expose())));
    let all = given.into_iter().chain(own).collect();
    let address = escaped(&url[..Position::AfterPath]);
    format!("{method}&{address}&{}", escaped(&sorted(all))).into()
}

/// §3.4.2.
fn signature(method: Oauth1Method, consumer: &Secret, token: &Secret, base: &Secret) -> String {
    let algorithm = match method {
        Oauth1Method::HmacSha1 => HashAlgorithm::Sha1,
        Oauth1Method::HmacSha256 => HashAlgorithm::Sha256,
    };
    let key = Secret::from(format!("{}&{}", escaped(consumer.expose()), escaped(token.expose())));
    STANDARD.encode(keyed_hash(algorithm, key.expose().as_bytes(), base.expose().as_bytes()))
}

/// §3.5.1. The realm is a quoted text and is not escaped.
fn header_text(realm: Option<&Secret>, protocol: &[(&str, Secret)]) -> Secret {
    let realm = realm.map(|realm| format!("realm=\"{}\"", realm.expose().replace(['"', '\\'], "")));
    let own = protocol.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value.expose())));
    let all: Vec<String> = realm.into_iter().chain(own).collect();
    format!("OAuth {}", all.join(", ")).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    struct Example<'a> {
        method: &'a str,
        url: &'a str,
        query: &'a str,
        protocol: &'a [(&'a str, &'a str)],
    }

    impl Example<'_> {
        fn base(&self) -> Secret {
            let protocol: Vec<(&str, Secret)> =
                self.protocol.iter().map(|(name, value)| (*name, Secret::from(*value))).collect();
            base_string(self.method, &Url::parse(self.url).unwrap(), parameters(self.query), &protocol)
        }

        fn signature(&self, method: Oauth1Method, consumer: &str, token: &str) -> String {
            signature(method, &consumer.into(), &token.into(), &self.base())
        }
    }

    #[test]
    fn quirk_74_the_base_string_is_that_of_the_example_of_rfc_5849() {
        // §3.4.1.1: query and form together.
        let example = Example {
            method: "POST",
            url: "http://EXAMPLE.com:80/request",
            query: "b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q",
            protocol: &[
                ("oauth_consumer_key", "9djdj82h48djs9d2"),
                ("oauth_token", "kkk9d7dh3k39sjv7"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131201"),
                ("oauth_nonce", "7d8f3e4a"),
            ],
        };
        assert_eq!(
            example.base().expose(),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c\
             %2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m\
             ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }

    #[test]
    fn quirk_74_signatures_are_those_of_the_examples_of_rfc_5849() {
        // §1.2: the first request, and the one for a photo.
        let first = Example {
            method: "POST",
            url: "https://photos.example.net/initiate",
            query: "",
            protocol: &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131200"),
                ("oauth_nonce", "wIjqoS"),
                ("oauth_callback", "http://printer.example.com/ready"),
            ],
        };
        let photo = Example {
            method: "GET",
            url: "http://photos.example.net/photos",
            query: "file=vacation.jpg&size=original",
            protocol: &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_token", "nnch734d00sl2jdk"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131202"),
                ("oauth_nonce", "chapoH"),
            ],
        };
        let sha1 = Oauth1Method::HmacSha1;
        assert_eq!(first.signature(sha1, "kd94hf93k423kf44", ""), "74KNZJeDHnMBp0EMJ9ZHt/XKycU=");
        assert_eq!(
            photo.signature(sha1, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
            "MdpQcU8iPSUjWoN/UDMsK2sui9I="
        );
    }

    #[test]
    fn a_realm_is_named_first_and_cannot_end_its_quotes() {
        let text = header_text(Some(&"1234\"_SB1".into()), &[("oauth_token", "a b".into())]);
        assert_eq!(text.expose(), "OAuth realm=\"1234_SB1\", oauth_token=\"a%20b\"");
    }
}
