//! One schedule: an account, and what happens to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use valetkey_core::{Clock, Timestamp, id::AccountId, refresh::LEASE_SECONDS};
use valetkey_store::refresh::{self, Refresh};
use valetkey_testkit::{
    app::{Node, Outcome},
    provider::Moment,
};

use super::{
    Met,
    instance::Instance,
    news::{News, Teller},
    steps::Temper,
    world::{Held, Provider, World},
};
use crate::support::{CONNECTION, Dice, Stored, grant};

/// No step takes that long.
const STUCK: Duration = Duration::from_mins(1);

/// An operation that has not ended.
struct Operation {
    number: u64,
    /// The number of its instance.
    instance: u64,
}

/// What is waited for before the schedule goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Until {
    /// Nothing.
    Now,
    /// The end of this operation.
    Ended(u64),
    /// A token request, or the end of an operation of this instance.
    Progress {
        instance: u64,
        /// Whether another operation may be in its way, so that it waits, too. A look at the database is enough, then.
        contended: bool,
    },
    /// A token request.
    Arrival,
    /// Whatever happens.
    News,
}

/// How the account stands as far as people decide on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    Connected,
    Suspended,
    Disconnected,
}

pub(super) struct Schedule<'w> {
    pub(super) world: &'w mut World,
    pub(super) dice: Dice,
    pub(super) temper: &'static Temper,
    pub(super) id: AccountId,
    pub(super) user: String,
    /// The grant whose tokens the account has.
    pub(super) grant: String,
    /// How often a credential was stored by an import.
    pub(super) imports: usize,
    pub(super) wish: Wish,
    /// The generations of the credential of which an answer was lost, or an attempt by the death of its instance.
    pub(super) lost: BTreeSet<i64>,
    pub(super) met: BTreeSet<Met>,
    /// Whether the provider turns the next token request down.
    pub(super) faulty: bool,
    /// Operations that succeeded.
    pub(super) succeeded: BTreeSet<u64>,
    /// What has happened, for whoever has to find out what went wrong.
    pub(super) story: Vec<String>,
    seed: u64,
    /// Which instances have sent token requests, and when, by the numbers of the requests.
    sent: BTreeMap<u64, (Option<u64>, Timestamp)>,
    running: Vec<Operation>,
    /// How often each refresh token was presented: the grant, and how often that had been refreshed.
    presented: BTreeMap<(String, u64), u32>,
}

impl<'w> Schedule<'w> {
    pub(super) async fn begin(world: &'w mut World, seed: u64, run: u64) -> Outcome<Self> {
        let mut dice = Dice::new(seed, run);
        let seed = dice.next();
        world.reseed(seed);
        let temper = Temper::of(&mut dice);
        let user = format!("user-{run}");
        let first = grant(&world.installation, &user);
        let id = world.eyes.import(CONNECTION, &first).await?.account.id;
        Ok(Self {
            world,
            dice,
            temper,
            id,
            user,
            grant: first.grant,
            imports: 1,
            wish: Wish::Connected,
            lost: BTreeSet::new(),
            met: BTreeSet::new(),
            faulty: false,
            succeeded: BTreeSet::new(),
            story: vec![],
            seed,
            sent: BTreeMap::new(),
            running: vec![],
            presented: BTreeMap::new(),
        })
    }

    pub(super) fn tell(&mut self, what: impl AsRef<str>) {
        let time = self.world.installation.clock.now();
        self.story.push(format!("{time} {}", what.as_ref()));
    }

    pub(super) async fn stored(&self) -> Outcome<Stored> {
        Stored::of(&self.world.eyes, &self.id).await
    }

    /// How its credential is kept fresh.
    async fn kept(&self) -> Outcome<Option<Refresh>> {
        let eyes = &self.world.eyes;
        Ok(refresh::get(&mut *eyes.pool.read().await?, &eyes.environment.id, &self.id).await?)
    }

    /// Whether nothing is under way.
    pub(super) fn is_quiet(&self) -> bool {
        self.running.is_empty() && self.world.held.is_empty()
    }

