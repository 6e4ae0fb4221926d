//! The process is killed while records of uses wait, or are being written.
//!
//! Uses are made by another process, which ends itself without warning (like `kill -9`).

use std::{
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use valetkey_app::{account::AccountAddress, credential::Wanted};
use valetkey_store::{WriteObserver, WritePoint};
use valetkey_testkit::app::{Outcome, TestApp, TestAppOptions, TestDatabase};

use crate::fresh::world::World;

const ADDRESS: &str = "VALETKEY_KILLED_DATABASE";
const SCHEMA: &str = "VALETKEY_KILLED_SCHEMA";
const PROVIDER: &str = "VALETKEY_KILLED_PROVIDER";
const AT: &str = "VALETKEY_KILLED_AT";

/// How many uses are recorded before the last batch, and in it.
const BEFORE: usize = 20;
const LAST: usize = 7;

/// Ends the process at the nth write after it is armed.
#[derive(Default)]
struct Abort(AtomicU32);

impl WriteObserver for Abort {
    fn observe(&self, _: WritePoint) {
        let armed = |left: u32| (left > 0).then(|| left - 1);
        if self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, armed) == Ok(1) {
            std::process::abort();
        }
    }
}

/// The process that is killed. It is started by the test below.
#[tokio::test]
#[ignore = "is started by the other test of this file"]
async fn process_that_is_killed() -> Outcome<()> {
    let Ok(url) = std::env::var(ADDRESS) else { return Ok(()) };
    let abort = Arc::new(Abort::default());
    let app = TestApp::with(TestAppOptions {
        database: Some(Arc::new(TestDatabase::at(url, std::env::var(SCHEMA).ok())?)),
        provider_url: Some(std::env::var(PROVIDER)?),
        observer: Some(abort.clone()),
        seed: 4711,
        ..TestAppOptions::default()
    })
    .await?;
    use_times(&app, BEFORE, "before").await?;
    app.app.flush_uses().await?;
    let at: u32 = std::env::var(AT)?.parse()?;
    abort.0.store(at, Ordering::SeqCst);
    use_times(&app, LAST, "last").await?;
    if at > 0 {
        app.app.flush_uses().await?;
    }
    std::process::abort()
}

async fn use_times(app: &TestApp, times: usize, purpose: &str) -> Outcome<()> {
    let address = AccountAddress {
        connector: Some("test".into()),
        identifier: Some("alice".into()),
        ..AccountAddress::default()
    };
    for _ in 0..times {
        let wanted = Wanted { min_ttl: 0, purpose };
        app.app.usable_credential(&app.operator(), &address, wanted).await?;
    }
    Ok(())
}

/// Kills the other process at the nth write of its last batch, or before it is written; returns how many uses of the
/// last batch are on record.
async fn recorded_after_a_kill(at: u32) -> Outcome<usize> {
    let world = World::new().await?;
    world.connect("alice").await?;
    let (url, schema) = world.app.database.address();
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["reading::killed::process_that_is_killed", "--exact", "--ignored"])
        .env(ADDRESS, url)
        .env(PROVIDER, &world.app.provider.base_url)
        .env(AT, at.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(schema) = schema {
        command.env(SCHEMA, schema);
    }
    let status = command.status()?;
    assert!(!status.success() && status.code().is_none(), "it was killed by a signal: {status}");
    let uses = world.texts("SELECT details FROM events WHERE kind = 'credential.used'").await?;
    let of = |batch: &str| uses.iter().filter(|details| details.contains(batch)).count();
    assert_eq!(of("\"before\""), BEFORE, "killed at {at}: what was flushed is there");
    Ok(of("\"last\""))
}

#[tokio::test]
async fn killed_while_uses_wait_or_are_written_the_journal_lacks_the_last_batch_at_the_most() -> Outcome<()> {
    let last = u32::try_from(LAST)?;
    // One write for each use and one for the account, then the commit.
    for at in [1, 2, last, last + 1, last + 2] {
        assert_eq!(recorded_after_a_kill(at).await?, 0, "killed at write {at}: all of the batch or nothing");
    }
    assert_eq!(recorded_after_a_kill(last + 3).await?, LAST, "killed after the commit");
    assert!(recorded_after_a_kill(0).await? <= LAST, "killed before anything is written");
    Ok(())
}
