//! A call that is passed on as it comes: the request to the API with the credential, the answer back without it.
//!
//! Bodies pass byte for byte, in both directions at the same time. A request goes out again only where that is safe: one
//! that was certainly not sent, or, of a method that may be repeated, one that the provider had no time for; and always
//! only where its body is known. Redirects are told and not followed, since the credential belongs to one host.

mod body;
mod headers;
mod path;
mod rate_limit;
mod ready;
mod scrub;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CONNECTION, CONTENT_LENGTH, LOCATION, TE},
};
use http_body_util::BodyExt;
use tokio::time::{Instant, sleep, timeout};
use valetkey_core::connector::Placement;

use crate::{
    Access, CallError,
    call::refuse_parameters,
    destination::Destination,
    egress::{Arriving, EgressError, Opened, Purpose, Request, Sent, StreamBody},
    scheme::{Made, Rest, Signer, is_form, needs_body, sign},
};

pub use body::{AnswerBody, End, RequestBody, Unfinished};
pub(crate) use headers::to_caller;

use body::Checked;
use rate_limit::{LOOKED_AT, Seen};
use ready::Parts;
pub use ready::Ready;
use scrub::Scrubber;
pub(crate) use scrub::Spellings;

/// The first pause before a request is repeated where the provider names none; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// A call to pass on.
pub struct ForwardRequest<'a> {
    /// The method; TRACE and CONNECT are not passed on.
    pub method: Method,
    /// Path and query below the base URL, as the caller wrote them; without dot segments in any encoding. `{{name}}`
    /// stands for a field.
    pub path: &'a str,
    /// The headers of the caller. Those for this server and of the connection are left out.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: RequestBody,
    /// How long the provider may take before its answer begins, repetitions included. While a body is sent as it comes,
    /// the time counts from the last piece of it.
    pub timeout: Duration,
    /// How often the request may be repeated.
    pub retries: u32,
    /// What was made of the access before.
    pub ready: &'a Ready,
}

/// The answer to a call that was passed on.
pub struct ForwardAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers that the caller may see.
    pub headers: HeaderMap,
    /// The body, as it comes.
    pub body: AnswerBody,
    /// Where a redirect leads.
    pub redirect: Option<Redirect>,
    /// Whether the provider says that it was asked too often.
    pub limited: bool,
}

/// Where a redirect leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Redirect {
    /// To the same API: path and query below its base URL.
    Inside(String),
    /// To any other address. The credential must not go there.
    Outside(HeaderValue),
}

/// A call, checked, and ready to be sent any number of times.
struct Forwarding<'a> {
    signer: Signer<'a>,
    access: &'a Access<'a>,
    ready: &'a Ready,
    method: Method,
    headers: HeaderMap,
    destination: Destination,
    timeout: Duration,
}

/// An answer of which only the head was read, and perhaps the beginning of the body.
struct Begun {
    opened: Opened,
    ahead: Option<Bytes>,
    /// What was made for the request.
    made: Made,
    limited: bool,
    /// How long the provider wants to be left alone, where it says so.
    wait: Option<Duration>,
}

pub(crate) async fn forward(
    signer: Signer<'_>,
    access: &Access<'_>,
    request: ForwardRequest<'_>,
) -> Result<ForwardAnswer, CallError> {
    let ForwardRequest { method, path, headers: given, body, timeout, retries, ready } = request;
    let Parts { base, used, .. } = ready.parts();
    if matches!(method, Method::TRACE | Method::CONNECT) {
        return Err(CallError::MethodNotAllowed(method.to_string()));
    }
    let path = path::with_fields(path, access.fields);
    refuse_parameters(access, &path)?;
    let mut headers = headers::to_provider(given, used)?;
    of_our_connection(&mut headers, given, &method, &body);
    let destination = base.below(&path)?;
    let body =
        if needs_body(access.placements, is_form(&headers)) { Box::pin(body.whole()).await? } else { body };
    let forwarding = Forwarding { signer, access, ready, method, headers, destination, timeout };
    let again = if access.placements.iter().any(Placement::is_signing) { body.again() } else { None };
    let mut begun = forwarding.send(body, retries).await?;
    if begun.made.is_renewed_after(signer, begun.opened.status).await
        && let Some(body) = again
    {
        begun = Box::pin(forwarding.send(body, retries)).await?;
    }
    Ok(forwarding.answer(begun))
}

/// Adds what our own connection to the provider needs to say of what the caller said of its.
fn of_our_connection(headers: &mut HeaderMap, given: &HeaderMap, method: &Method, body: &RequestBody) {
    let takes_trailers = given.get_all(TE).iter().any(|value| value == "trailers");
    if takes_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
    }
    // RFC 9110 §8.6: where a method gives content a meaning, a request without content says so.
    let has_meaning = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    if matches!(body, RequestBody::Whole(bytes) if bytes.is_empty() && has_meaning) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

