//! Several nodes with one database and one provider.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use valetkey_app::refresh::RefresherSettings;
use valetkey_core::connector::Registry;
use valetkey_store::WriteObserver;

use super::{Node, NodeOptions, Outcome, SeededEntropy, TestClock, TestDatabase, registry};
use crate::provider::{TestProvider, TestProviderHandle};

/// A provider, a database and a clock, for as many nodes as a test wants.
pub struct Installation {
    /// The time of all nodes and of the provider.
    pub clock: Arc<TestClock>,
    /// The provider.
    pub provider: TestProviderHandle,
    /// The database.
    pub database: Arc<TestDatabase>,
    registry: Registry,
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
        let registry = registry(&provider.base_url, &[])?;
        Ok(Self { clock, provider, database, registry, nodes: AtomicU64::new(0) })
    }

    /// Gives nodes that are started from now on another connector, in which the address of the built-in test provider
    /// stands for this one's.
    ///
    /// # Errors
    /// Where it is not valid.
    pub fn add_connector(&mut self, text: &str) -> Outcome<()> {
        let connector = ("added.yaml".to_owned(), text.to_owned());
        self.registry = registry(&self.provider.base_url, &[connector])?;
        Ok(())
    }

    /// What the next node is made of.
    pub fn options(&self) -> NodeOptions {
        let number = self.nodes.fetch_add(1, Ordering::Relaxed);
        NodeOptions {
            database: self.database.clone(),
            registry: self.registry.clone(),
            clock: self.clock.clone(),
            entropy: Arc::new(SeededEntropy::new(1000 + number)),
            observer: None,
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
