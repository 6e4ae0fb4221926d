//! Several nodes with one database and one provider.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use valetkey_app::refresh::RefresherSettings;
use valetkey_store::WriteObserver;

use super::{Node, NodeOptions, Outcome, SeededEntropy, TestClock, TestDatabase};
use crate::provider::{TestProvider, TestProviderHandle};

/// A provider, a database and a clock, for as many nodes as a test wants.
pub struct Installation {
    /// The time of all nodes and of the provider.
    pub clock: Arc<TestClock>,
    /// The provider.
    pub provider: TestProviderHandle,
    /// The database.
    pub database: Arc<TestDatabase>,
    /// Connectors of all nodes besides the built-in ones, as in [`NodeOptions`].
    pub connectors: Vec<(String, String)>,
    nodes: AtomicU64,
}

impl Installation {
    /// A provider and an empty database.
    ///
    /// # Errors
    /// Where something does not start.
    pub async fn start() -> Outcome<Self> {
        Self::on(TestDatabase::new()?).await
    }

    /// A provider, beside a database that is there.
    ///
    /// # Errors
    /// Where the provider does not start.
    pub async fn on(database: TestDatabase) -> Outcome<Self> {
        let clock = Arc::new(TestClock::default());
        let provider = TestProvider::new(Arc::new(SeededEntropy::new(1)), clock.clone());
        let provider = provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await?;
        let database = Arc::new(database);
        Ok(Self { clock, provider, database, connectors: vec![], nodes: AtomicU64::new(0) })
    }

    /// What the next node is made of.
    pub fn options(&self) -> NodeOptions {
        let number = self.nodes.fetch_add(1, Ordering::Relaxed);
        NodeOptions {
            database: self.database.clone(),
            provider_url: self.provider.base_url.clone(),
            clock: self.clock.clone(),
            entropy: Arc::new(SeededEntropy::new(1000 + number)),
            observer: None,
            connectors: self.connectors.clone(),
            refresher: RefresherSettings::default(),
        }
    }

    /// Another node.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn node(&self) -> Outcome<Node> {
        Node::start(self.options()).await
    }

    /// Another node, with somebody who is told of its writes.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn watched_node(&self, observer: Arc<dyn WriteObserver>) -> Outcome<Node> {
        Node::start(NodeOptions { observer: Some(observer), ..self.options() }).await
    }
}
