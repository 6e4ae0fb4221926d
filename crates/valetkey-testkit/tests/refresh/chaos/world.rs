//! One database, one provider and three instances, in which schedules run one after the other.

use std::sync::Arc;

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};
use valetkey_testkit::{
    app::{Installation, Node, NodeOptions, Outcome, SeededEntropy, TestDatabase},
    provider::{Gate, HeldRequest, Moment, Rotation, Settings},
};

use super::{instance::Instance, news::News};
use crate::support::{CONNECTION, TOLERANT};

/// How many instances there are.
pub(super) const INSTANCES: usize = 3;

/// What the provider does with a refresh token that comes a second time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Provider {
    /// It revokes the grant, and the definition says that no repetition is tolerated.
    Strict,
    /// It answers, where it is the last one that was spent, and the definition says so.
    Tolerant,
}

/// A token request that waits at the provider.
pub(super) struct Held {
    pub(super) request: HeldRequest,
    /// The number of the instance that has sent it, where that is known.
    pub(super) owner: Option<u64>,
    /// Whether the provider turns it down.
    pub(super) faulty: bool,
}

impl Held {
    pub(super) fn is_before_issuing(&self) -> bool {
        self.request.event.moment == Moment::BeforeIssuing
    }
}

pub(super) struct World {
    pub(super) installation: Installation,
    pub(super) provider: Provider,
    /// A node that only makes, reads and deletes accounts and does not die.
    pub(super) eyes: Node,
    chance: Arc<SeededEntropy>,
    /// Those that live.
    pub(super) instances: [Option<Instance>; INSTANCES],
    pub(super) held: Vec<Held>,
    pub(super) arrivals: UnboundedReceiver<News>,
    pub(super) news: UnboundedSender<News>,
    /// The last number that an instance or an operation got.
    numbers: u64,
    gate: JoinHandle<()>,
}

impl World {
    pub(super) async fn start(provider: Provider) -> Outcome<Self> {
        let mut installation = Installation::on(TestDatabase::without_disk()?).await?;
        installation.add_connector(TOLERANT)?;
        let (rotation, key) = match provider {
            Provider::Strict => (Rotation::Strict, "TESTPROVIDER"),
            Provider::Tolerant => (Rotation::Grace { seconds: u32::MAX }, "TOLERANT"),
        };
        installation.provider.provider.configure(Settings { rotation, records: 0, ..Settings::default() });
        let chance = Arc::new(SeededEntropy::new(0));
        let eyes = Node::start(NodeOptions { entropy: chance.clone(), ..installation.options() }).await?;
        eyes.connection(CONNECTION, key).await?;
        let (news, arrivals) = mpsc::unbounded_channel();
        let gate = installation
            .provider
            .provider
            .hold_token_requests(&[Moment::BeforeIssuing, Moment::AfterIssuing]);
        let gate = tokio::spawn(watch(gate, news.clone()));
        Ok(Self {
            installation,
            provider,
            eyes,
            chance,
            instances: [const { None }; INSTANCES],
            held: vec![],
            arrivals,
            news,
            numbers: 0,
            gate,
        })
    }

    /// A number that nothing in this world has.
    pub(super) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Lets chance begin anew, so that a schedule does not depend on those before it.
    pub(super) fn reseed(&self, seed: u64) {
        self.chance.reseed(seed);
        for instance in self.instances.iter().flatten() {
            instance.reseed(seed ^ instance.number);
        }
    }

    /// The instance at a place, which is started where there is none.
    pub(super) async fn instance(&mut self, place: usize, seed: u64) -> Outcome<&Instance> {
        if self.instances[place].is_none() {
            let number = self.number();
            let options = self.installation.options();
            let instance = Instance::start(options, number, self.news.clone()).await?;
            instance.reseed(seed ^ number);
            self.instances[place] = Some(instance);
        }
        Ok(self.instances[place].as_ref().ok_or("it was started")?)
    }

    /// The living instance that `is` the one.
    pub(super) fn find(&self, is: impl Fn(&Instance) -> bool) -> Option<&Instance> {
        self.instances.iter().flatten().find(|instance| is(instance))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.gate.abort();
    }
}

async fn watch(mut gate: Gate, news: UnboundedSender<News>) {
    loop {
        let held = gate.next().await;
        if news.send(News::Held(held)).is_err() {
            return;
        }
    }
}
