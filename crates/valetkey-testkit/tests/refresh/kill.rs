//! Processes that refresh many accounts are killed at random moments (`kill -9`), while some answers of the provider
//! are lost. `docs/testing.md` says how to run more of it and how to repeat a run.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::task::block_in_place;
use valetkey_core::{
    account::{Reason, State},
    id::AccountId,
};
use valetkey_testkit::{
    app::{Installation, Node, Outcome, TestDatabase},
    provider::{Moment, RefreshTokenState, Settings, TokenHook, Verdict},
};

use crate::{
    process::{Child, Order, Process},
    support::{CONNECTION, Dice, Stored, grant, setting, use_credential},
};

const ACCOUNTS: usize = 6;
/// How far the time moves from round to round, in seconds: some of the accounts are due in each.
const STEP: i64 = 500;
const ROUNDS: usize = 60;
/// By then all are due.
const LONG: i64 = 3601;

/// An account that survives all processes.
struct Survivor {
    id: AccountId,
    /// Its grant at the provider.
    grant: String,
}

/// Kills `child` a moment after the provider has seen so many steps of token requests, and loses some answers. The
/// grants whose answers are lost are noted.
fn killer(child: Child, mut dice: Dice, lost: Arc<Mutex<BTreeSet<String>>>) -> TokenHook {
    let at = u64::try_from(1 + dice.below(40)).unwrap();
    let (seen, dice) = (AtomicU64::new(0), Mutex::new(dice));
    Arc::new(move |event| {
        let mut dice = dice.lock().unwrap();
        if seen.fetch_add(1, Ordering::SeqCst) + 1 == at {
            let (child, moment) = (child.clone(), dice.below(100));
            tokio::spawn(async move {
                for _ in 0..moment {
                    tokio::task::yield_now().await;
                }
                child.kill().unwrap();
            });
        }
        let drop = event.moment == Moment::AfterIssuing && dice.percent(2);
        if drop {
            lost.lock().unwrap().extend(event.grant);
        }
        Box::pin(async move { if drop { Verdict::DropConnection } else { Verdict::Proceed } })
    })
}

/// Checks an account after a kill; says whether it needs the user again.
async fn look_at(
    installation: &Installation,
    node: &Node,
    survivor: &Survivor,
    excused: bool,
) -> Outcome<bool> {
    let provider = &installation.provider.provider;
    let stored = Stored::of(node, &survivor.id).await?;
    let (state, reason) = (stored.account.state, stored.account.reason);
    if reason == Reason::RefreshOutcomeUnknown {
        assert!(excused, "no answer was lost: {stored:?}");
        return Ok(true);
    }
    assert_eq!((state, reason), (State::Active, Reason::None), "{stored:?}");
    let refresh_token = use_credential(node, &survivor.id).await?.refresh_token.ok_or("no refresh token")?;
    assert_eq!(provider.refresh_token_state(refresh_token.expose()), RefreshTokenState::Newest, "{stored:?}");
    assert_eq!(provider.grant_of_token(refresh_token.expose()).as_deref(), Some(survivor.grant.as_str()));
    Ok(false)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t28_processes_that_are_killed_at_random_moments_leave_every_account_in_a_true_state() -> Outcome<()>
{
    let (seed, kills) = (setting("VALETKEY_CHAOS_SEED", 1), setting("VALETKEY_CHAOS_KILLS", 100));
    let installation = Installation::on(TestDatabase::without_disk()?).await?;
    let provider = &installation.provider.provider;
    provider.configure(Settings { records: 0, ..Settings::default() });
    let node = installation.node().await?;
    node.connection(CONNECTION, "TESTPROVIDER").await?;
    let mut survivors = vec![];
    for number in 0..ACCOUNTS {
        let grant = grant(&installation, &format!("user-{number}"));
        let id = node.import(CONNECTION, &grant).await?.account.id;
        survivors.push(Survivor { id, grant: grant.grant });
    }
    let (mut renewed, mut unknown) = (0, 0);
    for run in 0..kills {
        let lost: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let mut process = block_in_place(|| Process::start(&installation, 1_000_000 + run))?;
        provider.set_token_hook(Some(killer(process.child(), Dice::new(seed, run), lost.clone())));
        let by_hand = vec![survivors[usize::try_from(run)? % ACCOUNTS].id.to_string()];
        block_in_place(|| -> Outcome<()> {
            process.give(&Order::Work(STEP, ROUNDS, by_hand))?;
            // Where all its work is done it is killed while it waits for more.
            process.answer();
            process.child().kill()
        })?;
        provider.set_token_hook(None);
        let mut open = vec![];
        for survivor in &survivors {
            let kept = Stored::of(&node, &survivor.id).await?.refresh.ok_or("nothing to refresh")?;
            open.push(kept.slot.attempt.is_some());
        }
        installation.clock.advance(STEP * i64::try_from(ROUNDS)? + LONG);
        node.app.refresh_due().await?;
        installation.clock.advance(1);
        for (survivor, open) in survivors.iter_mut().zip(open) {
            let excused = open || lost.lock().unwrap().contains(&survivor.grant);
            if look_at(&installation, &node, survivor, excused).await? {
                unknown += 1;
                let user = provider.grant(&survivor.grant).ok_or("the grant is gone")?.user;
                let grant = grant(&installation, &user);
                node.import(CONNECTION, &grant).await?;
                survivor.grant = grant.grant;
            } else {
                renewed += 1;
            }
        }
        assert_eq!(provider.counters().reuses_detected, 0, "kill {run} of VALETKEY_CHAOS_SEED={seed}");
    }
    assert!(renewed > kills && unknown > 0, "{renewed} accounts came through, {unknown} did not");
    Ok(())
}
