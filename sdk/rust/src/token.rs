//! What requests authenticate with.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::Instant;
use tonic::Status;

use crate::transport::{Connector, connector};

/// How long before its end an access token is renewed.
const EARLY: Duration = Duration::from_mins(1);

/// The longest answer of the token endpoint that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// A source of bearer tokens. Cheap to clone; clones share the token.
#[derive(Clone)]
pub(crate) enum TokenSource {
    /// An API token.
    Fixed(Arc<str>),
    /// The client credentials grant (RFC 6749 section 4.4).
    Grant(Arc<Grant>),
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TokenSource")
    }
}

impl TokenSource {
    pub(crate) async fn token(&self) -> Result<Arc<str>, Status> {
        match self {
            Self::Fixed(token) => Ok(token.clone()),
            Self::Grant(grant) => grant.token().await,
        }
    }

    /// Forgets a refused token; whether another one can be had.
    pub(crate) fn refuse(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Grant(grant) => {
                grant.keep(None);
                true
            }
        }
    }
}

/// Client credentials and the access token they were last exchanged for.
pub(crate) struct Grant {
    http: Client<Connector, Full<Bytes>>,
    endpoint: Uri,
    form: String,
    known: Mutex<Option<(Arc<str>, Instant)>>,
    /// Held while a token is asked for, so that callers at the same time wait for one request.
    asking: tokio::sync::Mutex<()>,
}

impl Grant {
    pub(crate) fn new(tls: rustls::ClientConfig, endpoint: Uri, id: &str, secret: &str) -> Self {
        let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        Self {
            http: Client::builder(TokioExecutor::new()).build(connector(tls, false)),
            endpoint,
            form: form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish(),
            known: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        }
    }

    fn keep(&self, token: Option<(Arc<str>, Instant)>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    fn fresh(&self) -> Option<Arc<str>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(_, end)| Instant::now() < *end).map(|(token, _)| token.clone())
    }

    async fn token(&self) -> Result<Arc<str>, Status> {
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let _asking = self.asking.lock().await;
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let asked = Instant::now();
        let (token, lifetime) = self.ask().await?;
        let used_for = lifetime.saturating_sub(EARLY).max(lifetime / 2);
        self.keep(Some((token.clone(), asked + used_for)));
        Ok(token)
    }

    async fn ask(&self) -> Result<(Arc<str>, Duration), Status> {
        let away = || Status::unavailable("the token endpoint of the server was not reached");
        let request = Request::post(self.endpoint.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(self.form.clone()))
            .map_err(|_| Status::internal("the token request cannot be made"))?;
        let answer = self.http.request(request).await.map_err(|_| away())?;
        let status = answer.status();
        let content = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(|_| away())?;
        let granted: serde_json::Value = serde_json::from_slice(&content.to_bytes()).unwrap_or_default();
        let token = granted["access_token"].as_str().filter(|_| status == StatusCode::OK);
        let token = token.ok_or_else(|| refused(status))?;
        let lifetime = Duration::from_secs(granted["expires_in"].as_u64().unwrap_or_default());
        Ok((token.into(), lifetime))
    }
}

fn refused(status: StatusCode) -> Status {
    let message = format!("the token endpoint answered {status}; check the client credentials");
    if status.is_server_error() { Status::unavailable(message) } else { Status::unauthenticated(message) }
}
