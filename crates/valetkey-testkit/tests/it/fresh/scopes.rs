//! What a refresh asks for, what it may take away, and what the user is asked for again.

use std::collections::BTreeSet;

use serde_json::json;
use url::Url;
use valetkey_app::{
    connection::{ConnectionConfig, ConnectionSecrets, UpdateConnection},
    link::CreateLink,
};
use valetkey_core::account::{NextAction, Reason, State};
use valetkey_testkit::{
    app::{Outcome, leave},
    provider::Misbehaviour,
};

use super::world::{World, address};

const WHOLE: (State, Reason) = (State::Active, Reason::None);
const LACKING: (State, Reason) = (State::Active, Reason::ScopeMissing);

async fn set_scopes(world: &World, scopes: &[&str]) -> Outcome<()> {
    let change = Box::new(|config: &mut ConnectionConfig, _: &mut ConnectionSecrets| {
        config.scopes = Some(scopes.iter().map(|scope| (*scope).to_owned()).collect());
        Ok(())
    });
    world.update_connection(UpdateConnection { name: None, change }).await
}

async fn granted(world: &World, user: &str) -> Outcome<serde_json::Value> {
    Ok(world.app.account("test", user).await?["authorization_details"]["oauth_token"]["scopes"].take())
}

/// The scopes that the user is asked for on a new link.
async fn asked(world: &World, user: &str) -> Outcome<BTreeSet<String>> {
    asked_on(world, &world.app.link("test", user).await?).await
}

async fn asked_on(world: &World, link: &str) -> Outcome<BTreeSet<String>> {
    let request: Url = leave(&mut world.app.browser()?, link).await?;
    let scope = request.query_pairs().find(|(name, _)| name == "scope").ok_or("no scope")?.1.into_owned();
    Ok(scope.split(' ').map(ToOwned::to_owned).collect())
}

fn set(scopes: &[&str]) -> BTreeSet<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

#[tokio::test]
async fn t35_a_refresh_asks_for_no_more_than_was_granted_whatever_the_connection_wants_by_now() -> Outcome<()>
{
    for (send_scope, sent) in [(false, None), (true, Some("profile"))] {
        let definition = format!("auth: {{oauth2: {{refresh: {{send_scope: {send_scope}}}}}}}");
        let world = World::defined(&definition).await?;
        world.misbehave(Misbehaviour::LessScopeThanAsked);
        world.connect("alice").await?;
        world.provider.behave();
        set_scopes(&world, &["profile", "read", "write"]).await?;
        assert_eq!(world.run_next().await?.refreshed, 1);
        let request = world.provider.token_requests().pop().ok_or("no request")?;
        assert_eq!(request.parameter("grant_type").as_deref(), Some("refresh_token"));
        assert_eq!(request.parameter("scope").as_deref(), sent);
    }
    Ok(())
}

#[tokio::test]
async fn t22_a_missing_scope_shows_as_reason_of_an_active_account_until_the_user_grants_it() -> Outcome<()> {
    let world = World::new().await?;
    world.misbehave(Misbehaviour::LessScopeThanAsked);
    world.connect("alice").await?;
    world.provider.behave();
    assert_eq!(world.state("alice").await?, LACKING);
    assert_eq!(world.status("alice").await?.next_action, NextAction::Reauthorize);
    assert_eq!(world.wire_status("alice").await?, "ACTIVE");
    assert_eq!(granted(&world, "alice").await?, json!(["profile"]));
    assert!(world.use_credential("alice", 0).await.is_ok(), "what was granted can be used");
    world.misbehave(Misbehaviour::NoScope);
    world.run_next().await?;
    assert_eq!(world.state("alice").await?, LACKING, "a refresh that names no scope changes none");
    assert_eq!(asked(&world, "alice").await?, set(&["profile", "read"]));
    world.connect("alice").await?;
    assert_eq!(world.state("alice").await?, WHOLE);
    Ok(())
}

#[tokio::test]
async fn t22_a_refresh_that_takes_a_scope_away_shows_it_and_the_account_works_on() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    assert_eq!(granted(&world, "alice").await?, json!(["profile", "read"]));
    world.misbehave(Misbehaviour::FewerScopesAfterRefresh.times(1));
    assert_eq!(world.run_next().await?.refreshed, 1);
    assert_eq!(world.state("alice").await?, LACKING);
    assert_eq!(granted(&world, "alice").await?, json!(["profile"]));
    let refreshed = world.events("alice").await?;
    let refreshed = refreshed.iter().find(|(kind, _)| kind == "token.refreshed").ok_or("no event")?;
    assert_eq!(refreshed.1["missing_scopes"], json!(["read"]));
    assert!(world.use_credential("alice", 0).await.is_ok());
    assert_eq!(world.run_next().await?.refreshed, 1, "it is kept fresh");
    assert_eq!(asked(&world, "alice").await?, set(&["profile", "read"]));
    Ok(())
}

#[tokio::test]
async fn authorizing_again_asks_for_what_is_wanted_now_and_for_what_was_granted_before() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    set_scopes(&world, &["profile", "read", "write"]).await?;
    let link =
        CreateLink { address: address("alice"), scopes: Some(vec!["write".into()]), ..CreateLink::default() };
    let link = world.app.app.create_link(&world.app.client().await?, link).await?;
    assert_eq!(asked_on(&world, link.url.expose()).await?, set(&["profile", "read", "write"]));
    set_scopes(&world, &["profile", "write"]).await?;
    assert_eq!(asked(&world, "alice").await?, set(&["profile", "write"]), "the connection bounds it");
    world.connect("alice").await?;
    assert_eq!(world.state("alice").await?, WHOLE);
    assert_eq!(granted(&world, "alice").await?, json!(["profile", "write"]));
    Ok(())
}

#[tokio::test]
async fn t35_scopes_that_the_provider_refuses_are_an_error_that_the_user_ends() -> Outcome<()> {
    let world = World::new().await?;
    world.connect("alice").await?;
    world.refuse("invalid_scope");
    world.run_next().await?;
    world.provider.behave();
    assert_eq!(world.state("alice").await?, (State::Error, Reason::ScopeMissing));
    assert_eq!(world.status("alice").await?.next_action, NextAction::Reauthorize);
    assert_eq!(world.wire_status("alice").await?, "EXPIRED");
    assert_eq!(world.run().await?.attempts, 0);
    world.connect("alice").await?;
    assert_eq!(world.state("alice").await?, WHOLE);
    Ok(())
}
