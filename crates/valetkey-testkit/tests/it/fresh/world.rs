//! Steps that stories about tokens have in common.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use valetkey_app::{
    account::{AccountAddress, TokenStatus},
    connection::{ConnectionView, UpdateConnection},
    credential::{Usable, Wanted},
    refresh::RefreshRun,
};
use valetkey_core::{
    Clock, Secret,
    account::{Reason, State},
    credential::Credential,
};
use valetkey_testkit::{
    app::{Outcome, TestApp, TestAppOptions, TestClock},
    provider::{Misbehaviour, Rule, TestProvider},
};

use crate::database;

/// A server with the connection `test`, whose accounts are those of users at the test provider.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) connection: ConnectionView,
    pub(crate) provider: TestProvider,
}

/// An access token and its refresh token.
pub(crate) type Tokens = (String, String);

impl World {
    /// On the built-in test provider.
    pub(crate) async fn new() -> Outcome<Self> {
        Self::with(TestAppOptions::default()).await
    }

    pub(crate) async fn with(options: TestAppOptions) -> Outcome<Self> {
        Self::on(TestApp::with(lasting(options)).await?, "TESTPROVIDER").await
    }

    /// On a connector that differs from the test provider's in `changes`, a YAML merge patch.
    pub(crate) async fn defined(changes: &str) -> Outcome<Self> {
        Self::defined_with(changes, TestAppOptions::default()).await
    }

    pub(crate) async fn defined_with(changes: &str, options: TestAppOptions) -> Outcome<Self> {
        let options = TestAppOptions { connectors: vec![connector(changes)], ..options };
        Self::on(TestApp::with(lasting(options)).await?, "OWN").await
    }

    async fn on(app: TestApp, provider_key: &str) -> Outcome<Self> {
        let connection = app.connection_in(&app.operator(), "test", provider_key).await?;
        let provider = app.provider.provider.clone();
        Ok(Self { app, connection, provider })
    }

    /// Another process of the same installation, at the same time. Of `options`, connectors and settings count.
    pub(crate) async fn another_process(&self, options: TestAppOptions) -> Outcome<TestApp> {
        let options = TestAppOptions {
            database: Some(self.app.database.clone()),
            provider_url: Some(self.app.provider.base_url.clone()),
            clock: Some(self.app.clock.clone()),
            seed: 77,
            ..options
        };
        TestApp::with(lasting(options)).await
    }

    pub(crate) fn clock(&self) -> &Arc<TestClock> {
        &self.app.clock
    }

    /// Connects an account with this identifier: as bob, where it is his, else as alice.
    pub(crate) async fn connect(&self, user: &str) -> Outcome<()> {
        let person = if user == "bob" { "bob" } else { "alice" };
        self.app.connect("test", user, person).await.map(drop)
    }

    /// The grant that alice or bob gave last.
    pub(crate) fn grant(&self, person: &str) -> String {
        self.provider.grants_of(person).pop().expect("there is a grant").grant
    }

    pub(crate) fn misbehave(&self, rule: impl Into<Rule>) {
        self.provider.misbehave(rule);
    }

    /// The provider refuses the next refresh with this error code.
    pub(crate) fn refuse(&self, error: &str) {
        let refusal = Misbehaviour::TokenError { status: 400, error: error.into(), description: None };
        self.misbehave(refusal);
    }

    /// How often a refresh token was presented.
    pub(crate) fn refreshes_sent(&self) -> u64 {
        self.provider.counters().token_requests.get("refresh_token").copied().unwrap_or_default()
    }

    pub(crate) async fn run(&self) -> Outcome<RefreshRun> {
        Ok(self.app.app.refresh_due().await?)
    }

    /// Moves time to when something is due next.
    pub(crate) async fn until_due(&self) -> Outcome<()> {
        let due = self.app.app.next_refresh().await?.ok_or("nothing is due")?;
        let left = due.millis() - self.app.clock.now().millis();
        self.app.clock.advance((left.max(0) + 999) / 1000);
        Ok(())
    }

    /// Moves time to when something is due next, and does it.
    pub(crate) async fn run_next(&self) -> Outcome<RefreshRun> {
        self.until_due().await?;
        self.run().await
    }

    pub(crate) async fn status(&self, user: &str) -> Outcome<TokenStatus> {
        Ok(self.app.app.token_status(&self.app.operator(), &address(user)).await?)
    }

    /// State and reason that operators are shown.
    pub(crate) async fn state(&self, user: &str) -> Outcome<(State, Reason)> {
        let status = self.status(user).await?;
        Ok((status.state, status.reason))
    }

    /// The state that published clients are shown.
    pub(crate) async fn wire_status(&self, user: &str) -> Outcome<Value> {
        Ok(self.app.account("test", user).await?["status"].take())
    }

