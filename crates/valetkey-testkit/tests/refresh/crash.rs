//! A process dies at every single write of a refresh, and what is stored is the old credential or the new one, never
//! something in between.

use tokio::task::block_in_place;
use valetkey_core::{
    account::{Reason, State},
    id::AccountId,
    journal::EventKind,
    refresh::{LEASE_SECONDS, OutcomeClass},
};
use valetkey_testkit::{
    app::{Installation, Node, Outcome, TestDatabase},
    provider::{GrantTokens, RefreshTokenState},
};

use crate::{
    process::{Order, Process},
    support::{CONNECTION, LIFETIME, Stored, imported, use_credential},
};

/// More writes than a refresh has.
const NEVER: u32 = 100;

/// Where an account stands when its process is dead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Left {
    /// Nothing was begun.
    Untouched,
    /// The attempt is noted; whether the provider has issued tokens is not known.
    Open,
    /// The new tokens are stored.
    Renewed,
}

/// What is left, after a check that it is whole.
fn left(before: &Stored, after: &Stored) -> Left {
    let (was, is) = (before.refresh.as_ref().unwrap(), after.refresh.as_ref().unwrap());
    let refreshed = after.count(EventKind::TokenRefreshed);
    if after.credential == before.credential {
        assert_eq!((&after.account, refreshed), (&before.account, 0));
        let begun = is.slot.fencing - was.slot.fencing;
        assert_eq!((begun == 1, is.slot.held_until.is_some()), (is.slot.attempt.is_some(), begun == 1));
        assert_eq!(is.last_outcome, None);
        return if begun == 1 { Left::Open } else { Left::Untouched };
    }
    let (old, new) = (before.credential.as_ref().unwrap(), after.credential.as_ref().unwrap());
    assert_eq!((new.generation, refreshed), (old.generation + 1, 1));
    assert!(new.sealed != old.sealed && new.expires_at > Some(new.updated_at));
    assert_eq!(after.account.token_expires_at, new.expires_at);
    assert!(!after.account.granted_scopes.is_empty(), "the answer named scopes and the import none");
    assert_eq!((after.account.version, after.account.state), (before.account.version + 1, State::Active));
    assert_eq!((is.slot.held_until, is.slot.attempt), (None, None));
    assert_eq!((is.last_outcome, is.issued_at), (Some(OutcomeClass::Success), new.updated_at));
    assert!(is.due_at > Some(new.updated_at));
    Left::Renewed
}

/// What the account comes to once another process has looked after it.
async fn goes_on(
    installation: &Installation,
    node: &Node,
    (id, grant): &(AccountId, GrantTokens),
    left: Left,
) -> Outcome<()> {
    installation.clock.advance(LEASE_SECONDS + 1);
    node.app.refresh_due().await?;
    installation.clock.advance(1);
    let provider = &installation.provider.provider;
    let end = Stored::of(node, id).await?.account;
    if left == Left::Open {
        assert_eq!(end.reason, Reason::RefreshOutcomeUnknown, "{left:?}");
    } else {
        assert_eq!((end.state, end.reason), (State::Active, Reason::None), "{left:?}");
        let refresh_token = use_credential(node, id).await?.refresh_token.ok_or("no refresh token")?;
        assert_eq!(provider.refresh_token_state(refresh_token.expose()), RefreshTokenState::Newest);
    }
    assert_eq!(provider.grant(&grant.grant).map(|grant| (grant.alive, grant.reuses)), Some((true, 0)));
    Ok(())
}

/// Dies at every write from the first to the last; says what was left each time.
async fn die_everywhere(order: fn(&AccountId) -> Order) -> Outcome<Vec<Left>> {
    let installation = Installation::on(TestDatabase::without_disk()?).await?;
    let node = installation.node().await?;
    node.connection(CONNECTION, "TESTPROVIDER").await?;
    let mut all = vec![];
    for at in 1..NEVER {
        let account = imported(&installation, &node, &format!("user-{at}")).await?;
        installation.clock.advance(LIFETIME);
        let before = Stored::of(&node, &account.0).await?;
        let died = block_in_place(|| -> Outcome<bool> {
            let mut process = Process::start(&installation, at.into())?;
            process.order(&Order::DieAt(at))?;
            process.give(&order(&account.0))?;
            Ok(process.answer().is_none())
        })?;
        let left = left(&before, &Stored::of(&node, &account.0).await?);
        goes_on(&installation, &node, &account, left).await?;
        // It would be due again in the next round.
        node.app.delete_account(&node.operator(), &crate::support::address(&account.0)).await?;
        if !died {
            assert_eq!(left, Left::Renewed);
            return Ok(all);
        }
        all.push(left);
    }
    Err("a refresh has no end".into())
}

fn in_order(left: &[Left]) {
    let groups: Vec<Left> = left.chunk_by(PartialEq::eq).map(|group| group[0]).collect();
    assert_eq!(groups, [Left::Untouched, Left::Open, Left::Renewed], "{left:?}");
    assert!(left.len() >= 10, "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t29_killed_at_any_write_of_a_refresh_in_the_background_the_old_credential_is_there_or_the_new()
-> Outcome<()> {
    in_order(&die_everywhere(|_| Order::RefreshDue).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t29_killed_at_any_write_of_a_refresh_by_hand_the_old_credential_is_there_or_the_new() -> Outcome<()>
{
    in_order(&die_everywhere(|id| Order::Refresh(id.to_string())).await?);
    Ok(())
}
