#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use bytes::Bytes;
use http::Method;
use serde_json::json;
use url::Url;
use valetkey_core::{Timestamp, connector::Api, credential::Credential};

use super::*;
use crate::{
    Fields,
    egress::{EgressOptions, Purpose},
};

struct At(i64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0)
    }
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

#[tokio::test]
async fn quirk_75_a_canonical_request_is_signed_as_in_the_published_example() {
    // "Authentication" of the documentation of Duo's Accounts API.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let url = "https://api-XXXXXXXX.duosecurity.com/accounts/v1/account/list";
    let mut request = Request::new(Purpose::Api, Method::POST, Url::parse(url).unwrap())
        .raw_body(Bytes::from_static(b"username=root&realname=First+Last"));
    request.headers_mut().extend(
        form.map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
        }),
    );
    let place: Vec<Placement> = serde_json::from_value(json!([{ "computed": {
        "values": {
            "date": { "time": "rfc5322" },
            "signature": { "hmac": {
                "key": "{{skey}}", "algorithm": "sha1",
                "of": "{{date}}\n{{request.method}}\n{{request.host}}\n{{request.path}}\n{{request.parameters}}",
            } },
        },
        "place": [{ "basic": { "username": "{{ikey}}", "password": "{{signature}}" } }],
    } }]))
    .unwrap();
    let details = r#"{"ikey":"DIWJ8X6AEYOR5OMC6TQ1","skey":"Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep"}"#;
    let credential = Credential::Static(details.into());
    let api: Api = serde_json::from_value(json!({ "base_url": "https://api.example" })).unwrap();
    let access = Access { api: &api, placements: &place, credential: &credential, fields: &Fields::new() };
    let client = EgressClient::new(EgressOptions::default()).unwrap();
    let (clock, minted) = (At(1_345_570_158_000), Minted::default());
    let signer = Signer { client: &client, entropy: &Zeros, clock: &clock, minted: &minted };
    let (request, made) = sign(signer, &access, request, Rest::Whole, None).await.unwrap();
    assert_eq!(
        request.headers()["authorization"],
        "Basic RElXSjhYNkFFWU9SNU9NQzZUUTE6MmQ5N2Q2MTY2MzE5NzgxYjVhM2EwN2FmMzlkMzY2ZjQ5MTIzNGVkYw=="
    );
    assert_eq!(made.secrets, ["2d97d6166319781b5a3a07af39d366f491234edc".into()]);
}
