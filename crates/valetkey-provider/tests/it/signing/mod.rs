//! Credentials that are made for each request (quirks 69 to 77), as a provider receives them.

mod body;
mod canonical;
mod documents;
mod keys;
mod mint;
mod role;
mod saml;
mod steps;
mod tokens;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use valetkey_core::{
    connector::{Api, Placement},
    credential::Credential,
};
use valetkey_provider::{Access, ApiAnswer, ApiCall, CallError};

use crate::{
    server::{Received, Reply},
    site::Site,
};

/// An API at a scripted server, and an account with a key for it.
struct Signing {
    site: Site,
    api: Api,
    place: Vec<Placement>,
    credential: Credential,
}

impl Signing {
    /// `place` is that of the definition, and `BASE` in it the address of the server; `details` is what the user has
    /// filled in.
    async fn new(place: Value, details: Value, replies: impl IntoIterator<Item = Reply>) -> Self {
        let site = Site::new(replies).await;
        let place = place.to_string().replace("BASE", &site.server.base_url);
        Self {
            api: serde_json::from_value(json!({ "base_url": site.at("/v1") })).unwrap(),
            place: serde_json::from_str(&place).unwrap(),
            credential: Credential::Static(details.to_string().into()),
            site,
        }
    }

    fn access(&self) -> Access<'_> {
        Access {
            api: &self.api,
            placements: &self.place,
            credential: &self.credential,
            fields: &self.site.fields,
        }
    }

    async fn call(&self, call: ApiCall<'_>) -> Result<ApiAnswer, CallError> {
        self.site.provider.call(&self.access(), call).await
    }

    /// The request that the server gets for a `GET` of `path`.
    async fn get(&self, path: &str) -> Received {
        self.call(get(path)).await.unwrap();
        self.site.server.received().pop().unwrap()
    }
}

/// A placement of values that are made, in the header `authorization` as `template` says.
fn computed(values: Value, template: &str) -> Value {
    json!([{ "computed": { "values": values, "place": [{ "header": { "name": "authorization", "value": template } }] } }])
}

fn get(path: &str) -> ApiCall<'_> {
    ApiCall { method: Method::GET, path, headers: &[], body: Bytes::new(), limit: None, open_fields: None }
}

/// A `POST` of a body of this type.
fn post<'a>(path: &'a str, headers: &'a [(HeaderName, HeaderValue)], body: &str) -> ApiCall<'a> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    ApiCall { method: Method::POST, path, headers, body, limit: None, open_fields: None }
}

fn form() -> [(HeaderName, HeaderValue); 1] {
    [(http::header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))]
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digits: Vec<String> = bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn ok() -> Reply {
    Reply::json(200, json!({}))
}
