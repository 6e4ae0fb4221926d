//! The application of the story: a client of the REST API.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;
use url::{Url, form_urlencoded};
use valetkey_core::Secret;
use valetkey_provider::egress::{EgressClient, EgressOptions, EgressPolicy, Purpose, Request};

use crate::cli::Failure;

/// A client of one server.
pub struct Rest {
    client: EgressClient,
    base: String,
    token: Secret,
}

impl Rest {
    /// A client of the server at `base`, which trusts the authority in the file `authority`.
    pub fn new(base: &str, authority: &Path) -> Result<Self, Failure> {
        let pem = std::fs::read_to_string(authority)
            .map_err(|error| Failure(format!("{} cannot be read: {error}", authority.display())))?;
        let local = ["127.0.0.1", "localhost"].into_iter().filter_map(|host| host.parse().ok());
        let policy = local.fold(EgressPolicy::public_only(), |policy, host| policy.allow(Purpose::Api, host));
        let options = EgressOptions { policy, extra_ca_pem: Some(pem), ..EgressOptions::default() };
        let client = EgressClient::new(options).map_err(|error| Failure(error.to_string()))?;
        Ok(Self { client, base: base.to_owned(), token: Secret::default() })
    }

    /// Signs in with client credentials (RFC 6749 §4.4). Returns how many seconds the token is valid.
    pub async fn sign_in(&mut self, id: &str, secret: &Secret) -> Result<i64, Failure> {
        let form = BTreeMap::from([
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret.expose()),
        ]);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Self::request("POST", &format!("{}/oauth/token", self.base))?;
        let answer = self.send(request.body("application/x-www-form-urlencoded", body)).await?;
        self.token = Secret::from(text(&answer, "/access_token")?);
        answer["expires_in"].as_i64().ok_or_else(|| Failure("the token has no expires_in".into()))
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        let request = Self::request("GET", &format!("{}{path}", self.base))?;
        self.send(Self::signed(request, &self.token)?).await
    }

    /// Writes.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = Self::request("POST", &format!("{}{path}", self.base))?;
        self.send(Self::signed(request, &self.token)?.body("application/json", body.to_string())).await
    }

    /// Calls an API of somebody else with a token of theirs.
    pub async fn call(&self, url: &str, token: &Secret) -> Result<Value, Failure> {
        self.send(Self::signed(Self::request("GET", url)?, token)?).await
    }

    fn request(method: &str, url: &str) -> Result<Request, Failure> {
        let parsed = Url::parse(url).map_err(|error| Failure(format!("{url} is no address: {error}")))?;
        let method = method.parse().map_err(|_| Failure(format!("{method} is no method")))?;
        Ok(Request::new(Purpose::Api, method, parsed))
    }

    fn signed(request: Request, token: &Secret) -> Result<Request, Failure> {
        let value = format!("Bearer {}", token.expose());
        let value = value.parse().map_err(|_| Failure("the token cannot be sent in a header".into()))?;
        Ok(request.header(http::header::AUTHORIZATION, value))
    }

    async fn send(&self, request: Request) -> Result<Value, Failure> {
        let answer =
            self.client.send(request).await.map_err(|error| Failure(error.to_string()))?.into_answer();
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if !answer.status.is_success() {
            let message = body["message"].as_str().unwrap_or("no message");
            return Err(Failure(format!("the server answered {}: {message}", answer.status)));
        }
        Ok(body)
    }
}

/// The text at a JSON pointer.
pub fn text<'a>(answer: &'a Value, pointer: &str) -> Result<&'a str, Failure> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| Failure(format!("the server's answer has no text at {pointer}")))
}