    /// Uses a credential as a call of an API does.
    pub(crate) async fn use_credential(&self, user: &str, min_ttl: i64) -> valetkey_app::Result<Usable> {
        use_credential(&self.app, user, min_ttl).await
    }

    /// Access and refresh token, as a client reads them; empty where it gets none.
    pub(crate) async fn tokens(&self, user: &str) -> Outcome<Tokens> {
        tokens(&self.app, user).await
    }

    /// The kinds of events of an account, oldest first.
    pub(crate) async fn events(&self, user: &str) -> Outcome<Vec<(String, Value)>> {
        let mut events = self.app.journal(&self.app.account("test", user).await?).await?;
        events.reverse();
        Ok(events)
    }

    /// How many events of one kind an account has.
    pub(crate) async fn count(&self, user: &str, kind: &str) -> Outcome<usize> {
        Ok(self.events(user).await?.iter().filter(|(found, _)| found == kind).count())
    }

    /// The states that an account went through, oldest first, each with its reason.
    pub(crate) async fn history(&self, user: &str) -> Outcome<Vec<(String, String)>> {
        let events = self.events(user).await?;
        let changes = events.iter().filter(|(kind, _)| kind == "account.state_changed");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(changes.map(|(_, details)| (text(&details["to"]), text(&details["reason"]))).collect())
    }

    /// Gives the connection another client secret.
    pub(crate) async fn set_secret(&self, secret: &str) -> Outcome<()> {
        let secret = Secret::from(secret);
        let change = Box::new(move |_: &mut _, secrets: &mut valetkey_app::connection::ConnectionSecrets| {
            secrets.client_secret = Some(secret);
            Ok(())
        });
        self.update_connection(UpdateConnection { name: None, change }).await
    }

    pub(crate) async fn update_connection(&self, change: UpdateConnection<'_>) -> Outcome<()> {
        let id = self.connection.id.to_string();
        self.app.app.update_connection(&self.app.operator(), &id, change).await?;
        Ok(())
    }

    pub(crate) async fn disconnect(&self, user: &str) -> Outcome<()> {
        self.app.app.disconnect_account(&self.app.operator(), &address(user)).await?;
        Ok(())
    }

    pub(crate) async fn delete(&self, user: &str) -> Outcome<()> {
        let body = json!({ "connector": "test", "identifier": user });
        let answer = self.app.call(Method::POST, "/api/v1/connected_accounts:delete", Some(body)).await?;
        if answer.status == 200 { Ok(()) } else { Err(answer.text.into()) }
    }

    /// The texts in the first column of a query, past the store.
    pub(crate) async fn texts(&self, sql: &str) -> Outcome<Vec<String>> {
        let values = database::blobs(&self.app, sql).await?;
        Ok(values.into_iter().map(|value| String::from_utf8_lossy(&value).into_owned()).collect())
    }
}

/// Lets the API client of a test read for as long as its story lasts, where the test has no settings of its own.
fn lasting(options: TestAppOptions) -> TestAppOptions {
    let settings = options.settings.unwrap_or(|settings| settings.access_token_lifetime = YEAR);
    TestAppOptions { settings: Some(settings), ..options }
}

/// A year, in seconds.
const YEAR: i64 = 31_536_000;

/// A connector file that differs from the test provider's in `changes`, a YAML merge patch.
pub(crate) fn connector(changes: &str) -> (String, String) {
    let head = "extends: testprovider\nslug: own\nprovider_key: OWN\nname: Own\n";
    ("own.yaml".into(), format!("{head}{changes}\n"))
}

/// The account of a user in the connection `test`.
pub(crate) fn address(user: &str) -> AccountAddress {
    AccountAddress {
        connector: Some("test".into()),
        identifier: Some(user.into()),
        ..AccountAddress::default()
    }
}

/// Uses a credential in one of several processes.
pub(crate) async fn use_credential(app: &TestApp, user: &str, min_ttl: i64) -> valetkey_app::Result<Usable> {
    let wanted = Wanted { min_ttl, purpose: "test" };
    app.app.usable_credential(&app.operator(), &address(user), wanted).await
}

/// Access and refresh token, as a client of one of several processes reads them; empty where it gets none.
pub(crate) async fn tokens(app: &TestApp, user: &str) -> Outcome<Tokens> {
    let read = app.account_with_credential("test", user).await?;
    let token = &read["authorization_details"]["oauth_token"];
    let text = |name: &str| token[name].as_str().unwrap_or_default().to_owned();
    Ok((text("access_token"), text("refresh_token")))
}

/// The access token of a credential that may be used.
pub(crate) fn access_token(usable: &Usable) -> String {
    match &usable.credential {
        Some(Credential::Oauth2(tokens)) => tokens.access_token.expose().to_owned(),
        Some(Credential::Static(_)) | None => String::new(),
    }
}
