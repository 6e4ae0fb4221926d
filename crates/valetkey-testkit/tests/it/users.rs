//! Two users of one connection: what happens to one never touches the other.

use http::Method;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use valetkey_core::environment::VerificationMode;
use valetkey_testkit::app::{Outcome, TestApp, TestAppOptions, approve, leave};

/// What may happen to a user.
#[derive(Clone, Copy, Debug)]
enum Step {
    Read,
    MakeLink,
    Connect,
    ConnectAndVerify,
    VerifyAsTheOther,
    Deny,
    Import,
    ChangeSettings,
    Disconnect,
    Delete,
    Create,
}

const STEPS: [Step; 11] = [
    Step::Read,
    Step::MakeLink,
    Step::Connect,
    Step::ConnectAndVerify,
    Step::VerifyAsTheOther,
    Step::Deny,
    Step::Import,
    Step::ChangeSettings,
    Step::Disconnect,
    Step::Delete,
    Step::Create,
];

const ACCOUNTS: &str = "/api/v1/connected_accounts";

/// The provider's user, the token that is imported, and the identifier: each user has its own.
struct User {
    identifier: String,
    at_provider: &'static str,
}

impl User {
    fn body(&self, account: &Value) -> Value {
        json!({ "connector": "test", "identifier": self.identifier, "connected_account": account })
    }

    async fn link(&self, app: &TestApp) -> Outcome<String> {
        let body = json!({ "connector": "test", "identifier": self.identifier,
            "user_verify_url": "https://app.example/verify" });
        app.link_with(body).await
    }

    /// Consents, and returns the `auth_request_id`.
    async fn consent(&self, app: &TestApp) -> Outcome<String> {
        let mut browser = app.browser()?;
        browser.stop_before(Some("https://app.example/"));
        approve(&mut browser, &self.link(app).await?, self.at_provider).await?;
        let end = browser.redirects().last().ok_or("no redirect")?;
        let id = end.query_pairs().find(|(name, _)| name == "auth_request_id").ok_or("no auth request")?;
        Ok(id.1.into_owned())
    }

    async fn verify(&self, app: &TestApp, identifier: &str) -> Outcome<u16> {
        let body = json!({ "auth_request_id": self.consent(app).await?, "identifier": identifier });
        let answer = app.call(Method::POST, &format!("{ACCOUNTS}/user/verify"), Some(body)).await?;
        Ok(answer.status.as_u16())
    }

    async fn seen(&self, app: &TestApp) -> Outcome<(Value, usize)> {
        let account = app.account_with_credential("test", &self.identifier).await?;
        let entries = if account.is_null() { vec![] } else { app.journal(&account).await? };
        let others = entries.iter().filter(|(kind, _)| kind != "credential.read").count();
        Ok((account, others))
    }

    async fn go(&self, app: &TestApp, step: Step, other: &User) -> Outcome<()> {
        match step {
            Step::Read => drop(self.seen(app).await?),
            Step::MakeLink => drop(self.link(app).await?),
            Step::Connect => drop(self.consent(app).await?),
            Step::ConnectAndVerify => assert_eq!(self.verify(app, &self.identifier).await?, 200),
            Step::VerifyAsTheOther => assert_eq!(self.verify(app, &other.identifier).await?, 403),
            Step::Deny => {
                let mut browser = app.browser()?;
                leave(&mut browser, &self.link(app).await?).await?;
                browser.submit("Deny", &[]).await?;
            }
            Step::Import => {
                let token = json!({ "access_token": format!("imported-for-{}", self.identifier) });
                let body = self.body(&json!({ "authorization_details": { "oauth_token": token } }));
                app.call(Method::PUT, ACCOUNTS, Some(body)).await?;
            }
            Step::ChangeSettings => {
                let body = self.body(&json!({ "api_config": { "domain": self.identifier } }));
                app.call(Method::PUT, ACCOUNTS, Some(body)).await?;
            }
            Step::Disconnect => {
                let account = app.account("test", &self.identifier).await?;
                if let Some(id) = account["id"].as_str() {
                    let body = Some(json!({}));
                    app.call(Method::POST, &format!("{ACCOUNTS}/{id}:disconnect"), body).await?;
                }
            }
            Step::Delete => {
                let body = json!({ "connector": "test", "identifier": self.identifier });
                app.call(Method::POST, &format!("{ACCOUNTS}:delete"), Some(body)).await?;
            }
            Step::Create => drop(app.call(Method::POST, ACCOUNTS, Some(self.body(&json!({})))).await?),
        }
        Ok(())
    }

    /// Whatever is shown belongs to this user.
    fn owns(&self, account: &Value, other: &User) {
        let text = account.to_string();
        let foreign = format!("{}\"", other.identifier);
        assert!(!text.contains(&foreign), "{} sees {text}", self.identifier);
    }
}

async fn run(app: &TestApp, case: u32, steps: &[(bool, Step)]) -> Outcome<()> {
    let first = User { identifier: format!("first-{case}"), at_provider: "alice" };
    let second = User { identifier: format!("second-{case}"), at_provider: "bob" };
    for (of_first, step) in steps {
        let (acting, resting) = if *of_first { (&first, &second) } else { (&second, &first) };
        let before = resting.seen(app).await?;
        acting.go(app, *step, resting).await.map_err(|error| format!("{step:?}: {error}"))?;
        let after = resting.seen(app).await?;
        assert_eq!(after, before, "{step:?} of {} changed {}", acting.identifier, resting.identifier);
        acting.owns(&acting.seen(app).await?.0, resting);
    }
    Ok(())
}

#[test]
fn t61_nothing_that_happens_to_a_user_touches_another_users_account() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let options =
        TestAppOptions { verification: Some(VerificationMode::Custom), ..TestAppOptions::default() };
    let app = runtime.block_on(async {
        let app = TestApp::with(options).await?;
        app.connection("test").await?;
        Outcome::Ok(app)
    });
    let app = app.unwrap();
    let case = std::cell::Cell::new(0);
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let step = (any::<bool>(), prop::sample::select(&STEPS[..]));
    TestRunner::new(config)
        .run(&vec(step, 1..10), |steps| {
            case.set(case.get() + 1);
            runtime
                .block_on(run(&app, case.get(), &steps))
                .map_err(|error| TestCaseError::fail(error.to_string()))
        })
        .unwrap();
}
