//! How a test gets between the steps of a token request.

use std::{pin::Pin, sync::Arc};

use tokio::sync::{mpsc, oneshot};

/// Where a token request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// It arrived. Nothing is spent and nothing is issued.
    BeforeIssuing,
    /// It was granted or refused, and the answer was not sent.
    AfterIssuing,
}

/// A step of a token request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenEvent {
    /// The number of the request, from 1.
    pub number: u64,
    /// The step.
    pub moment: Moment,
    /// The grant type, as [`Counters::token_requests`](super::Counters::token_requests) names it.
    pub grant_type: &'static str,
    /// The grant: the one of the presented token, and afterwards the one that was issued for.
    pub grant: Option<String>,
    /// Whether tokens were issued. `false` before issuing.
    pub granted: bool,
}

/// What a test wants of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Go on.
    Proceed,
    /// Close the connection and do no more.
    DropConnection,
}

/// Told of each step of each token request, which waits for the verdict. A request goes on even where its client has
/// given up, as it does at a real provider.
pub type TokenHook = Arc<dyn Fn(TokenEvent) -> Pin<Box<dyn Future<Output = Verdict> + Send>> + Send + Sync>;

/// Holds token requests until a test lets them go on. When it is dropped, all go on.
pub struct Gate {
    arrivals: mpsc::UnboundedReceiver<HeldRequest>,
}

/// A token request that waits. When it is dropped, it goes on.
pub struct HeldRequest {
    /// Where it stands.
    pub event: TokenEvent,
    verdict: oneshot::Sender<Verdict>,
}

impl Gate {
    /// A gate, and the hook that leads to it: requests are held at `moments`.
    pub(super) fn new(moments: Vec<Moment>) -> (Self, TokenHook) {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let hook: TokenHook = Arc::new(move |event: TokenEvent| {
            let holds = moments.contains(&event.moment);
            let sender = sender.clone();
            Box::pin(async move {
                let (verdict, decided) = oneshot::channel();
                if !holds || sender.send(HeldRequest { event, verdict }).is_err() {
                    return Verdict::Proceed;
                }
                decided.await.unwrap_or(Verdict::Proceed)
            })
        });
        (Self { arrivals }, hook)
    }

    /// Waits for a token request.
    pub async fn next(&mut self) -> HeldRequest {
        match self.arrivals.recv().await {
            Some(held) => held,
            // The provider is gone or has another hook, so nothing will arrive.
            None => std::future::pending().await,
        }
    }

    /// A token request that is held already.
    pub fn try_next(&mut self) -> Option<HeldRequest> {
        self.arrivals.try_recv().ok()
    }
}

impl HeldRequest {
    /// Lets it go on.
    pub fn proceed(self) {
        self.decide(Verdict::Proceed);
    }

    /// Closes its connection. After issuing, this is a lost answer.
    pub fn drop_connection(self) {
        self.decide(Verdict::DropConnection);
    }

    fn decide(self, verdict: Verdict) {
        // A request that does not wait any more needs no verdict.
        let _ = self.verdict.send(verdict);
    }
}
