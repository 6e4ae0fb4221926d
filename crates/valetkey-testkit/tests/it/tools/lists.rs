//! Which tools there are, and for whom.

use http::Method;
use serde_json::{Value, json};
use valetkey_testkit::app::{Outcome, TestApp};

use super::with_alice;

async fn get(app: &TestApp, path: &str) -> Outcome<Value> {
    let answer = app.call(Method::GET, path, None).await?;
    if answer.status == 200 { Ok(answer.json()) } else { Err(format!("{path}: {}", answer.text).into()) }
}

fn names(tools: &Value) -> Vec<String> {
    let of = |tool: &Value| {
        let tool = if tool["tool"].is_object() { &tool["tool"] } else { tool };
        tool["definition"]["name"].as_str().map(ToOwned::to_owned)
    };
    tools.as_array().into_iter().flatten().filter_map(of).collect()
}

#[tokio::test]
async fn the_catalogue_is_read_page_by_page_and_each_tool_has_a_definition() -> Outcome<()> {
    let app = TestApp::start().await?;
    let (mut token, mut all, mut total) = (String::new(), Vec::new(), 0);
    loop {
        let page = get(&app, &format!("/api/v1/tools?page_size=50&page_token={token}")).await?;
        for tool in page["tools"].as_array().into_iter().flatten() {
            let definition = &tool["definition"];
            assert_eq!(definition["input_schema"]["type"], "object", "{definition}");
            assert!(definition["annotations"]["read_only_hint"].is_boolean(), "{definition}");
            assert_eq!(tool["id"], format!("tol_{}", definition["name"].as_str().unwrap_or_default()));
        }
        all.extend(names(&page["tools"]));
        total = page["total_size"].as_u64().unwrap_or(total);
        page["next_page_token"].as_str().unwrap_or_default().clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(all.len() as u64, total);
    let mut distinct = all.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), all.len());
    Ok(())
}

#[tokio::test]
async fn filters_narrow_the_catalogue() -> Outcome<()> {
    let world = with_alice().await?;
    let of_provider = get(&world.app, "/api/v1/tools?filter.provider=TESTPROVIDER").await?;
    assert_eq!(names(&of_provider["tools"]).len(), 4);
    let by_words =
        get(&world.app, "/api/v1/tools?filter.query=note_send&filter.provider=testprovider").await?;
    assert_eq!(names(&by_words["tools"]), ["testprovider_send_note"]);
    let summary = get(&world.app, "/api/v1/tools?filter.summary=true&filter.connector=test").await?;
    assert_eq!(summary["tool_names"].as_array().map(Vec::len), Some(4));
    assert_eq!(names(&summary["tools"]).len(), 0);
    let of_user = get(&world.app, "/api/v1/tools?filter.identifier=alice").await?;
    assert_eq!(names(&of_user["tools"]).len(), 4);
    Ok(())
}

#[tokio::test]
async fn scoped_tools_are_those_that_an_active_account_has_the_scopes_for() -> Outcome<()> {
    let world = with_alice().await?;
    let path = "/api/v1/tools/scoped?identifier=alice&filter.connection_names=test";
    let found = get(&world.app, path).await?;
    let names_of = names(&found["tools"]);
    assert!(names_of.contains(&"testprovider_get_profile".to_owned()), "{found}");
    assert!(!names_of.contains(&"testprovider_erase_notes".to_owned()), "its scope was not granted");
    let id = world.app.account("test", "alice").await?["id"].clone();
    assert_eq!(found["tools"][0]["connected_account_id"], id);
    world.disconnect("alice").await?;
    assert_eq!(names(&get(&world.app, path).await?["tools"]).len(), 0);
    let available = get(&world.app, "/api/v1/tools/available?identifier=alice").await?;
    assert_eq!(names(&available["tools"]).len(), 4, "candidates stay");
    Ok(())
}

#[tokio::test]
async fn t59_a_blank_identifier_is_nobody_and_not_everybody() -> Outcome<()> {
    let world = with_alice().await?;
    for path in [
        "/api/v1/tools/scoped?identifier=%20&filter.providers=TESTPROVIDER",
        "/api/v1/tools/available?identifier=%20",
    ] {
        let answer = world.app.call(Method::GET, path, None).await?;
        assert_eq!(answer.status, 400, "{path} {}", answer.text);
    }
    let search = json!({ "query": "test provider profile", "identifier": " " });
    let found = world.app.call(Method::POST, "/api/v1/tools:search", Some(search)).await?;
    assert!(!found.text.contains("ca_"), "{}", found.text);
    Ok(())
}

#[tokio::test]
async fn a_search_finds_by_meaning_and_says_what_is_missing() -> Outcome<()> {
    let world = with_alice().await?;
    let search = |query: &str| json!({ "query": query, "identifier": "alice", "top_k": 5 });
    let path = "/api/v1/tools:search";
    let found = world.app.call(Method::POST, path, Some(search("send an email to bob"))).await?.json();
    let names: Vec<&str> =
        found["tools"].as_array().into_iter().flatten().filter_map(|hit| hit["name"].as_str()).collect();
    assert!(names.contains(&"gmail_send_email"), "{names:?}");
    let erase =
        world.app.call(Method::POST, path, Some(search("erase the notes of the test provider"))).await?;
    let hit = erase.json()["tools"][0].clone();
    assert_eq!(hit["name"], "testprovider_erase_notes", "{}", erase.text);
    assert_eq!(hit["connections"][0]["readiness_state"], "TOOL_READINESS_STATE_NEEDS_REAUTH", "{hit}");
    let profile = world.app.call(Method::POST, path, Some(search("test provider profile"))).await?.json();
    assert_eq!(profile["tools"][0]["connections"][0]["readiness_state"], "TOOL_READINESS_STATE_READY");
    let stranger = json!({ "query": "test provider profile", "identifier": "carol" });
    let stranger = world.app.call(Method::POST, path, Some(stranger)).await?.json();
    assert_eq!(
        stranger["tools"][0]["connections"][0]["readiness_state"],
        "TOOL_READINESS_STATE_NEEDS_CONNECTION"
    );
    Ok(())
}
