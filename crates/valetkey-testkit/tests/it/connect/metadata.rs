//! The application's own values on accounts.

use http::Method;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use super::steps::{account, authorize, begin, good, post, read, refused};

async fn call(app: &TestApp, method: Method, id: &str, body: Option<Value>) -> Outcome<Answer> {
    app.call(method, &format!("/v1/connect/accounts/{id}/metadata"), body).await
}

async fn update(app: &TestApp, id: &str, change: Value) -> Outcome<Answer> {
    call(app, Method::PATCH, id, Some(json!({ "metadata": change }))).await
}

async fn replace(app: &TestApp, id: &str, values: Value) -> Outcome<Answer> {
    call(app, Method::PUT, id, Some(json!({ "metadata": values }))).await
}

async fn stored(app: &TestApp, id: &str) -> Outcome<Value> {
    Ok(good(&call(app, Method::GET, id, None).await?)["metadata"].take())
}

/// The identifiers of the accounts with all of these values.
async fn with(app: &TestApp, values: &[&str]) -> Outcome<Vec<String>> {
    let query: Vec<String> = values
        .iter()
        .map(|value| format!("metadata={}", byte_serialize(value.as_bytes()).collect::<String>()))
        .collect();
    let path = format!("/v1/connect/accounts?{}", query.join("&"));
    let answer = good(&app.call(Method::GET, &path, None).await?);
    let accounts = answer["accounts"].as_array().ok_or("no accounts")?;
    assert_eq!(answer["total_size"].as_u64(), Some(accounts.len() as u64));
    Ok(accounts.iter().map(|one| one["identifier"].as_str().unwrap_or_default().to_owned()).collect())
}

#[tokio::test]
async fn s71_s72_nested_values_are_merged_and_read_back() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    assert_eq!(stored(&app, &id).await?, json!({}));
    let first = json!({
        "user_email": "user@example.com",
        "department": "engineering",
        "preferences": { "notification_settings": { "email": true, "digest": "weekly" }, "timezone": "UTC" },
    });
    assert_eq!(good(&update(&app, &id, first.clone()).await?)["metadata"], first);
    assert_eq!(stored(&app, &id).await?, first);
    let change = json!({
        "department": null,
        "preferences": { "timezone": "Europe/Vienna", "notification_settings": { "digest": null } },
        "teams": ["a", "b"],
        "seats": 7,
    });
    let merged = json!({
        "user_email": "user@example.com",
        "preferences": { "notification_settings": { "email": true }, "timezone": "Europe/Vienna" },
        "teams": ["a", "b"],
        "seats": 7,
    });
    assert_eq!(good(&update(&app, &id, change).await?)["metadata"], merged);
    assert_eq!(read(&app, &id).await?["metadata"], merged);
    assert_eq!(
        good(&replace(&app, &id, json!({ "only": "this" })).await?)["metadata"],
        json!({ "only": "this" })
    );
    assert_eq!(good(&replace(&app, &id, json!({})).await?)["metadata"], json!({}));
    Ok(())
}

#[tokio::test]
async fn s71_what_the_provider_has_told_is_shown_over_the_own_values_and_stays() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    good(&update(&app, &id, json!({ "user_email": "own@example.com", "plan": "pro" })).await?);
    let active = good(&authorize(&app, &id, "alice").await?)["account"]["metadata"].take();
    assert_eq!((&active["user_email"], &active["plan"]), (&json!("alice@example.test"), &json!("pro")));
    assert!(active["provider_account_id"].is_string(), "{active}");
    let replaced =
        good(&replace(&app, &id, json!({ "provider_account_id": "another" })).await?)["metadata"].take();
    assert_eq!(replaced["provider_account_id"], active["provider_account_id"]);
    assert_eq!((&replaced["user_email"], replaced.get("plan")), (&json!("alice@example.test"), None));
    Ok(())
}

