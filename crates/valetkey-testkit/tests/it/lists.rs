//! Pages of lists: put together they are the whole list, forwards and backwards.

use http::Method;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use valetkey_testkit::app::{Outcome, TestApp};

const ACCOUNTS: &str = "/api/v1/connected_accounts";
const COUNT: usize = 23;

fn ids(page: &Value) -> Vec<String> {
    let rows = page["connected_accounts"].as_array().into_iter().flatten();
    rows.filter_map(|row| row["id"].as_str().map(ToOwned::to_owned)).collect()
}

async fn page(app: &TestApp, path: &str, filter: &str, size: usize, token: &str) -> Outcome<Value> {
    let query = format!("{path}?page_size={size}&page_token={token}{filter}");
    let answer = app.call(Method::GET, &query, None).await?;
    if answer.status == 200 { Ok(answer.json()) } else { Err(format!("{query}: {}", answer.text).into()) }
}

/// All pages from the first to the last, by `next_page_token`.
async fn pages(app: &TestApp, path: &str, filter: &str, size: usize) -> Outcome<Vec<Value>> {
    let mut found = vec![];
    let mut token = String::new();
    loop {
        let one = page(app, path, filter, size, &token).await?;
        one["next_page_token"].as_str().unwrap_or_default().clone_into(&mut token);
        assert!(token.len() <= 32, "{token}");
        found.push(one);
        if token.is_empty() {
            return Ok(found);
        }
    }
}

async fn populated() -> Outcome<TestApp> {
    let app = TestApp::start().await?;
    app.connection("one").await?;
    app.connection("two").await?;
    for number in 0..COUNT {
        let connector = if number % 3 == 0 { "two" } else { "one" };
        let body = json!({ "connector": connector, "identifier": format!("person{number}@acme.example"),
            "user_id": format!("u{}", number % 4), "connected_account": {} });
        app.call(Method::POST, ACCOUNTS, Some(body)).await?;
    }
    Ok(app)
}

async fn is_whole(app: &TestApp, path: &str, filter: &str, size: usize, largest: usize) -> Outcome<()> {
    let whole = ids(&page(app, path, filter, largest, "").await?);
    let forwards = pages(app, path, filter, size).await?;
    let together: Vec<_> = forwards.iter().flat_map(ids).collect();
    assert_eq!(together, whole, "{filter} by {size}");
    assert!(forwards.iter().all(|page| page["total_size"] == json!(whole.len())), "{filter} by {size}");
    assert_eq!(forwards[0]["prev_page_token"], "");
    for (number, later) in forwards.iter().enumerate().skip(1) {
        let back = later["prev_page_token"].as_str().unwrap_or_default();
        let before = page(app, path, filter, size, back).await?;
        assert_eq!(ids(&before), ids(&forwards[number - 1]), "back from page {number} of {filter} by {size}");
        assert_eq!(before["next_page_token"], forwards[number - 1]["next_page_token"]);
    }
    Ok(())
}

#[test]
fn pages_together_are_the_list_in_both_directions() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let app = runtime.block_on(populated()).unwrap();
    let lists = [
        (ACCOUNTS, "", 99),
        (ACCOUNTS, "&connector=one", 99),
        (ACCOUNTS, "&connection_names=TWO", 99),
        (ACCOUNTS, "&connection_names=one&connection_names=two", 99),
        (ACCOUNTS, "&user_id=u1", 99),
        (ACCOUNTS, "&provider=TESTPROVIDER", 99),
        (ACCOUNTS, "&query=person1", 99),
        ("/api/v1/connected_accounts:search", "&query=person", 30),
    ];
    let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&(prop::sample::select(lists.to_vec()), 1..30_usize), |((path, filter, largest), size)| {
            runtime
                .block_on(is_whole(&app, path, filter, size, largest))
                .map_err(|error| TestCaseError::fail(error.to_string()))
        })
        .unwrap();
}

#[tokio::test]
async fn filters_and_search_find_what_they_say() -> Outcome<()> {
    let app = populated().await?;
    let count = async |filter: &str| -> Outcome<usize> {
        Ok(ids(&page(&app, ACCOUNTS, filter, 99, "").await?).len())
    };
    assert_eq!((count("").await?, count("&connector=two").await?, count("&user_id=u1").await?), (23, 8, 6));
    assert_eq!(count("&identifier=person7@acme.example").await?, 1);
    assert_eq!((count("&query=PERSON7").await?, count("&query=acme").await?), (1, 23));
    assert_eq!((count("&query=erson7").await?, count("&provider=GMAIL").await?), (0, 0));
    let unknown = app.call(Method::GET, &format!("{ACCOUNTS}?connector=onee"), None).await?;
    assert_eq!((unknown.status.as_u16(), unknown.text.contains("did you mean")), (404, true));
    Ok(())
}

#[tokio::test]
async fn wrong_pages_are_refused() -> Outcome<()> {
    let app = populated().await?;
    for query in [
        "page_size=100",
        "page_size=-1",
        "page_token=nonsense",
        "connector=one&connection_names=two",
        "query=x&connection_names=a/b",
    ] {
        let answer = app.call(Method::GET, &format!("{ACCOUNTS}?{query}"), None).await?;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    for query in ["query=ab", "query=abc&page_size=31", ""] {
        let answer = app.call(Method::GET, &format!("{ACCOUNTS}:search?{query}"), None).await?;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    Ok(())
}
