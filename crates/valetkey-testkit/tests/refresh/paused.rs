//! A process that is paused for longer than it holds the slot of an account.

use tokio::task::JoinHandle;
use valetkey_core::{
    account::{Reason, State},
    id::AccountId,
    journal::EventKind,
    refresh::LEASE_SECONDS,
};
use valetkey_testkit::{
    app::{Installation, Node, Outcome},
    provider::{Gate, HeldRequest, Moment, RefreshTokenState, Rotation, Settings},
};

use crate::support::{
    CONNECTION, LIFETIME, Stored, TOLERANT, address, expired, imported, refreshes_asked, use_credential,
};

struct Paused {
    installation: Installation,
    /// The node whose answer is held.
    first: Node,
    second: Node,
    id: AccountId,
    gate: Gate,
    held: HeldRequest,
    under_way: JoinHandle<valetkey_app::Result<()>>,
}

/// A refresh whose tokens are issued and on their way, and whose slot has run out of time.
async fn paused(provider_key: &str, rotation: Rotation) -> Outcome<Paused> {
    let mut installation = Installation::start().await?;
    installation.add_connector(TOLERANT)?;
    installation.provider.provider.configure(Settings { rotation, ..Settings::default() });
    let (first, second) = (installation.node().await?, installation.node().await?);
    first.connection(CONNECTION, provider_key).await?;
    let (id, _) = expired(&installation, &first).await?;
    let mut gate = installation.provider.provider.hold_token_requests(&[Moment::AfterIssuing]);
    let under_way = refresh(&first, &id);
    let held = gate.next().await;
    assert!(held.event.granted);
    installation.clock.advance(LEASE_SECONDS + 1);
    Ok(Paused { installation, first, second, id, gate, held, under_way })
}

fn refresh(node: &Node, id: &AccountId) -> JoinHandle<valetkey_app::Result<()>> {
    let (node, id) = (node.clone(), id.clone());
    tokio::spawn(async move { node.app.refresh_account(&node.operator(), &address(&id)).await.map(drop) })
}

#[tokio::test]
async fn t27_what_a_paused_holder_brings_is_refused_by_its_number_once_another_node_has_repeated()
-> Outcome<()> {
    let mut at = paused("TOLERANT", Rotation::Grace { seconds: 3600 }).await?;
    let before = Stored::of(&at.second, &at.id).await?;
    let repeat = refresh(&at.second, &at.id);
    at.gate.next().await.proceed();
    repeat.await??;
    let after = Stored::of(&at.second, &at.id).await?;
    let fencing = |stored: &Stored| stored.refresh.as_ref().map(|kept| kept.slot.fencing);
    assert_eq!(after.generation(), before.generation() + 1);
    assert_eq!(fencing(&after), fencing(&before).map(|number| number + 1));

    at.held.proceed();
    let late = at.under_way.await?.expect_err("its tokens are not stored");
    assert!(late.message.contains("unknown"), "{}", late.message);
    let last = Stored::of(&at.second, &at.id).await?;
    assert_eq!(
        (&last.account, &last.credential, &last.refresh),
        (&after.account, &after.credential, &after.refresh)
    );
    assert_eq!(last.journal.len(), after.journal.len() + 1, "only the journal tells of it");
    let overtaken = |(kind, details): &(EventKind, serde_json::Value)| {
        *kind == EventKind::TokenRefreshFailed && details["overtaken"] == true
    };
    assert_eq!(last.journal.iter().filter(|event| overtaken(event)).count(), 1);

    at.installation.clock.advance(1);
    let provider = &at.installation.provider.provider;
    for node in [&at.first, &at.second] {
        let credential = use_credential(node, &at.id).await?;
        assert!(provider.accepts_access_token(credential.access_token.expose()));
        let refresh_token = credential.refresh_token.ok_or("no refresh token")?;
        assert_eq!(provider.refresh_token_state(refresh_token.expose()), RefreshTokenState::Newest);
    }
    let counters = provider.counters();
    assert_eq!((counters.reuses_in_grace, counters.reuses_detected), (1, 0));
    Ok(())
}

#[tokio::test]
async fn t27_where_no_repetition_is_tolerated_a_late_answer_still_heals_the_account() -> Outcome<()> {
    let at = paused("TESTPROVIDER", Rotation::Strict).await?;
    let asked = refreshes_asked(&at.installation);
    at.second.app.refresh_due().await?;
    let given_up = Stored::of(&at.second, &at.id).await?;
    assert_eq!(
        (given_up.account.state, given_up.account.reason),
        (State::Expired, Reason::RefreshOutcomeUnknown)
    );
    refresh(&at.second, &at.id).await?.expect_err("the refresh token is not presented again");
    assert_eq!(refreshes_asked(&at.installation), asked);

    at.held.proceed();
    at.under_way.await??;
    let healed = Stored::of(&at.second, &at.id).await?;
    assert_eq!((healed.account.state, healed.account.reason), (State::Active, Reason::None));
    assert_eq!(healed.refresh.as_ref().and_then(|kept| kept.ended), None);
    drop(at.gate);
    at.installation.clock.advance(LIFETIME);
    assert_eq!(at.second.app.refresh_due().await?.refreshed, 1, "and it goes on as if nothing had been");
    assert_eq!(at.installation.provider.provider.counters().reuses_detected, 0);
    Ok(())
}

#[tokio::test]
async fn a_late_answer_does_not_replace_the_tokens_of_an_account_that_was_connected_anew() -> Outcome<()> {
    let mut at = paused("TESTPROVIDER", Rotation::Strict).await?;
    // The row that fences is destroyed and made anew, and the slot taken as often as before.
    at.second.app.disconnect_account(&at.second.operator(), &address(&at.id)).await?;
    let (id, grant) = imported(&at.installation, &at.second, "user").await?;
    assert_eq!(id, at.id);
    let first = refresh(&at.second, &at.id);
    at.gate.next().await.proceed();
    first.await??;
    let newer = refresh(&at.second, &at.id);
    let newer_held = at.gate.next().await;
    at.held.proceed();
    at.under_way.await?.expect_err("it brings tokens of another grant");
    newer_held.proceed();
    newer.await??;
    at.installation.clock.advance(1);
    let provider = &at.installation.provider.provider;
    let credential = use_credential(&at.second, &at.id).await?;
    let refresh_token = credential.refresh_token.ok_or("no refresh token")?;
    assert_eq!(provider.refresh_token_state(refresh_token.expose()), RefreshTokenState::Newest);
    assert_eq!(provider.grant_of_token(refresh_token.expose()), Some(grant.grant));
    Ok(())
}
