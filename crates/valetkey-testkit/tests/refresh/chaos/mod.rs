//! Random schedules of everything that can happen to an account, each against what is true at the provider at its end.
//!
//! A world has a database, a provider and three instances; it runs one schedule after the other, and several worlds run
//! at once. What a schedule does is decided by the seed and its number, so that it can be repeated alone:
//! `docs/testing.md` says how. An instance dies by unwinding the task that writes, with its runtime and all its
//! connections; for processes that are killed, see `kill.rs`.

mod fuse;
mod instance;
mod news;
mod schedule;
mod steps;
mod truth;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use valetkey_testkit::app::Outcome;

use crate::support::setting;
use schedule::Schedule;
use world::{Provider, World};

/// How many worlds run at once.
const WORLDS: u64 = 20;

/// The schedules that are left to run.
struct Left {
    seed: u64,
    next: AtomicU64,
    end: u64,
    failed: AtomicBool,
    /// How many schedules have met what.
    met: Mutex<BTreeMap<Met, u64>>,
}

/// What a schedule has met, or how it ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Met {
    /// An instance died of a write.
    DeathByWrite,
    /// An instance died between two writes.
    Death,
    /// An answer was lost.
    LostAnswer,
    /// An answer came after the slot had run out of time.
    LateAnswer,
    /// The account works.
    Works,
    /// The account works, though an instance died or an answer was lost.
    Survives,
    /// An outcome is unknown.
    Unknown,
    /// The grant had been withdrawn.
    Withdrawn,
    /// The account is disconnected.
    Disconnected,
}

impl Met {
    const ALL: [Self; 9] = [
        Self::DeathByWrite,
        Self::Death,
        Self::LostAnswer,
        Self::LateAnswer,
        Self::Works,
        Self::Survives,
        Self::Unknown,
        Self::Withdrawn,
        Self::Disconnected,
    ];
}

impl Left {
    fn next(&self) -> Option<u64> {
        let run = self.next.fetch_add(1, Ordering::SeqCst);
        (run < self.end && !self.failed.load(Ordering::SeqCst)).then_some(run)
    }

    fn note(&self, met: &BTreeSet<Met>) {
        let mut all = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        for met in met {
            *all.entry(*met).or_default() += 1;
        }
    }
}

async fn one(world: &mut World, left: &Left, run: u64) -> Outcome<()> {
    let seed = left.seed;
    let mut schedule = Schedule::begin(world, seed, run).await?;
    let done = match schedule.act().await {
        Ok(()) => schedule.end().await,
        failed => failed,
    };
    left.note(&schedule.met);
    done.map_err(|error| {
        let story = schedule.story.join("\n");
        format!(
            "{story}\n{error}\nschedule {run}: repeat it with VALETKEY_CHAOS_SEED={seed} \
             VALETKEY_CHAOS_FIRST={run} VALETKEY_CHAOS_SCHEDULES=1"
        )
        .into()
    })
}

/// Runs schedules in one world until none is left.
fn run_world(provider: Provider, left: &Left) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        let mut world = World::start(provider).await?;
        let mut done = Ok(());
        while let (Ok(()), Some(run)) = (&done, left.next()) {
            done = one(&mut world, left, run).await;
        }
        for instance in world.instances.iter_mut().filter_map(Option::take) {
            instance.kill().await?;
        }
        done
    });
    left.failed.fetch_or(done.is_err(), Ordering::SeqCst);
    done
}

/// How many schedules meet everything.
const MANY: u64 = 1000;

/// Runs so many schedules, unless the environment says otherwise.
fn run_all(provider: Provider, usual: u64) {
    let first = setting("VALETKEY_CHAOS_FIRST", 0);
    let left = Arc::new(Left {
        seed: setting("VALETKEY_CHAOS_SEED", 1),
        next: first.into(),
        end: first + setting("VALETKEY_CHAOS_SCHEDULES", usual),
        failed: false.into(),
        met: Mutex::default(),
    });
    let worlds: Vec<_> = (0..WORLDS.min(left.end - first))
        .map(|_| {
            let left = left.clone();
            thread::spawn(move || run_world(provider, &left))
        })
        .collect();
    for world in worlds {
        world.join().expect("a world panicked").unwrap_or_else(|error| panic!("{error}"));
    }
    let met = left.met.lock().unwrap_or_else(PoisonError::into_inner);
    let enough = left.end - first < MANY || Met::ALL.iter().all(|one| met.contains_key(one));
    assert!(enough, "the schedules have not met everything: {met:?}");
}

/// How many schedules run where nobody says how many: on PostgreSQL, which takes longer, fewer.
fn usual(on_sqlite: u64) -> u64 {
    if std::env::var("VALETKEY_TEST_DATABASE_URL").is_ok() { on_sqlite / 10 } else { on_sqlite }
}

#[test]
fn t28_no_schedule_of_crashes_and_lost_answers_presents_a_token_twice_or_leaves_an_untrue_state() {
    run_all(Provider::Strict, usual(10_000));
}

#[test]
fn t28_where_a_repetition_is_tolerated_no_schedule_leaves_an_untrue_state_either() {
    run_all(Provider::Tolerant, usual(1_000));
}
