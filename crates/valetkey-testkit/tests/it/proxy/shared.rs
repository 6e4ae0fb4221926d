//! What another process changes counts for the next call half a second later, however long an account was in memory.

use valetkey_app::account::{AccountAddress, CreateAccount};
use valetkey_testkit::app::{Outcome, TestAppOptions};

use super::{code, get, with_alice};
use crate::fresh::world::{World, address};

/// Calls the API a second after whatever came before. Returns the access token that the call was made with.
async fn served(world: &World) -> Outcome<String> {
    world.clock().advance(1);
    let refreshed = world.refreshes_sent();
    let answer = get(&world.app, "/api/request").await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(world.refreshes_sent(), refreshed, "the credential was renewed for the call");
    Ok(world.tokens("alice").await?.0)
}

/// The code of the refusal of a call, a second after whatever came before.
async fn refusal(world: &World) -> Outcome<String> {
    world.clock().advance(1);
    Ok(code(&get(&world.app, "/api/request").await?).1)
}

#[tokio::test]
async fn a_token_that_another_process_has_refreshed_is_used_and_the_old_one_is_not() -> Outcome<()> {
    let world = with_alice().await?;
    let other = world.another_process(TestAppOptions::default()).await?;
    for _ in 0..3 {
        let before = served(&world).await?;
        assert_eq!(served(&world).await?, before);
        other.app.refresh_account(&other.operator(), &address("alice")).await?;
        assert_ne!(served(&world).await?, before);
    }
    Ok(())
}

#[tokio::test]
async fn an_account_that_another_process_switches_off_and_on_is_refused_and_served() -> Outcome<()> {
    let world = with_alice().await?;
    let other = world.another_process(TestAppOptions::default()).await?;
    let operator = other.operator();
    let before = served(&world).await?;
    for _ in 0..2 {
        other.app.suspend_account(&operator, &address("alice")).await?;
        assert_eq!(refusal(&world).await?, "ACCOUNT_NOT_ACTIVE");
        other.app.resume_account(&operator, &address("alice")).await?;
        assert_eq!(served(&world).await?, before);
    }
    other.app.delete_account(&operator, &address("alice")).await?;
    assert_eq!(refusal(&world).await?, "RESOURCE_NOT_FOUND");
    Ok(())
}

#[tokio::test]
async fn a_connection_that_another_process_disables_and_enables_is_refused_and_served() -> Outcome<()> {
    let world = with_alice().await?;
    let other = world.another_process(TestAppOptions::default()).await?;
    let (operator, connection) = (other.operator(), world.connection.id.as_str());
    let before = served(&world).await?;
    other.app.enable_connection(&operator, connection, false).await?;
    assert_eq!(refusal(&world).await?, "CONNECTION_DISABLED");
    other.app.enable_connection(&operator, connection, true).await?;
    assert_eq!(served(&world).await?, before);
    Ok(())
}

#[tokio::test]
async fn an_identifier_that_means_another_account_by_now_is_not_served_by_the_one_it_meant() -> Outcome<()> {
    let world = with_alice().await?;
    let other = world.another_process(TestAppOptions::default()).await?;
    let operator = other.operator();
    served(&world).await?;
    other.app.delete_account(&operator, &address("alice")).await?;
    for user in ["one", "two"] {
        let address = AccountAddress { user_id: Some(user.into()), ..address("alice") };
        other.app.create_account(&operator, CreateAccount { address, ..CreateAccount::default() }).await?;
    }
    assert_eq!(refusal(&world).await?, "AMBIGUOUS_ACCOUNT");
    Ok(())
}
