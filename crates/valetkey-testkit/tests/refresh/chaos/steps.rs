//! The steps of a schedule, and how they are chosen.

use valetkey_core::{account::State, journal::EventKind};
use valetkey_testkit::{
    app::{Node, Outcome},
    provider::Misbehaviour,
};

use super::{
    Met,
    schedule::{Schedule, Wish},
    world::INSTANCES,
};
use crate::support::{CONNECTION, Dice, LIFETIME, address, grant, use_credential};

/// A step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// An instance refreshes what is due.
    RefreshDue,
    /// An instance is asked for the credential.
    Use,
    /// An instance is asked to refresh.
    Refresh,
    /// Time passes.
    Wait,
    /// An instance dies at one of its next writes.
    LightFuse,
    /// An instance dies at once.
    Kill,
    /// The user authorizes again.
    Import,
    Suspend,
    Resume,
    Disconnect,
    /// The user withdraws access at the provider.
    Withdraw,
    /// The provider turns the next token request down.
    Fault,
    /// An instance tells the provider of tokens that are not used any more.
    Revoke,
}

/// What a schedule is like.
pub(super) struct Temper {
    /// How many steps it has at the most.
    steps: usize,
    /// How often each step happens, compared with the others.
    weights: &'static [(usize, Step)],
    /// In how many of a hundred cases one of the token requests that are held gets its end before anything else happens.
    resolved: usize,
    /// In how many of a hundred cases a token request that arrives is not held.
    pub(super) passed: usize,
}

/// A bit of everything.
static EVEN: Temper = Temper {
    steps: 12,
    weights: &[
        (22, Step::RefreshDue),
        (14, Step::Use),
        (14, Step::Refresh),
        (20, Step::Wait),
        (16, Step::LightFuse),
        (5, Step::Kill),
        (5, Step::Import),
        (4, Step::Suspend),
        (4, Step::Resume),
        (3, Step::Disconnect),
        (2, Step::Withdraw),
        (4, Step::Fault),
        (2, Step::Revoke),
    ],
    resolved: 40,
    passed: 60,
};

/// People change their minds while answers are long on their way.
static RESTLESS: Temper = Temper {
    steps: 18,
    weights: &[
        (8, Step::RefreshDue),
        (24, Step::Refresh),
        (12, Step::Wait),
        (8, Step::LightFuse),
        (3, Step::Kill),
        (14, Step::Import),
        (5, Step::Suspend),
        (7, Step::Resume),
        (12, Step::Disconnect),
        (1, Step::Withdraw),
        (2, Step::Fault),
        (2, Step::Revoke),
    ],
    resolved: 15,
    passed: 45,
};

impl Temper {
    /// That of a schedule.
    pub(super) fn of(dice: &mut Dice) -> &'static Self {
        if dice.percent(75) { &EVEN } else { &RESTLESS }
    }
}

/// For how long time passes, in seconds: less and more than a slot is held, than the margin of a refresh, than a token
/// works.
const WAITS: &[i64] = &[1, 30, 61, 61, 300, 3000, LIFETIME, LIFETIME];

/// In how many of a hundred cases the end of a token request that is held is the loss of its connection.
const LOST: usize = 25;

/// About as many write points as a refresh has.
const FUSE: usize = 14;