    /// Lets the instance at `place` begin something; the numbers of the operation and of the instance.
    async fn begin_operation<F>(
        &mut self,
        place: usize,
        what: &str,
        work: impl FnOnce(Node) -> F,
    ) -> Outcome<(u64, u64)>
    where
        F: Future<Output = valetkey_app::Result<()>> + Send + 'static,
    {
        let number = self.world.number();
        let teller = Teller::new(number, self.world.news.clone());
        let instance = self.world.instance(place, self.seed).await?;
        instance.run(teller, work);
        let instance = instance.number;
        self.running.push(Operation { number, instance });
        self.tell(format!("operation {number} of instance {instance}: {what}"));
        Ok((number, instance))
    }

    /// Lets the instance at `place` do something that sends no token request; the number of the operation.
    pub(super) async fn run<F>(
        &mut self,
        place: usize,
        what: &str,
        work: impl FnOnce(Node) -> F,
    ) -> Outcome<u64>
    where
        F: Future<Output = valetkey_app::Result<()>> + Send + 'static,
    {
        let (number, _) = self.begin_operation(place, what, work).await?;
        self.wait(Until::Ended(number)).await?;
        Ok(number)
    }

    /// Lets the instance at `place` do something that may send token requests, and goes on when it has ended or waits
    /// for somebody.
    pub(super) async fn try_refresh<F>(
        &mut self,
        place: usize,
        what: &str,
        work: impl FnOnce(Node) -> F,
    ) -> Outcome<()>
    where
        F: Future<Output = valetkey_app::Result<()>> + Send + 'static,
    {
        self.hear_all().await?;
        let held = self.kept().await?.is_some_and(|kept| kept.slot.held_until.is_some());
        let contended = held || !self.is_quiet();
        let before = self.running.len();
        let (_, instance) = self.begin_operation(place, what, work).await?;
        if self.running[..before].iter().any(|operation| operation.instance == instance) {
            // It may wait for the one before it, of which nothing is seen.
            return self.go_on(Until::Now).await;
        }
        self.go_on(Until::Progress { instance, contended }).await
    }

    /// Waits, and lets some of the token requests that arrive meanwhile pass.
    pub(super) async fn go_on(&mut self, mut until: Until) -> Outcome<()> {
        loop {
            let before = self.world.held.len();
            self.wait(until).await?;
            let last = self.world.held.len();
            if last <= before || !self.dice.percent(self.temper.passed) {
                return Ok(());
            }
            until = self.release(last - 1);
        }
    }

    /// Lets a token request go on; what follows from it.
    pub(super) fn release(&mut self, at: usize) -> Until {
        let held = self.world.held.remove(at);
        let follows = self.follows(&held);
        let before = held.is_before_issuing();
        let sent =
            self.sent.get(&held.request.event.number).map(|(_, sent)| sent.plus_seconds(LEASE_SECONDS));
        if follows != Until::Now && sent.is_some_and(|over| over < self.world.installation.clock.now()) {
            self.met.insert(Met::LateAnswer);
        }
        if before && held.faulty && matches!(follows, Until::Progress { .. }) {
            // Turned down without being looked at.
            self.presented.remove(&self.presentation(&held));
        }
        let follows = match follows {
            Until::Now if before && !held.faulty => Until::Arrival,
            follows => follows,
        };
        self.tell(format!("{} goes on", name(&held)));
        held.request.proceed();
        follows
    }

    /// Closes the connection of a token request.
    pub(super) async fn drop_request(&mut self, at: usize) -> Outcome<Until> {
        let held = self.world.held.remove(at);
        let stored = self.stored().await?;
        let generation = stored.generation();
        let attempt = stored.refresh.and_then(|kept| kept.slot.attempt);
        if attempt.is_some_and(|attempt| attempt.generation == generation)
            && held.request.event.grant.as_ref() == Some(&self.grant)
        {
            self.lost.insert(generation);
            self.met.insert(Met::LostAnswer);
        }
        let follows = self.follows(&held);
        self.tell(format!("{} is lost", name(&held)));
        held.request.drop_connection();
        Ok(follows)
    }

    /// What follows where a token request ends at the provider.
    fn follows(&self, held: &Held) -> Until {
        let alive =
            held.owner.filter(|owner| self.world.find(|instance| instance.number == *owner).is_some());
        match alive.filter(|alive| self.running.iter().any(|operation| operation.instance == *alive)) {
            Some(instance) => Until::Progress { instance, contended: false },
            None => Until::Now,
        }
    }

