//! What is held of the database while a token request is under way: nothing.

use std::pin::Pin;

use valetkey_core::id::AccountId;
use valetkey_store::{account, refresh};
use valetkey_testkit::{
    app::{CONNECTIONS, Installation, Node, Outcome},
    provider::Moment,
};

use crate::support::{CONNECTION, LIFETIME, Stored, address, expired, imported, use_credential};

/// Takes every connection that `node` has and writes to all rows of the account, of which none is locked. Each of it
/// would fail after the patience of the pool.
async fn take_everything(node: &Node, id: &AccountId) -> Outcome<()> {
    let on_sqlite = node.pool.engine() == "SQLite";
    let readers = if on_sqlite { CONNECTIONS } else { CONNECTIONS - 1 };
    let mut taken = vec![];
    for _ in 0..readers {
        taken.push(node.pool.read().await?);
    }
    let environment = &node.environment.id;
    let stored = {
        let reader = taken.first_mut().ok_or("no reader")?;
        refresh::get(reader, environment, id).await?.ok_or("nothing to refresh")?
    };
    assert!(stored.slot.held_until.is_some(), "the request is under way");
    let mut tx = node.pool.begin().await?;
    assert!(refresh::schedule(&mut tx, environment, id, stored.due_at).await?);
    assert!(account::touch(&mut tx, environment, id, stored.issued_at).await?);
    valetkey_store::token_host::lock(&mut tx, &stored.host).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets `work` send token requests of one node, and takes everything at both moments of each.
async fn nothing_is_held<T>(
    installation: &Installation,
    node: &Node,
    id: &AccountId,
    mut work: Pin<Box<dyn Future<Output = T> + '_>>,
) -> Outcome<T> {
    let moments = [Moment::BeforeIssuing, Moment::AfterIssuing];
    let mut gate = installation.provider.provider.hold_token_requests(&moments);
    let mut seen = vec![];
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            held = gate.next() => {
                seen.push(held.event.moment);
                take_everything(node, id).await?;
                held.proceed();
            }
        }
    };
    assert_eq!(seen, moments, "one request");
    Ok(done)
}

#[tokio::test]
async fn t30_no_connection_and_no_row_is_held_while_a_token_is_refreshed_on_demand() -> Outcome<()> {
    let installation = Installation::start().await?;
    let node = installation.node().await?;
    node.connection(CONNECTION, "TESTPROVIDER").await?;
    let (id, _) = expired(&installation, &node).await?;
    nothing_is_held(&installation, &node, &id, Box::pin(use_credential(&node, &id))).await??;
    let (caller, account) = (node.operator(), address(&id));
    nothing_is_held(&installation, &node, &id, Box::pin(node.app.refresh_account(&caller, &account)))
        .await??;
    assert_eq!(Stored::of(&node, &id).await?.generation(), 4);
    Ok(())
}

#[tokio::test]
async fn t30_no_connection_and_no_row_is_held_while_a_token_is_refreshed_in_the_background() -> Outcome<()> {
    let installation = Installation::start().await?;
    let node = installation.node().await?;
    node.connection(CONNECTION, "TESTPROVIDER").await?;
    let (id, _) = imported(&installation, &node, "user").await?;
    installation.clock.advance(LIFETIME);
    let run = nothing_is_held(&installation, &node, &id, Box::pin(node.app.refresh_due())).await??;
    assert_eq!((run.attempts, run.refreshed), (1, 1));
    assert_eq!(Stored::of(&node, &id).await?.generation(), 2);
    Ok(())
}
