//! Health and usage over random histories.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Request, header::AUTHORIZATION};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseError, TestError, TestRunner},
};
use serde_json::{Value, json};
use valetkey_core::{Clock, Day, health::WINDOW_DAYS};
use valetkey_testkit::{app::Outcome, provider::Misbehaviour};

use super::{SETTLING, follow, read, recount};
use crate::{
    database,
    fresh::world::{World, address},
    tools,
};

/// What happens to one of two users.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The user authorizes.
    Authorize,
    /// The user says no.
    Deny,
    /// The provider gives no token for the code.
    RefuseCode,
    /// The account is refreshed by hand.
    Refresh,
    /// The same, and the provider refuses with this status and error.
    RefreshRefused(u16, &'static str),
    /// A tool is run, which the provider answers with this status.
    Tool(u16),
    /// Another tool is run.
    OtherTool,
    /// A call is passed on to this path.
    Proxy(&'static str),
    /// Hours pass, and what is due is refreshed.
    Pass(i64),
    Suspend,
    Resume,
    Disconnect,
    Delete,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Authorize),
        1 => Just(Step::Deny),
        1 => Just(Step::RefuseCode),
        3 => Just(Step::Refresh),
        3 => select(vec![(400, "invalid_grant"), (503, "temporarily_unavailable"), (429, "slow_down")])
            .prop_map(|(status, error)| Step::RefreshRefused(status, error)),
        4 => select(vec![200, 404, 503]).prop_map(Step::Tool),
        2 => Just(Step::OtherTool),
        4 => select(vec!["/api/me", "/api/nothing/there"]).prop_map(Step::Proxy),
        3 => select(vec![1, 13, 24 * 7, 24 * 31]).prop_map(Step::Pass),
        1 => Just(Step::Suspend),
        1 => Just(Step::Resume),
        1 => Just(Step::Disconnect),
        1 => Just(Step::Delete),
    ]
}