    /// Kills the instance at `place`, where there is one.
    pub(super) async fn kill(&mut self, place: usize) -> Outcome<()> {
        let Some(instance) = self.world.instances[place].take() else { return Ok(()) };
        let (number, holder) = (instance.number, instance.name().to_owned());
        instance.kill().await?;
        let stored = self.stored().await?;
        let open = stored.refresh.as_ref().filter(|kept| kept.slot.attempt.is_some());
        if open.is_some_and(|kept| kept.holder.as_ref().is_none_or(|other| *other == holder)) {
            self.lost.insert(stored.generation());
        }
        self.tell(format!("instance {number} is dead, {open:?}"));
        Ok(())
    }

    /// Waits until something has happened.
    pub(super) async fn wait(&mut self, until: Until) -> Outcome<()> {
        if until == Until::Now {
            return self.hear_all().await;
        }
        loop {
            let news = tokio::time::timeout(STUCK, self.world.arrivals.recv()).await;
            let news = news.map_err(|_| format!("nothing happens while {until:?} is waited for"))?;
            let news = news.ok_or("nobody tells of anything")?;
            let enough = self.is_enough(until, &news);
            self.hear(news).await?;
            if enough {
                return Ok(());
            }
        }
    }

    fn is_enough(&self, until: Until, news: &News) -> bool {
        let of_instance = |number: u64, instance: u64| {
            self.running.iter().any(|operation| operation.number == number && operation.instance == instance)
        };
        match (until, news) {
            (Until::News, _) | (Until::Arrival | Until::Progress { .. }, News::Held(_)) => true,
            (Until::Ended(awaited), News::Ended(number, _)) => *number == awaited,
            (Until::Progress { instance, .. }, News::Ended(number, _)) => of_instance(*number, instance),
            (Until::Progress { instance, contended }, News::Committed(by)) => contended && *by == instance,
            _ => false,
        }
    }

    /// Hears what has come in already.
    async fn hear_all(&mut self) -> Outcome<()> {
        while let Ok(news) = self.world.arrivals.try_recv() {
            self.hear(news).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, news: News) -> Outcome<()> {
        match news {
            News::Held(request) => {
                let event = &request.event;
                let faulty = self.faulty && event.moment == Moment::BeforeIssuing;
                if event.moment == Moment::BeforeIssuing {
                    let holder = self.kept().await?.and_then(|kept| kept.holder);
                    let owner = self.world.find(|instance| Some(instance.name()) == holder.as_deref());
                    let owner = owner.map(|instance| instance.number);
                    self.sent.insert(event.number, (owner, self.world.installation.clock.now()));
                }
                let owner = self.sent.get(&event.number).and_then(|(owner, _)| *owner);
                self.arrive(Held { request, owner, faulty })
            }
            News::Ended(number, result) => {
                self.running.retain(|operation| operation.number != number);
                match result {
                    Some(Ok(())) => {
                        self.succeeded.insert(number);
                        self.tell(format!("operation {number} has succeeded"));
                    }
                    Some(Err(error)) => self.tell(format!("operation {number} has failed: {error}")),
                    None => self.tell(format!("operation {number} has ended with its instance")),
                }
                Ok(())
            }
            News::Committed(_) => Ok(()),
            News::Died(number) => {
                self.met.insert(Met::DeathByWrite);
                self.tell(format!("instance {number} dies of a write"));
                let dead = |instance: &Option<_>| {
                    instance.as_ref().is_some_and(|one: &Instance| one.number == number)
                };
                match self.world.instances.iter().position(dead) {
                    Some(place) => self.kill(place).await,
                    None => Ok(()),
                }
            }
        }
    }

    fn arrive(&mut self, held: Held) -> Outcome<()> {
        self.tell(format!("{} has arrived from {:?}", name(&held), held.owner));
        if held.is_before_issuing() {
            self.faulty = false;
            let presentation = self.presentation(&held);
            let times = self.presented.entry(presentation).or_default();
            *times += 1;
            if self.world.provider == Provider::Strict && *times > 1 {
                return Err("a refresh token is presented for the second time".into());
            }
        }
        self.world.held.push(held);
        Ok(())
    }

    fn presentation(&self, held: &Held) -> (String, u64) {
        let grant = held.request.event.grant.clone().unwrap_or_default();
        let view = self.world.installation.provider.provider.grant(&grant);
        (grant, view.map_or(0, |view| view.refreshes))
    }
}

fn name(held: &Held) -> String {
    let event = &held.request.event;
    let grant = event.grant.as_deref().unwrap_or("nothing");
    format!("request {} with {grant}, {:?}", event.number, event.moment)
}