#[tokio::test]
async fn accounts_are_found_by_each_of_their_values_and_by_several() -> Outcome<()> {
    let app = TestApp::start().await?;
    let first = begin(&app).await?;
    app.clock.advance(1);
    let body = json!({ "connection_id": "test", "identifier": "b", "metadata": {
        "department": "engineering", "preferences": { "timezone": "UTC" }, "seats": 7, "admin": true } });
    good(&post(&app, "accounts", body).await?);
    good(
        &update(&app, &first, json!({ "department": "engineering", "teams": ["red", "a=b"], "note": "" }))
            .await?,
    );
    assert_eq!(with(&app, &["department=engineering"]).await?, ["user_123", "b"]);
    assert_eq!(with(&app, &["department=engineering", "preferences.timezone=UTC"]).await?, ["b"]);
    for term in ["teams=red", "teams=a=b", "note="] {
        assert_eq!(with(&app, &[term]).await?, ["user_123"], "{term}");
    }
    for term in ["seats=7", "admin=true"] {
        assert_eq!(with(&app, &[term]).await?, ["b"], "{term}");
    }
    for term in ["department=engineer", "department=ENGINEERING", "preferences=UTC", "timezone=UTC"] {
        assert_eq!(with(&app, &[term]).await?, Vec::<String>::new(), "{term}");
    }
    good(&update(&app, &first, json!({ "department": "sales" })).await?);
    assert_eq!(with(&app, &["department=engineering"]).await?, ["b"]);
    assert_eq!(with(&app, &["department=sales"]).await?, ["user_123"]);
    app.call(Method::DELETE, &format!("/v1/connect/accounts/{first}"), None).await?;
    assert_eq!(with(&app, &["department=sales"]).await?, Vec::<String>::new());
    let many = ["a=b"; 6].join("&metadata=");
    let many = app.call(Method::GET, &format!("/v1/connect/accounts?metadata={many}"), None).await?;
    refused(&many, "INVALID_ARGUMENT", "metadata");
    let nameless = app.call(Method::GET, "/v1/connect/accounts?metadata=engineering", None).await?;
    refused(&nameless, "INVALID_ARGUMENT", "metadata");
    Ok(())
}

#[tokio::test]
async fn values_found_together_with_other_filters_and_over_pages_are_in_the_order_of_the_list() -> Outcome<()>
{
    let app = TestApp::start().await?;
    app.connection("test").await?;
    app.connection_in(&app.operator(), "mail", "GMAIL").await?;
    for (place, connection) in ["test", "mail", "test", "mail", "test"].into_iter().enumerate() {
        let body = json!({ "connection_id": connection, "identifier": format!("u{place}"),
            "metadata": { "group": "one", "place": place } });
        app.clock.advance(1);
        good(&post(&app, "accounts", body).await?);
        account(&app, connection, &format!("other{place}")).await?;
    }
    let (mut seen, mut token) = (vec![], String::new());
    loop {
        let path = format!("/v1/connect/accounts?metadata=group%3Done&page_size=2&page_token={token}");
        let page = good(&app.call(Method::GET, &path, None).await?);
        assert_eq!(page["total_size"], 5);
        let accounts = page["accounts"].as_array().ok_or("no accounts")?;
        seen.extend(accounts.iter().map(|one| one["identifier"].as_str().unwrap_or_default().to_owned()));
        token = page["next_page_token"].as_str().unwrap_or_default().to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["u0", "u1", "u2", "u3", "u4"]);
    let path = "/v1/connect/accounts?metadata=group%3Done&connection_id=mail&status=pending";
    let both = good(&app.call(Method::GET, path, None).await?);
    assert_eq!(both["total_size"], 2);
    Ok(())
}

#[tokio::test]
async fn a_limit_that_is_broken_is_named_and_nothing_changes() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    good(&update(&app, &id, json!({ "kept": "x".repeat(10_000) })).await?);
    let deep = (0..9).fold(json!(1), |inner, _| json!({ "k": inner }));
    for (change, says) in [
        (json!({ "more": "x".repeat(7_000) }), "more than 16384"),
        (json!({ "deep": deep }), "levels deep"),
        (json!({ "many": vec![1; 512] }), "more than 512"),
        (json!({ "": 1 }), "key"),
        (json!({ "k".repeat(129): 1 }), "key"),
    ] {
        let answer = update(&app, &id, change).await?;
        refused(&answer, "INVALID_ARGUMENT", says);
        assert_eq!(answer.json()["details"][0]["field"], "metadata");
    }
    assert_eq!(stored(&app, &id).await?, json!({ "kept": "x".repeat(10_000) }));
    let missing = call(&app, Method::PATCH, &id, Some(json!({}))).await?;
    refused(&missing, "INVALID_ARGUMENT", "metadata");
    Ok(())
}

#[tokio::test]
async fn a_value_with_a_zero_character_is_kept_on_every_database() -> Outcome<()> {
    let app = TestApp::start().await?;
    let id = begin(&app).await?;
    let values = json!({ "text": "a\u{0}b", "plain": "c" });
    assert_eq!(good(&replace(&app, &id, values.clone()).await?)["metadata"], values);
    assert_eq!(with(&app, &["plain=c"]).await?, ["user_123"]);
    Ok(())
}