type History = Vec<(&'static str, Step)>;

/// A world, the ids of its accounts, and one who follows the journal meanwhile.
struct Story {
    world: World,
    accounts: BTreeMap<String, &'static str>,
    seen: Vec<Value>,
    token: String,
}

impl Story {
    async fn begin() -> Outcome<Self> {
        Ok(Self { world: World::new().await?, accounts: BTreeMap::new(), seen: vec![], token: String::new() })
    }

    /// Does something to a user. What is refused because of the state of the account is refused.
    async fn take(&mut self, user: &'static str, step: Step) -> Outcome<()> {
        let (app, provider) = (&self.world.app, &self.world.provider);
        let (operator, account) = (app.operator(), address(user));
        match step {
            Step::Authorize => drop(self.world.connect(user).await),
            Step::Deny => {
                let (error, description) = ("access_denied".into(), None);
                provider.misbehave(Misbehaviour::DenyConsent { error, description });
                drop(self.world.connect(user).await);
            }
            Step::RefuseCode => {
                self.world.refuse("invalid_request");
                drop(self.world.connect(user).await);
            }
            Step::Refresh => drop(app.app.refresh_account(&operator, &account).await),
            Step::RefreshRefused(status, error) => {
                let refusal = Misbehaviour::TokenError { status, error: error.into(), description: None };
                provider.misbehave(refusal);
                drop(app.app.refresh_account(&operator, &account).await);
            }
            Step::Tool(status) => {
                let input = json!({ "status": status });
                tools::run(app, "testprovider_answer_with", user, input).await?;
            }
            Step::OtherTool => drop(tools::run(app, "testprovider_get_profile", user, json!({})).await?),
            Step::Proxy(path) => {
                let request = Request::builder()
                    .uri(format!("/proxy{path}"))
                    .header(AUTHORIZATION, format!("Bearer {}", app.token.expose()))
                    .header("connection_name", "test")
                    .header("identifier", user);
                drop(app.send(request.body(Body::empty())?).await?);
            }
            Step::Pass(hours) => {
                app.clock.advance(hours * 3600);
                self.world.run().await?;
            }
            Step::Suspend => drop(app.app.suspend_account(&operator, &account).await),
            Step::Resume => drop(app.app.resume_account(&operator, &account).await),
            Step::Disconnect => drop(self.world.disconnect(user).await),
            Step::Delete => drop(self.world.delete(user).await),
        }
        provider.behave();
        let id = app.account("test", user).await?["id"].take();
        if let Some(id) = id.as_str() {
            self.accounts.insert(id.to_owned(), user);
        }
        let (more, token) = follow(app, "", 3, std::mem::take(&mut self.token)).await?;
        self.seen.extend(more);
        self.token = token;
        Ok(())
    }

    /// Compares what is answered with what the journal and the log tell.
    async fn check(mut self, days: (i64, i64)) -> Outcome<()> {
        let app = &self.world.app;
        app.clock.advance(SETTLING);
        self.seen.extend(follow(app, "", 5, self.token.clone()).await?.0);
        let (all, _) = follow(app, "", 1000, String::new()).await?;
        same("the events that were followed", &json!(all), &json!(self.seen))?;
        for (account, user) in &self.accounts {
            let about = format!("account_id={account}");
            let (events, _) = follow(app, &about, 7, String::new()).await?;
            let own = |event: &&Value| event["account_id"] == account.as_str();
            same(
                "the events of an account",
                &json!(all.iter().filter(own).collect::<Vec<_>>()),
                &json!(events),
            )?;
            let alive = app.account("test", user).await?["id"] == account.as_str();
            if alive {
                self.check_account(account, &events, days).await?;
            }
        }
        Ok(())
    }

    async fn check_account(&self, account: &str, events: &[Value], days: (i64, i64)) -> Outcome<()> {
        let app = &self.world.app;
        let today = Day::of(app.clock.now());
        let mut health = read(app, &format!("accounts/{account}/health")).await?;
        let calls = recount::calls(app, account).await?;
        let first = today.plus(1 - WINDOW_DAYS);
        let start = health["window_start"].as_str().ok_or("no start")?.to_owned();
        same("the start of the window", &json!(format!("{first}T00:00:00Z")), &json!(start))?;
        let counted = recount::authentication(events, &start);
        same("authentications", &counted, &health["authentication"])?;
        health["api"].as_object_mut().ok_or("no calls")?.remove("last_used_at");
        same("calls", &recount::api(&calls, first), &health["api"])?;
        let (last, first) = (today.plus(-days.0), today.plus(-days.0 - days.1));
        let usage =
            read(app, &format!("accounts/{account}/usage?start_date={first}&end_date={last}")).await?;
        same("usage", &recount::usage(account, &calls, first, last), &usage)
    }
}

/// Fails where an answer is not as expected; what is absent counts as null.
fn same(what: &str, expected: &Value, found: &Value) -> Outcome<()> {
    if bare(expected.clone()) == bare(found.clone()) {
        return Ok(());
    }
    Err(format!("{what}\nexpected: {expected:#}\nfound: {found:#}").into())
}

/// Without what is null, and with numbers of one kind.
fn bare(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, bare(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(bare).collect(),
        Value::Number(number) => json!(number.as_f64()),
        other => other,
    }
}

async fn tell(history: History, days: (i64, i64)) -> Outcome<()> {
    let mut story = Story::begin().await?;
    for (user, step) in history {
        story.take(user, step).await?;
    }
    story.check(days).await
}

/// How many histories are told, where `PROPTEST_CASES` does not say.
const CASES: u32 = 8;

#[test]
fn s164_s171_health_and_usage_are_what_the_journal_and_the_log_tell_over_random_histories() {
    let histories = proptest::collection::vec((select(vec!["alice", "bob"]), step()), 10..45);
    let told = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = told.unwrap_or(CASES);
    let config = Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let told = TestRunner::new(config).run(&(histories, (0..40_i64, 0..60_i64)), |(history, days)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(tell(history, days)).map_err(|error| TestCaseError::fail(error.to_string()))
    });
    match told {
        Ok(()) => {}
        Err(TestError::Fail(reason, history)) => panic!("{reason}\n{history:#?}"),
        Err(aborted) => panic!("{aborted}"),
    }
}

/// What the comparison says of a short history, where `sql` has changed something afterwards.
async fn spoiled(sql: Option<&str>) -> Outcome<()> {
    let mut story = Story::begin().await?;
    let steps = [
        Step::Authorize,
        Step::RefreshRefused(503, "busy"),
        Step::Tool(200),
        Step::Proxy("/api/nothing/there"),
    ];
    for step in steps {
        story.take("alice", step).await?;
    }
    story.world.app.app.flush_uses().await?;
    if let Some(sql) = sql {
        database::run(&story.world.app, sql).await?;
    }
    story.check((0, 5)).await
}

#[tokio::test]
async fn a_count_that_is_not_true_is_found() -> Outcome<()> {
    spoiled(None).await?;
    for (sql, says) in [
        ("UPDATE tool_call_counters SET platform_errors = platform_errors + 1 WHERE tool_name = ''", "calls"),
        ("UPDATE tool_call_counters SET day = day - 3", "usage"),
        ("UPDATE tool_call_counters SET tool_name = 'another' WHERE tool_name <> ''", "usage"),
        (
            "UPDATE events SET created_at = created_at - 3456000000 WHERE kind = 'token.refresh_failed'",
            "authentications",
        ),
    ] {
        let found = spoiled(Some(sql)).await.unwrap_err().to_string();
        assert!(found.starts_with(says), "{sql}: {found}");
    }
    Ok(())
}
