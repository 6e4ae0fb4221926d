//! Pass a call on to the API of an account.

use std::sync::Arc;

use http::{HeaderMap, Method};
use valetkey_core::id::ExecutionId;
use valetkey_provider::{ForwardAnswer, ForwardRequest, RequestBody};

use super::{fault::no_answer, record::Running};
use crate::{App, Caller, Error, Result, account::AccountAddress, call::OpenCall};

/// A call to pass on.
pub struct ProxyRequest {
    /// Of which account: by connection name and identifier, or by id.
    pub address: AccountAddress,
    /// The run of the agent that this belongs to.
    pub agent_run_id: Option<String>,
    /// The method.
    pub method: Method,
    /// Path and query below the base URL of the API, as the caller wrote them.
    pub path: String,
    /// The headers of the caller; those for this server may still be among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: RequestBody,
}

/// The answer of a provider. The call is recorded when its body has ended.
pub struct ProxyAnswer {
    /// The call in the log.
    pub execution: ExecutionId,
    /// The answer.
    pub answer: ForwardAnswer,
}

/// There is no answer of the provider.
#[derive(Debug)]
pub struct ProxyFailure {
    /// The call in the log.
    pub execution: ExecutionId,
    /// Why.
    pub error: Error,
}

/// For what a credential is used, in the journal.
const PURPOSE: &str = "proxy";

impl App {
    /// Passes a call on to the API of an account, and the answer back as it comes.
    ///
    /// Where the provider refuses the credential with status 401, tokens are renewed once, and the request is sent once
    /// more if its body can be. A 401 says that the request was refused and not carried out, so this is done for every
    /// method. The second answer stands.
    ///
    /// # Errors
    /// There is no such account, it is not active or has used up its calls, the request is not fit to be passed on, or
    /// the provider does not answer.
    pub async fn proxy(
        &self,
        caller: &Arc<Caller>,
        mut request: ProxyRequest,
    ) -> std::result::Result<ProxyAnswer, ProxyFailure> {
        let mut running = Running::begin(self, caller, &mut request);
        match self.pass(caller, request, &mut running).await {
            Ok(mut answer) => {
                let execution = running.answered(&answer);
                answer.body = answer.body.on_end(move |end| running.ended(end));
                Ok(ProxyAnswer { execution, answer })
            }
            Err(error) => Err(ProxyFailure { execution: running.failed(&error), error }),
        }
    }

    async fn pass(
        &self,
        caller: &Caller,
        mut request: ProxyRequest,
        running: &mut Running,
    ) -> Result<ForwardAnswer> {
        named(running.address())?;
        let open = self.open_call(caller, running.address(), PURPOSE).await?;
        running.opened(open.clone());
        let again = request.body.again();
        let answer = self.send_on(&open, &mut request).await?;
        if answer.status.as_u16() != 401 || answer.limited {
            return Ok(answer);
        }
        let renewed = Box::pin(self.open_again(caller, running.address(), &open, PURPOSE)).await;
        let (Ok(Some(renewed)), Some(body)) = (renewed, again) else { return Ok(answer) };
        request.body = body;
        Box::pin(self.send_on(&renewed, &mut request)).await
    }

    async fn send_on(&self, open: &OpenCall, request: &mut ProxyRequest) -> Result<ForwardAnswer> {
        let forward = ForwardRequest {
            method: request.method.clone(),
            path: &request.path,
            headers: &request.headers,
            body: std::mem::take(&mut request.body),
            timeout: open.timeout(),
            retries: open.retries(),
            ready: open.ready().map_err(|error| no_answer(&error))?,
        };
        self.provider.forward(&open.access(), forward).await.map_err(|error| no_answer(&error))
    }
}

/// Refuses a request that names no account, in the words of the proxy.
fn named(address: &AccountAddress) -> Result<()> {
    let absent = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    if !absent(&address.id) {
        return Ok(());
    }
    for (header, text) in [("connection_name", &address.connector), ("identifier", &address.identifier)] {
        if absent(text) {
            let description = "is missing; give connection_name and identifier, or connected_account_id";
            return Err(Error::invalid(&format!("headers.{header}"), "required", description));
        }
    }
    Ok(())
}