impl Forwarding<'_> {
    /// Sends the request, and again where that is safe and there is time for it.
    async fn send(&self, mut body: RequestBody, retries: u32) -> Result<Begun, CallError> {
        let start = Instant::now();
        for attempt in 0.. {
            let again = if attempt < retries { body.again() } else { None };
            let result = self.send_once(body, self.timeout.saturating_sub(start.elapsed())).await;
            let pause = self.pause(&result, PAUSE.saturating_mul(1 << attempt.min(10)));
            match (again, pause) {
                (Some(next), Some(pause)) if pause < self.timeout.saturating_sub(start.elapsed()) => {
                    Box::pin(sleep(pause)).await;
                    body = next;
                }
                _ => return result,
            }
        }
        Err(EgressError::Timeout { host: self.host(), limit: self.timeout }.into())
    }

    /// How long to wait before the request is sent again; `None` where it must not be.
    fn pause(&self, result: &Result<Begun, CallError>, usual: Duration) -> Option<Duration> {
        let repeatable = self.method.is_idempotent();
        match result {
            Err(CallError::Egress(error)) if error.is_transient() => {
                (repeatable || error.sent() == Sent::No).then_some(usual)
            }
            Ok(begun) if begun.is_busy() && repeatable => Some(begun.wait.unwrap_or(usual)),
            _ => None,
        }
    }

    async fn send_once(&self, body: RequestBody, silence: Duration) -> Result<Begun, CallError> {
        let (method, destination) = (self.method.clone(), self.destination.clone());
        let mut request = self.ready.parts().carried.request(Purpose::Api, method, destination);
        headers::merge(request.headers_mut(), &self.headers);
        let (request, stream): (Request, Option<StreamBody>) = match body {
            RequestBody::Whole(bytes) => (request.raw_body(bytes), None),
            RequestBody::Stream(stream) => {
                let checked = Checked { stream, used: self.ready.parts().used.clone() };
                (request, Some(checked.boxed_unsync()))
            }
        };
        let rest = if stream.is_some() { Rest::Streamed } else { Rest::Whole };
        let (request, made) = sign(self.signer, self.access, request, rest, Some(silence)).await?;
        let opened = self.signer.client.open(request, stream, silence).await?;
        Ok(self.look(opened, made).await?)
    }

    /// Finds out whether the provider was asked too often.
    async fn look(&self, mut opened: Opened, made: Made) -> Result<Begun, EgressError> {
        let limit = &self.access.api.rate_limit;
        let head = Seen { status: opened.status, headers: &opened.headers, text: b"" };
        let ahead = if head.needs_text(limit) {
            let beginning = Box::pin(beginning(&mut opened.body, self.host()));
            let beginning = timeout(self.signer.client.idle_limit(), beginning);
            let late = |_| EgressError::Timeout { host: self.host(), limit: self.signer.client.idle_limit() };
            Some(beginning.await.map_err(late)??)
        } else {
            None
        };
        let text = ahead.as_deref().unwrap_or_default();
        let seen = Seen { status: opened.status, headers: &opened.headers, text };
        let (limited, wait) = (seen.is_limited(limit), seen.wait(limit, self.signer.clock.now()));
        Ok(Begun { opened, ahead, made, limited, wait })
    }

    fn answer(&self, begun: Begun) -> ForwardAnswer {
        let Begun { opened: Opened { status, mut headers, body }, ahead, made, limited, .. } = begun;
        let secrets = self.ready.parts().hidden.with(&made.secrets);
        to_caller(&mut headers);
        secrets.drop_from(&mut headers);
        let redirect = status.is_redirection().then(|| headers.remove(LOCATION)).flatten();
        let redirect = redirect.map(|location| self.redirect(location));
        let scrubber = Scrubber::of(&headers, secrets);
        let ahead = ahead.filter(|ahead| !ahead.is_empty());
        let body =
            AnswerBody::new(ahead, body, scrubber, self.ready.clone(), self.signer.client.idle_limit());
        ForwardAnswer { status, headers, body, redirect, limited }
    }

    fn redirect(&self, location: HeaderValue) -> Redirect {
        let inside = location
            .to_str()
            .ok()
            .and_then(|address| self.ready.parts().base.path_of(&self.destination, address));
        inside.map_or(Redirect::Outside(location), Redirect::Inside)
    }

    fn host(&self) -> String {
        self.ready.host().to_owned()
    }
}

impl Begun {
    /// Whether the provider had no time for the request, and has done nothing.
    fn is_busy(&self) -> bool {
        self.limited || self.opened.status == StatusCode::SERVICE_UNAVAILABLE
    }
}

/// The beginning of a body, or the whole of a short one.
async fn beginning(body: &mut Arriving, host: String) -> Result<Bytes, EgressError> {
    let mut read = BytesMut::new();
    while read.len() < LOOKED_AT {
        match body.frame().await {
            None => break,
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    read.extend_from_slice(&data);
                }
            }
            Some(Err(error)) => return Err(crate::egress::broken(host, &error)),
        }
    }
    Ok(read.freeze())
}
