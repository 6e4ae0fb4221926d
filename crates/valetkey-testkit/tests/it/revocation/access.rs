//! After its end nothing and nobody gets a credential: no call, no process, no copy in memory.

use http::Method;
use valetkey_core::error_code::ErrorCode;
use valetkey_testkit::app::{Outcome, TestApp, TestAppOptions};

use crate::{
    database,
    fresh::world::{Tokens, World, access_token, address, tokens, use_credential},
};

/// What makes a credential unusable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    Delete,
    Disconnect,
    Suspend,
}

const ENDS: [End; 3] = [End::Delete, End::Disconnect, End::Suspend];

impl End {
    async fn of(self, world: &World, user: &str) -> Outcome<()> {
        match self {
            Self::Delete => world.delete(user).await,
            Self::Disconnect => world.disconnect(user).await,
            Self::Suspend => {
                world.app.app.suspend_account(&world.app.operator(), &address(user)).await?;
                Ok(())
            }
        }
    }

    /// What a use of the credential fails with.
    fn code(self) -> ErrorCode {
        match self {
            Self::Delete => ErrorCode::AccountNotFound,
            Self::Disconnect => ErrorCode::AccountRevoked,
            Self::Suspend => ErrorCode::AccountSuspended,
        }
    }
}

/// Asks a process for the credential in every way there is.
async fn nothing_is_given_out(app: &TestApp, end: End, known: &Tokens, id: &str) -> Outcome<()> {
    for min_ttl in [0, 60, 100_000] {
        let refused = use_credential(app, "alice", min_ttl).await.unwrap_err();
        assert_eq!(refused.code, end.code(), "{end:?}: {refused}");
    }
    let refreshed = app.app.refresh_account(&app.operator(), &address("alice")).await.unwrap_err();
    assert_eq!(refreshed.code, end.code(), "{end:?}: {refreshed}");
    assert_eq!(tokens(app, "alice").await?, Tokens::default(), "{end:?}");
    let by_name = "connector=test&identifier=alice";
    for path in [
        format!("/auth?{by_name}"),
        format!("/auth?id={id}"),
        format!("/details?{by_name}"),
        format!("/{id}"),
        String::new(),
    ] {
        let answer = app.call(Method::GET, &format!("/api/v1/connected_accounts{path}"), None).await?;
        for token in [&known.0, &known.1] {
            assert!(!answer.text.contains(token.as_str()), "{end:?}, {path}: {}", answer.text);
        }
    }
    Ok(())
}

async fn id(world: &World) -> Outcome<String> {
    Ok(world.app.account("test", "alice").await?["id"].as_str().ok_or("no id")?.to_owned())
}

#[tokio::test]
async fn t41_at_once_no_way_leads_to_the_token_in_the_process_that_ends_it() -> Outcome<()> {
    for end in ENDS {
        let world = World::new().await?;
        world.connect("alice").await?;
        let (id, known) = (id(&world).await?, world.tokens("alice").await?);
        assert_eq!(access_token(&world.use_credential("alice", 0).await?), known.0, "it is in memory");
        end.of(&world, "alice").await?;
        nothing_is_given_out(&world.app, end, &known, &id).await?;
        world.clock().advance(3600);
        world.run().await?;
        nothing_is_given_out(&world.app, end, &known, &id).await?;
        assert_eq!(world.refreshes_sent(), 0);
    }
    Ok(())
}

#[tokio::test]
async fn t41_within_a_second_no_other_process_gives_the_token_from_its_memory() -> Outcome<()> {
    for end in ENDS {
        let world = World::new().await?;
        let other = world.another_process(TestAppOptions::default()).await?;
        world.connect("alice").await?;
        let (id, known) = (id(&world).await?, tokens(&other, "alice").await?);
        assert_eq!(
            access_token(&use_credential(&other, "alice", 0).await?),
            known.0,
            "it is in memory there"
        );
        end.of(&world, "alice").await?;
        world.clock().advance(1);
        nothing_is_given_out(&other, end, &known, &id).await?;
    }
    Ok(())
}

#[tokio::test]
async fn t41_what_was_destroyed_is_not_in_the_database_and_a_new_server_does_not_find_it() -> Outcome<()> {
    for end in [End::Delete, End::Disconnect] {
        let world = World::new().await?;
        world.connect("alice").await?;
        let (id, known) = (id(&world).await?, world.tokens("alice").await?);
        end.of(&world, "alice").await?;
        world.app.app.revoke_due().await?;
        for (table, sealed) in
            [("credentials", "sealed"), ("revocations", "sealed"), ("verifications", "parked")]
        {
            let sealed = format!("SELECT {sealed} FROM {table} WHERE {sealed} IS NOT NULL");
            assert_eq!(database::blobs(&world.app, &sealed).await?.len(), 0, "{end:?}: {table}");
        }
        let restarted = world.another_process(TestAppOptions::default()).await?;
        nothing_is_given_out(&restarted, end, &known, &id).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_one_process_brings_back_another_gives_out_at_once_with_its_token() -> Outcome<()> {
    let world = World::new().await?;
    let other = world.another_process(TestAppOptions::default()).await?;
    world.connect("alice").await?;
    let known = world.tokens("alice").await?;
    End::Suspend.of(&world, "alice").await?;
    assert_eq!(tokens(&other, "alice").await?, Tokens::default());
    world.app.app.resume_account(&world.app.operator(), &address("alice")).await?;
    let read = other.account_with_credential("test", "alice").await?;
    assert_eq!((&read["status"], tokens(&other, "alice").await?), (&"ACTIVE".into(), known));
    Ok(())
}
