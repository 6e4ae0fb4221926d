//! Sending the request of a tool, once more where that is safe, and reading the answer.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use tokio::time::Instant;
use valetkey_core::{
    error_code::ErrorCode,
    tool::{Failure, Rendered, Reply, Tool},
};
use valetkey_provider::{ApiAnswer, ApiCall, CallError};

use super::failure::NoAnswer;
use crate::{App, Error, call::OpenCall};

/// The pause before a repetition where the provider names none.
const PAUSE: Duration = Duration::from_millis(250);

/// The longest answer of a tool, in bytes. Published clients refuse messages of 4 MiB.
const LONGEST: usize = 3 * 1024 * 1024;

/// An answer that is no failure.
pub(super) struct Answered {
    status: StatusCode,
    content_type: String,
    body: bytes::Bytes,
}

impl Answered {
    pub(super) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(super) fn reply(&self) -> Reply<'_> {
        // What is longer is passed on by nobody, and need not be read either.
        let body = &self.body[..self.body.len().min(LONGEST)];
        Reply { status: self.status.as_u16(), content_type: &self.content_type, body }
    }

    /// The answer, where it is short enough to be passed on. What is no text grows by a third in base64.
    fn within_limit(self, tool: &Tool) -> Result<Self, NoAnswer> {
        let length = self.body.len();
        let text = length <= LONGEST && std::str::from_utf8(&self.body).is_ok();
        if text || length <= LONGEST / 4 * 3 {
            return Ok(self);
        }
        let message = format!(
            "{}: the answer has {length} bytes, more than a tool passes on ({LONGEST}); ask for less, or get it through \
             the proxy",
            tool.name
        );
        Err(NoAnswer::Platform(Error::new(ErrorCode::AnswerTooLong, message)))
    }
}

impl App {
    /// Sends the request until `until`. A tool that may be repeated is, as often as the account's settings say, where the
    /// provider is busy or was not reached.
    pub(super) async fn send_tool(
        &self,
        tool: &Tool,
        rendered: &Rendered,
        open: &OpenCall,
        until: Instant,
    ) -> Result<Answered, NoAnswer> {
        let mut repetitions = if tool.is_idempotent() { open.retries() } else { 0 };
        let mut pause = PAUSE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let (wait, ended) = match self.send_once(rendered, open, left).await {
                Ok((answer, after)) => match failure(&answer, open) {
                    None => return answer.within_limit(tool),
                    Some(failure) => {
                        let busy = matches!(failure.status, 429 | 503);
                        // Where only the body tells of a refusal, something may have been done before it.
                        let refused = answer.status == StatusCode::UNAUTHORIZED
                            || failure.status == 401 && tool.is_idempotent();
                        (busy.then(|| after.unwrap_or(pause)), NoAnswer::Provider { failure, refused })
                    }
                },
                Err(error) => {
                    let transient = matches!(&error, CallError::Egress(egress) if egress.is_transient());
                    (transient.then_some(pause), NoAnswer::of(&error))
                }
            };
            match wait {
                Some(wait) if repetitions > 0 && wait < until.saturating_duration_since(Instant::now()) => {
                    repetitions -= 1;
                    pause = pause.saturating_mul(2);
                    tokio::time::sleep(wait).await;
                }
                _ => return Err(ended),
            }
        }
    }

    /// One request, and what the provider says about a repetition.
    async fn send_once(
        &self,
        rendered: &Rendered,
        open: &OpenCall,
        limit: Duration,
    ) -> Result<(Answered, Option<Duration>), CallError> {
        let mut headers = Vec::with_capacity(rendered.headers.len() + 1);
        let kind = rendered.content_type.iter().map(|kind| (header::CONTENT_TYPE.as_str(), kind.as_str()));
        let own = rendered.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(kind) {
            let refused = || CallError::HeaderNotAllowed(name.to_owned());
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
            headers.push((name, HeaderValue::from_str(value).map_err(|_| refused())?));
        }
        let call = ApiCall {
            method: Method::from_bytes(rendered.method.as_str().as_bytes()).unwrap_or_default(),
            path: &rendered.target,
            headers: &headers,
            body: rendered.body.clone().into(),
            limit: Some(limit),
            open_fields: Some(&open.open_fields()),
        };
        let answer = self.provider.call(&open.access(), call).await?;
        let after = retry_after(&answer);
        let content_type = answer.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        Ok((Answered { status: answer.status, content_type, body: answer.body }, after))
    }
}

fn failure(answer: &Answered, open: &OpenCall) -> Option<Failure> {
    answer.reply().failure(&open.connection().connector.api.errors)
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3). A date is not read: it needs the clocks to agree.
fn retry_after(answer: &ApiAnswer) -> Option<Duration> {
    let value = answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}
