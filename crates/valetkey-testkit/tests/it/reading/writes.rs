//! What a use of a fresh token costs: nothing that waits, nothing that is written by it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use valetkey_store::{WriteObserver, WritePoint};
use valetkey_testkit::app::{Outcome, TestAppOptions};

use crate::{
    database,
    fresh::world::{World, access_token},
};

/// Counts what is written, by statement. A commit is `commit`.
#[derive(Default)]
struct Counted(Mutex<BTreeMap<&'static str, usize>>);

impl Counted {
    fn take(&self) -> BTreeMap<&'static str, usize> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl WriteObserver for Counted {
    fn observe(&self, point: WritePoint) {
        let name = match point {
            WritePoint::Write { statement } => statement,
            WritePoint::BeforeCommit => "commit",
            WritePoint::AfterCommit => return,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += 1;
    }
}

const USES: usize = 1000;

/// Uses the credential a thousand times, half of them as a client that reads it; now and then time moves on.
async fn use_often(world: &World) -> Outcome<()> {
    let first = world.tokens("alice").await?.0;
    for number in 1..USES {
        let token = if number % 2 == 0 {
            world.tokens("alice").await?.0
        } else {
            access_token(&world.use_credential("alice", 60).await?)
        };
        assert_eq!(token, first);
        if number % 50 == 0 {
            world.clock().advance(1);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_thousand_uses_of_a_fresh_token_write_nothing_but_their_records_in_batches() -> Outcome<()> {
    let counted = Arc::new(Counted::default());
    let observer: Arc<dyn WriteObserver> = counted.clone();
    let world = World::with(TestAppOptions { observer: Some(observer), ..TestAppOptions::default() }).await?;
    world.connect("alice").await?;
    world.app.app.flush_uses().await?;
    counted.take();
    use_often(&world).await?;
    world.app.app.flush_uses().await?;
    let written = counted.take();
    let kinds: BTreeSet<_> = written.keys().copied().collect();
    assert_eq!(kinds, BTreeSet::from(["account::TOUCH", "commit", "event::APPEND_ALL"]), "{written:?}");
    assert_eq!(written["event::APPEND_ALL"], USES, "each use has its record");
    assert_eq!(
        written["account::TOUCH"], written["commit"],
        "an account is marked as used once for each batch"
    );
    assert!(written["commit"] <= USES / 10, "the records come in batches: {written:?}");
    for (kind, count) in [("credential.read", USES / 2), ("credential.used", USES / 2)] {
        let recorded = world.texts(&format!("SELECT details FROM events WHERE kind = '{kind}'")).await?;
        assert_eq!(recorded.len(), count, "{kind}");
        assert!(recorded.iter().all(|details| details.contains(r#""generation":1"#)));
    }
    Ok(())
}

#[tokio::test]
async fn a_thousand_uses_of_a_fresh_token_wait_for_no_lock_of_the_database() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.app.app.flush_uses().await?;
    let lock = database::lock(&world.app).await?;
    use_often(&world).await?;
    let held = "SELECT id FROM events WHERE kind IN ('credential.read', 'credential.used')";
    assert_eq!(world.texts(held).await?.len(), 0, "nobody could write meanwhile");
    lock.release().await?;
    world.app.app.flush_uses().await?;
    assert_eq!(world.texts(held).await?.len(), USES);
    Ok(())
}