impl Schedule<'_> {
    /// Does all steps.
    pub(super) async fn act(&mut self) -> Outcome<()> {
        for _ in 0..3 + self.dice.below(self.temper.steps - 2) {
            if !self.world.held.is_empty() && self.dice.percent(self.temper.resolved) {
                self.resolve().await?;
            } else {
                let step = self.dice.weighted(self.temper.weights);
                self.step(step).await?;
            }
        }
        Ok(())
    }

    /// One of the token requests that are held goes on, or is lost.
    async fn resolve(&mut self) -> Outcome<()> {
        let at = self.dice.below(self.world.held.len());
        let until = if self.dice.percent(LOST) { self.drop_request(at).await? } else { self.release(at) };
        self.go_on(until).await
    }

    async fn step(&mut self, step: Step) -> Outcome<()> {
        let (place, account) = (self.dice.below(INSTANCES), address(&self.id));
        match step {
            Step::RefreshDue => {
                let work = async |node: Node| node.app.refresh_due().await.map(drop);
                self.try_refresh(place, "refresh what is due", work).await
            }
            Step::Use => {
                let id = self.id.clone();
                self.try_refresh(place, "use the credential", |node| async move {
                    use_credential(&node, &id).await.map(drop)
                })
                .await
            }
            Step::Refresh => {
                self.try_refresh(place, "refresh the account", |node| async move {
                    node.app.refresh_account(&node.operator(), &account).await.map(drop)
                })
                .await
            }
            Step::Wait => {
                let seconds = self.dice.pick(WAITS);
                self.world.installation.clock.advance(seconds);
                self.tell(format!("{seconds} s have passed"));
                Ok(())
            }
            Step::LightFuse => {
                let left = self.dice.below(FUSE);
                if let Some(instance) = &self.world.instances[place] {
                    instance.fuse.set(Some(left));
                }
                Ok(())
            }
            Step::Kill => {
                if self.world.instances[place].is_some() {
                    self.met.insert(Met::Death);
                }
                self.kill(place).await
            }
            Step::Import => self.import(place).await,
            Step::Suspend | Step::Resume | Step::Disconnect => self.decide(place, step).await,
            Step::Withdraw => {
                self.world.installation.provider.provider.revoke_grant(&self.grant);
                self.tell("the user withdraws access at the provider");
                Ok(())
            }
            Step::Fault => {
                if !self.faulty {
                    let fault = Misbehaviour::TokenServerError { status: 503 };
                    self.world.installation.provider.provider.misbehave(fault.times(1));
                    self.faulty = true;
                }
                Ok(())
            }
            Step::Revoke => {
                let work = |node: Node| async move { node.app.revoke_due().await.map(drop) };
                self.run(place, "tell the provider", work).await.map(drop)
            }
        }
    }

    async fn import(&mut self, place: usize) -> Outcome<()> {
        let tokens = grant(&self.world.installation, &self.user);
        let new = tokens.grant.clone();
        let work = |node: Node| async move { node.import(CONNECTION, &tokens).await.map(drop) };
        let number = self.run(place, "import another grant", work).await?;
        let stored = self.stored().await?.count(EventKind::CredentialStored);
        if stored > self.imports {
            (self.imports, self.grant) = (stored, new);
            self.lost.clear();
            if self.wish == Wish::Disconnected {
                self.wish = Wish::Connected;
            }
        } else if self.succeeded.contains(&number) {
            return Err("an import has succeeded and stored nothing".into());
        }
        Ok(())
    }

    async fn decide(&mut self, place: usize, step: Step) -> Outcome<()> {
        let account = address(&self.id);
        let work = |node: Node| async move {
            let caller = node.operator();
            match step {
                Step::Suspend => node.app.suspend_account(&caller, &account).await,
                Step::Resume => node.app.resume_account(&caller, &account).await,
                _ => node.app.disconnect_account(&caller, &account).await,
            }
            .map(drop)
        };
        let number = self.run(place, &format!("{step:?}"), work).await?;
        let is = match self.stored().await?.account.state {
            State::Suspended => Wish::Suspended,
            State::Disconnected => Wish::Disconnected,
            _ => Wish::Connected,
        };
        let wished = match step {
            Step::Suspend => Wish::Suspended,
            Step::Disconnect => Wish::Disconnected,
            _ => Wish::Connected,
        };
        if self.succeeded.contains(&number) && is != wished {
            return Err(format!("{step:?} has succeeded, and the account is {is:?}").into());
        }
        self.wish = is;
        Ok(())
    }
}
