//! One call: deadline, repetition, idempotency key, and a new token where the old one was refused.

use std::{future::Future, sync::Arc, time::Duration};

use http::Uri;
use tonic::{Code, Request, Response, Status, metadata::MetadataValue};

use crate::{
    Error,
    retry::{idempotency_key, pause, random},
    transport::Transport,
};

/// What the parts of a client share.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) transport: Transport,
    pub(crate) origin: Uri,
    pub(crate) timeout: Duration,
    pub(crate) max_retries: u32,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Client").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(crate) fn transport(&self) -> Transport {
        self.0.transport.clone()
    }

    pub(crate) fn origin(&self) -> Uri {
        self.0.origin.clone()
    }

    /// Carries out a call. All attempts have the same idempotency key.
    pub(crate) async fn call<Q: Clone, A, F: Future<Output = Result<Response<A>, Status>>>(
        &self,
        message: Q,
        send: impl Fn(Request<Q>) -> F,
    ) -> Result<A, Error> {
        let key = MetadataValue::try_from(idempotency_key()).ok();
        let mut repetitions = 0;
        loop {
            let attempt = || self.attempt(&message, key.clone(), &send);
            let mut answered = attempt().await;
            if matches!(&answered, Err(error) if error.grpc == Code::Unauthenticated)
                && self.0.transport.refuse()
            {
                answered = attempt().await;
            }
            let error = match answered {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match pause(&error, repetitions, random()) {
                Some(pause) if repetitions < self.0.max_retries => tokio::time::sleep(pause).await,
                _ => return Err(error),
            }
            repetitions += 1;
        }
    }

    async fn attempt<Q: Clone, A, F: Future<Output = Result<Response<A>, Status>>>(
        &self,
        message: &Q,
        key: Option<MetadataValue<tonic::metadata::Ascii>>,
        send: impl Fn(Request<Q>) -> F,
    ) -> Result<A, Error> {
        let mut request = Request::new(message.clone());
        if let Some(key) = key {
            request.metadata_mut().insert("idempotency-key", key);
        }
        match tokio::time::timeout(self.0.timeout, send(request)).await {
            Ok(answered) => answered.map(Response::into_inner).map_err(Error::from),
            Err(_) => {
                Err(Error::local("TIMEOUT", Code::DeadlineExceeded, "the answer was not there in time"))
            }
        }
    }
}

/// A part of the client: its calls, grouped by the service that answers them.
macro_rules! part {
    (
        $(#[$doc:meta])* $part:ident
        $($client:ident {
            $($(#[$call_doc:meta])* fn $name:ident($($argument:ident: $kind:ty),*) -> $answer:ty = $rpc:ident($message:expr);)*
        })*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $part(pub(crate) $crate::call::Shared);

        impl $part {
            $($(
                $(#[$call_doc])*
                pub async fn $name(&self, $($argument: $kind),*) -> Result<$answer, $crate::Error> {
                    let service = $client::with_origin(self.0.transport(), self.0.origin());
                    self.0
                        .call($message, |request| {
                            let mut service = service.clone();
                            async move { service.$rpc(request).await }
                        })
                        .await
                }
            )*)*
        }
    };
}
pub(crate) use part;
