//! A node that can be killed: it lives in a runtime of its own, with which all of its tasks and connections go away.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc::UnboundedSender,
};
use valetkey_testkit::app::{Node, NodeOptions, Outcome, SeededEntropy};

use super::{
    fuse::Fuse,
    news::{News, Teller},
};

/// How long a runtime may take to end what cannot be interrupted, which is a commit.
const LAST_WORK: Duration = Duration::from_secs(30);

/// A running node.
pub(super) struct Instance {
    /// No other instance of the world has it.
    pub(super) number: u64,
    pub(super) fuse: Arc<Fuse>,
    entropy: Arc<SeededEntropy>,
    runtime: Runtime,
    node: Node,
}

impl Instance {
    pub(super) async fn start(
        options: NodeOptions,
        number: u64,
        news: UnboundedSender<News>,
    ) -> Outcome<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let fuse = Arc::new(Fuse::new(number, news));
        let entropy = Arc::new(SeededEntropy::new(number));
        let options = NodeOptions { observer: Some(fuse.clone()), entropy: entropy.clone(), ..options };
        let node = runtime.spawn(Node::start(options)).await??;
        Ok(Self { number, fuse, entropy, runtime, node })
    }

    /// Lets its chance begin anew.
    pub(super) fn reseed(&self, seed: u64) {
        self.entropy.reseed(seed);
    }

    /// The name under which it holds slots.
    pub(super) fn name(&self) -> &str {
        self.node.app.process()
    }

    /// Lets the node do something, whose end is told.
    pub(super) fn run<F>(&self, teller: Teller, work: impl FnOnce(Node) -> F)
    where
        F: Future<Output = valetkey_app::Result<()>> + Send + 'static,
    {
        let work = work(self.node.clone());
        drop(self.runtime.spawn(async move { teller.tell(work.await) }));
    }

    /// Ends it as `kill -9` would: what it is doing is not done to the end, and nobody is told.
    pub(super) async fn kill(self) -> Outcome<()> {
        self.fuse.kill();
        let Self { runtime, node, .. } = self;
        let end = move || {
            let handle = runtime.handle().clone();
            let inside = handle.enter();
            drop(node);
            drop(inside);
            runtime.shutdown_timeout(LAST_WORK);
        };
        Ok(tokio::task::spawn_blocking(end).await?)
    }
}
