//! A test gets between the steps of a token request.

use std::sync::{Arc, Mutex};

use super::{
    super::{Moment, RefreshTokenState, TokenEvent, Verdict},
    world::World,
};

#[tokio::test]
async fn a_held_request_has_spent_nothing_before_and_everything_after_issuing() {
    let world = World::new().await;
    let provider = &world.site.provider;
    let grant = world.grant();
    let mut gate = provider.hold_token_requests(&[Moment::BeforeIssuing, Moment::AfterIssuing]);
    let test = async {
        let held = gate.next().await;
        assert_eq!((held.event.moment, held.event.granted), (Moment::BeforeIssuing, false));
        assert_eq!(held.event.grant.as_deref(), Some(grant.grant.as_str()));
        assert_eq!(provider.refresh_token_state(&grant.refresh_token), RefreshTokenState::Newest);
        held.proceed();
        let held = gate.next().await;
        assert_eq!((held.event.moment, held.event.granted), (Moment::AfterIssuing, true));
        assert_eq!(provider.refresh_token_state(&grant.refresh_token), RefreshTokenState::Spent);
        held.drop_connection();
    };
    let (seen, ()) = tokio::join!(world.try_refresh(&grant.refresh_token), test);
    assert!(seen.is_none());
}

#[tokio::test]
async fn requests_go_on_when_the_gate_is_gone() {
    let world = World::new().await;
    let grant = world.grant();
    let gate = world.site.provider.hold_token_requests(&[Moment::BeforeIssuing]);
    drop(gate);
    assert_eq!(world.refresh(&grant.refresh_token).await.0, 200);
}

#[tokio::test]
async fn the_most_requests_at_one_time_are_counted() {
    let world = World::new().await;
    let grants = [world.grant(), world.grant(), world.grant()];
    let mut gate = world.site.provider.hold_token_requests(&[Moment::BeforeIssuing]);
    let requests = async {
        tokio::join!(
            world.refresh(&grants[0].refresh_token),
            world.refresh(&grants[1].refresh_token),
            world.refresh(&grants[2].refresh_token),
        )
    };
    let test = async {
        let held = [gate.next().await, gate.next().await, gate.next().await];
        assert_eq!(world.site.provider.counters().most_at_once, 3);
        drop(held);
    };
    tokio::join!(requests, test);
    drop(gate);
    world.refresh("unknown").await;
    let counters = world.site.provider.counters();
    assert_eq!((counters.most_at_once, counters.all_token_requests()), (3, 4));
}

#[tokio::test]
async fn a_hook_is_told_of_each_step() {
    let world = World::new().await;
    let told: Arc<Mutex<Vec<TokenEvent>>> = Arc::default();
    let hears = told.clone();
    world.site.provider.set_token_hook(Some(Arc::new(move |event| {
        hears.lock().unwrap().push(event);
        Box::pin(async { Verdict::Proceed })
    })));
    world.refresh("unknown").await;
    let (_, tokens) = world.exchange(&world.code().await).await;
    let told: Vec<(u64, Moment, &'static str, Option<String>, bool)> =
        std::mem::take(&mut *told.lock().unwrap())
            .into_iter()
            .map(|event| (event.number, event.moment, event.grant_type, event.grant, event.granted))
            .collect();
    let grant = world.site.provider.grant_of_token(tokens["access_token"].as_str().unwrap());
    let (refresh, code) = ("refresh_token", "authorization_code");
    let expected = [
        (1, Moment::BeforeIssuing, refresh, None, false),
        (1, Moment::AfterIssuing, refresh, None, false),
        (2, Moment::BeforeIssuing, code, None, false),
        (2, Moment::AfterIssuing, code, grant, true),
    ];
    assert_eq!(told, expected);
}
