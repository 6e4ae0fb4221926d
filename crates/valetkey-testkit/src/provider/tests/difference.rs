//! Each misbehaviour can be seen on the wire.

use super::{
    super::Misbehaviour,
    world::{Seen, World, code_in},
};

/// Those that a client sees by waiting in vain.
fn makes_wait(wrong: &Misbehaviour) -> bool {
    matches!(
        wrong,
        Misbehaviour::SlowToken { .. }
            | Misbehaviour::TokenHangs
            | Misbehaviour::AnswersLate { .. }
            | Misbehaviour::SlowRevocation { .. }
            | Misbehaviour::RevocationHangs
    )
}

#[tokio::test]
async fn every_misbehaviour_makes_a_difference_on_the_wire() {
    let usual = story(None).await;
    assert_eq!(story(None).await, usual, "the story is the same each time");
    for entry in Misbehaviour::catalogue() {
        let wrong = entry.usual;
        assert!(story(Some(wrong.clone())).await != usual, "{wrong:?} makes no difference");
    }
}

/// Everything that a client is told from the first request to the last.
async fn story(wrong: Option<Misbehaviour>) -> Vec<String> {
    let world =
        if wrong.as_ref().is_some_and(makes_wait) { World::impatient().await } else { World::new().await };
    let seeded = world.grant();
    if let Some(wrong) = wrong {
        world.site.provider.misbehave(wrong);
    }
    let mut told = vec![world.post("/par", &[]).await.0.to_string()];
    let mut newest = String::new();
    for _ in 0..2 {
        let callback = world.callback().await;
        told.push(callback.to_string());
        let seen = world.try_exchange(&code_in(&callback).unwrap_or_default()).await;
        if let Some(token) =
            seen.as_ref().and_then(|seen| Some(seen.json()["access_token"].as_str()?.to_owned()))
        {
            newest = token;
        }
        told.push(transcript(seen.as_ref()));
    }
    for path in ["/userinfo", "/api/me"] {
        told.push(transcript(Some(&world.get(path, &seeded.access_token).await)));
    }
    told.push(transcript(world.try_refresh(&seeded.refresh_token).await.as_ref()));
    world.clock.advance(31);
    told.push(transcript(Some(&world.get("/api/me", &newest).await)));
    let revocation = world.form("/revoke", &[("token", &seeded.access_token)]);
    told.push(transcript(world.try_send(revocation).await.as_ref()));
    let port = world.site.base_url.rsplit(':').next().unwrap().to_owned();
    told.iter().map(|line| line.replace(&port, "PORT")).collect()
}

fn transcript(seen: Option<&Seen>) -> String {
    let Some(seen) = seen else { return "no answer".to_owned() };
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        format!("{name}: {}\n", value.to_str().unwrap_or_default())
    };
    let headers: String = seen.headers.iter().filter(|(name, _)| *name != "date").map(header).collect();
    format!("{}\n{headers}\n{}", seen.status, seen.body)
}
