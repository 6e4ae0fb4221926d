//! Many ask for the credential of one account whose access token has run out.

use std::sync::Arc;

use tokio::{sync::Barrier, task::JoinSet};
use valetkey_core::{credential::OauthCredential, id::AccountId, journal::EventKind};
use valetkey_testkit::{
    app::{Installation, Node, Outcome},
    provider::Moment,
};

use crate::{
    process::{Order, Process, fingerprint},
    support::{CONNECTION, LIFETIME, Stored, expired, imported, refreshes_asked, use_credential},
};

/// All of these ask at one moment.
fn ask(nodes: &[Node], id: &AccountId, readers: usize) -> JoinSet<valetkey_app::Result<OauthCredential>> {
    let start = Arc::new(Barrier::new(readers));
    (0..readers)
        .map(|reader| {
            let (node, id, start) = (nodes[reader % nodes.len()].clone(), id.clone(), start.clone());
            async move {
                start.wait().await;
                use_credential(&node, &id).await
            }
        })
        .collect()
}

/// So many readers, spread over so many nodes, cause one token request, and each gets what it brought.
async fn one_request(nodes: usize, readers: usize) -> Outcome<()> {
    let installation = Installation::start().await?;
    let maker = installation.node().await?;
    maker.connection(CONNECTION, "TESTPROVIDER").await?;
    let (id, _) = expired(&installation, &maker).await?;
    let mut all = vec![];
    for _ in 0..nodes {
        all.push(installation.node().await?);
    }
    let provider = &installation.provider.provider;
    let before = refreshes_asked(&installation);
    let mut gate = provider.hold_token_requests(&[Moment::AfterIssuing]);
    let mut readers_at_work = ask(&all, &id, readers);
    let held = gate.next().await;
    assert!(readers_at_work.try_join_next().is_none(), "nobody has a token while the answer is held");
    held.proceed();
    let mut got = vec![];
    while let Some(credential) = readers_at_work.join_next().await {
        got.push(credential??);
    }
    assert_eq!((got.len(), refreshes_asked(&installation) - before), (readers, 1));
    assert!(gate.try_next().is_none(), "no further request waits");
    assert!(got.iter().all(|credential| *credential == got[0]), "everybody gets the same");
    assert!(provider.accepts_access_token(got[0].access_token.expose()));
    let stored = Stored::of(&maker, &id).await?;
    assert_eq!((stored.generation(), stored.count(EventKind::TokenRefreshed)), (3, 2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t26_a_thousand_readers_of_one_expired_account_cause_one_token_request() -> Outcome<()> {
    one_request(1, 1000).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t27_a_thousand_readers_on_three_nodes_cause_one_token_request() -> Outcome<()> {
    one_request(3, 1000).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t27_a_thousand_readers_on_five_nodes_cause_one_token_request() -> Outcome<()> {
    one_request(5, 1000).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t27_five_nodes_that_refresh_what_is_due_cause_one_token_request_for_each_account() -> Outcome<()> {
    let installation = Installation::start().await?;
    let maker = installation.node().await?;
    maker.connection(CONNECTION, "TESTPROVIDER").await?;
    for user in 0..100 {
        imported(&installation, &maker, &format!("user-{user}")).await?;
    }
    installation.clock.advance(LIFETIME);
    let mut runs = JoinSet::new();
    for _ in 0..5 {
        let node = installation.node().await?;
        runs.spawn(async move { node.app.refresh_due().await });
    }
    let mut refreshed = 0;
    while let Some(run) = runs.join_next().await {
        refreshed += run??.refreshed;
    }
    let counters = installation.provider.provider.counters();
    assert_eq!((refreshed, refreshes_asked(&installation)), (100, 100));
    assert_eq!((counters.refreshes_granted, counters.reuses_detected), (100, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t27_readers_in_three_processes_cause_one_token_request() -> Outcome<()> {
    const READERS: usize = 334;
    let installation = Installation::start().await?;
    let maker = installation.node().await?;
    maker.connection(CONNECTION, "TESTPROVIDER").await?;
    let (id, _) = expired(&installation, &maker).await?;
    let before = refreshes_asked(&installation);
    let answers = tokio::task::block_in_place(|| -> Outcome<Vec<String>> {
        let mut processes =
            (0..3).map(|seed| Process::start(&installation, seed)).collect::<Outcome<Vec<_>>>()?;
        for process in &mut processes {
            process.give(&Order::Read(READERS, id.to_string()))?;
        }
        processes.iter_mut().map(|process| process.answer().ok_or("a process ended".into())).collect()
    })?;
    assert_eq!(refreshes_asked(&installation) - before, 1);
    let stored = use_credential(&maker, &id).await?;
    let expected = format!("1 {}", fingerprint(stored.access_token.expose()));
    assert_eq!(answers, [expected.clone(), expected.clone(), expected]);
    assert!(installation.provider.provider.accepts_access_token(stored.access_token.expose()));
    Ok(())
}
