//! Redirects are told, and followed by nobody with the credential.

use http::Method;
use valetkey_testkit::{app::Outcome, provider::ScriptedAnswer};

use super::{get, header, shown, to, with_alice};
use crate::fresh::world::World;

#[tokio::test]
async fn t74_a_redirect_to_another_host_is_told_in_a_header_that_nobody_follows() -> Outcome<()> {
    let world = with_alice().await?;
    for (status, location) in [
        (302, "https://files.example/download?signature=1"),
        (307, "//files.example/x"),
        (308, "http://127.0.0.1:9/api/request"),
        (303, "ftp://files.example/x"),
        (301, "/api/../../x%2e%2e/"),
    ] {
        world.provider.script([ScriptedAnswer::new(status).header("location", location)]);
        let before = world.provider.scripted_requests();
        let answer = get(&world.app, "/api/scripted").await?;
        assert_eq!(answer.status.as_u16(), status);
        if status != 301 {
            assert_eq!(header(&answer, "location"), None, "{location}");
            assert_eq!(header(&answer, "x-valetkey-location"), Some(location));
        }
        assert_eq!(world.provider.scripted_requests(), before + 1, "nothing is followed");
    }
    Ok(())
}

#[tokio::test]
async fn t74_a_redirect_within_the_api_leads_to_the_proxy_again() -> Outcome<()> {
    let base = "api: {base_url: \"http://127.0.0.1:8444/api\"}";
    let world = World::defined(base).await?;
    world.connect("alice").await?;
    let absolute = format!("{}/api/request/there?x='1'", world.app.provider.base_url);
    for (location, expected) in [
        (absolute.as_str(), "/proxy/request/there?x=%271%27"),
        ("/api/request/there", "/proxy/request/there"),
        ("request/there", "/proxy/request/there"),
    ] {
        world.provider.script([ScriptedAnswer::new(302).header("location", location)]);
        let answer = get(&world.app, "/scripted").await?;
        assert_eq!(header(&answer, "location"), Some(expected));
        let path = expected.strip_prefix("/proxy").unwrap();
        let request = to(&world.app, Method::GET, path).body(axum::body::Body::empty())?;
        assert!(
            shown(&world.app, request).await?["target"].as_str().unwrap().starts_with("/api/request/there")
        );
    }
    world.provider.script([ScriptedAnswer::new(302).header("location", "/outside")]);
    assert_eq!(header(&get(&world.app, "/scripted").await?, "location"), None);
    Ok(())
}

#[tokio::test]
async fn the_address_of_what_was_made_is_no_redirect() -> Outcome<()> {
    let world = with_alice().await?;
    let made = ScriptedAnswer::new(201).header("location", "https://api.example/things/1");
    world.provider.script([made]);
    let answer = get(&world.app, "/api/scripted").await?;
    assert_eq!(header(&answer, "location"), Some("https://api.example/things/1"));
    Ok(())
}
