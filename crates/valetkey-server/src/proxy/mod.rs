//! The proxy: `/proxy/<path>` is a call to the API of an account, with any method.
//!
//! Path and query go on to the letter, bodies as they come. What may be called, and what of headers goes on, is decided
//! by the use case on the request that is really sent.

mod account;
mod answer;
mod front;

use std::{sync::Arc, time::Duration};

use axum::body::{Body, HttpBody as _};
use http::{Request, Response, request::Parts};
use tonic::{Code, Status};
use valetkey_app::{
    App, Caller,
    proxy::{ProxyRequest, RequestBody},
};
use valetkey_core::{Entropy, error_code::ErrorCode, id::ExecutionId};

pub use front::Front;

use crate::{
    error::{status_of, wire},
    rest,
    rpc::SharedAuthenticator,
    rpc_gate::{RequestId, not_permitted, principal, stamp},
};

/// Where the proxy begins.
const PREFIX: &str = "/proxy";

/// What a caller needs to use an account.
const PERMISSION: &str = "tools:execute";

/// How long the body of a request that is kept for a repetition may take to come.
const BODY_LIMIT: Duration = Duration::from_secs(30);

struct Proxy {
    app: App,
    authenticator: SharedAuthenticator,
    entropy: Arc<dyn Entropy>,
}

/// Whether a path is the proxy's. What is behind it is the provider's, also where its content type is one of ours.
pub(crate) fn is_proxied(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Why there is no answer, and the call in the log where it came so far.
struct Refusal {
    status: Status,
    execution: Option<ExecutionId>,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self { status, execution: None }
    }
}

/// Answers a request. The id is the one that lines of the log about it have, where there are any.
async fn pass(proxy: Arc<Proxy>, request: Request<Body>, id: Option<RequestId>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    match proxy.answer(parts, body).await {
        Ok(response) => response,
        Err(Refusal { status, execution }) => {
            let id = id.unwrap_or_else(|| RequestId::new(proxy.entropy.as_ref()));
            let mut response = rest::failure(&status, &id);
            stamp(response.headers_mut(), &id);
            let made = || ExecutionId::new(proxy.app.now(), proxy.entropy.as_ref());
            answer::ours(response.headers_mut(), &execution.unwrap_or_else(made));
            response
        }
    }
}

impl Proxy {
    async fn answer(&self, parts: Parts, body: Body) -> Result<Response<Body>, Refusal> {
        let caller: Arc<Caller> = principal(&self.authenticator, &parts.headers).await?;
        if !caller.permits(PERMISSION) {
            return Err(not_permitted("the proxy", PERMISSION).into());
        }
        let body = if body.is_end_stream() { RequestBody::default() } else { Box::pin(read(body)).await? };
        let (address, agent_run_id) = account::named(&parts.headers);
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        let path = path.strip_prefix(PREFIX).unwrap_or_default().to_owned();
        let Parts { method, headers, .. } = parts;
        let request = ProxyRequest { address, agent_run_id, method, path, headers, body };
        match self.app.proxy(&caller, request).await {
            Ok(passed) => Ok(answer::theirs(passed)),
            Err(failure) => {
                let inactive = failure.error.is_about_state();
                let status = status_of(failure.error);
                let status = if inactive { self.with_way_back(&status) } else { status };
                Err(Refusal { status, execution: Some(failure.execution) })
            }
        }
    }

    /// The status with where an authorization link is made.
    fn with_way_back(&self, status: &Status) -> Status {
        let address = self.app.settings().public_url.trim_end_matches('/');
        let url = format!("{address}/api/v1/connected_accounts/magic_link");
        wire::with_link(status, "POST connector and identifier here for a new authorization link", &url)
    }
}

/// The body of a request, or as much of it as is needed to send it on.
async fn read(body: Body) -> Result<RequestBody, Status> {
    let read = tokio::time::timeout(BODY_LIMIT, RequestBody::read(body)).await;
    if let Ok(Ok(body)) = read {
        return Ok(body);
    }
    let message = "the body of the request did not come completely within 30 s; nothing was sent";
    Err(wire::plain(Code::InvalidArgument, ErrorCode::InvalidArgument, message))
}
