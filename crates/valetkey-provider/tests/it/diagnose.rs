//! How far a request for new tokens would come, and that no token is needed to find out.

use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::Secret;
use valetkey_provider::{
    ClientVerdict, Diagnosis, DiagnosisError, DiagnosisRequest, PROBE, UrlError, egress::EgressError,
};
use valetkey_testkit::provider::{Misbehaviour, TEST_CLIENT_ID};

use crate::support::World;

async fn diagnose(world: &World, patch: Value, probe: bool) -> Result<Diagnosis, DiagnosisError> {
    let oauth2 = world.oauth2(patch);
    let request = DiagnosisRequest {
        oauth2: &oauth2,
        client: world.client(),
        fields: &world.fields,
        timeout: Duration::from_secs(10),
        probe,
    };
    world.provider.diagnose(request).await
}

async fn verdict(world: &World, patch: Value) -> ClientVerdict {
    diagnose(world, patch, true).await.unwrap().client.unwrap()
}

#[tokio::test]
async fn a_provider_that_refuses_the_probe_accepts_the_client() {
    let world = World::new().await;
    world.site.provider.issue_grant(TEST_CLIENT_ID, "alice", &["read"]);
    let ClientVerdict::Accepted { said } = verdict(&world, json!({})).await else { panic!("not accepted") };
    assert_eq!(said, "invalid_grant (status 400)");
    let seen = world.site.provider.token_requests();
    assert_eq!(seen.len(), 1);
    assert!(format!("{:?}", seen[0]).contains(PROBE));
    assert_eq!(world.site.provider.grants_of("alice").iter().filter(|grant| grant.alive).count(), 1);
}

#[tokio::test]
async fn a_provider_that_refuses_the_client_says_so_before_it_looks_at_the_probe() {
    let mut world = World::new().await;
    world.secret = Secret::from("another secret");
    let ClientVerdict::Refused { said } = verdict(&world, json!({})).await else { panic!("not refused") };
    assert!(said.starts_with("invalid_client"), "{said}");
    world.secret = Secret::default();
    let ClientVerdict::Impossible { reason } = verdict(&world, json!({})).await else { panic!("possible") };
    assert!(reason.contains("no client secret"), "{reason}");
}

#[tokio::test]
async fn an_answer_that_says_nothing_about_the_client_leaves_that_open() {
    let world = World::new().await;
    for wrong in ["token_server_error", "token_rate_limited", "token_html200"] {
        world.site.provider.misbehave(Misbehaviour::named(wrong, None).unwrap());
        let verdict = verdict(&world, json!({})).await;
        assert!(matches!(verdict, ClientVerdict::Unclear { .. }), "{wrong}: {verdict:?}");
        world.site.provider.behave();
    }
}

#[tokio::test]
async fn where_every_request_issues_tokens_none_is_made() {
    let world = World::new().await;
    for way in ["client_credentials", "none"] {
        let verdict = verdict(&world, json!({ "refresh": { "way": way } })).await;
        assert!(matches!(verdict, ClientVerdict::NotAskable { .. }), "{way}: {verdict:?}");
    }
    assert_eq!(diagnose(&world, json!({}), false).await.unwrap().client, None);
    assert_eq!(world.site.provider.token_requests().len(), 0);
}

#[tokio::test]
async fn the_clock_of_a_provider_is_read_and_compared_with_ours() {
    let world = World::new().await;
    let reading = diagnose(&world, json!({}), false).await.unwrap().clock.unwrap().unwrap();
    // The clock of this test stands still, and that of the HTTP server does not.
    assert_eq!(reading.ours, crate::support::NOW);
    assert!(reading.provider.millis() > 1_700_000_000_000 && reading.uncertainty == 500, "{reading:?}");
}

#[tokio::test]
async fn an_endpoint_without_an_address_and_a_way_that_ends_early_are_told_apart() {
    let world = World::new().await;
    let nameless = json!({ "token": { "url": "https://{{tenant}}.example/token" } });
    let missing = diagnose(&world, nameless, true).await.unwrap_err();
    assert!(matches!(missing, DiagnosisError::Address(UrlError::Missing(_))), "{missing}");

    let private = json!({ "token": { "url": "https://10.0.0.1/token" } });
    let refused = diagnose(&world, private, true).await.unwrap();
    assert!(matches!(refused.route.permitted, Some(Err(EgressError::Blocked { .. }))), "{refused:?}");
    assert!(!refused.route.is_open() && refused.route.connected.is_none());
    assert!(refused.client.is_none() && refused.clock.is_none());

    let closed = json!({ "token": { "url": "http://127.0.0.1:9/token" } });
    let closed = diagnose(&world, closed, true).await.unwrap();
    assert!(matches!(closed.route.connected, Some(Err(EgressError::Connect { .. }))), "{closed:?}");
}
