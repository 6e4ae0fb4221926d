//! The server dies at every single write, and the account is as before or connected, never in between.
//!
//! The server of the flow is another process, which ends itself without warning (like `kill -9`) at the nth write. The
//! test drives the browser, starts a server on what the dead one left, looks, and goes the way to its end.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use http::Method;
use serde_json::{Value, json};
use url::Url;
use valetkey_core::environment::VerificationMode;
use valetkey_store::{WriteObserver, WritePoint};
use valetkey_testkit::{
    app::{Outcome, TestApp, TestAppOptions, TestDatabase, approve},
    browser::Browser,
};

const ADDRESS: &str = "VALETKEY_CRASH_DATABASE";
const SCHEMA: &str = "VALETKEY_CRASH_SCHEMA";
const PROVIDER: &str = "VALETKEY_CRASH_PROVIDER";
const AT: &str = "VALETKEY_CRASH_AT";
const SEED: &str = "VALETKEY_CRASH_SEED";
const READY: &str = "server of the crash test: ";
const DIED: &str = "server of the crash test dies";
/// More writes than any flow has.
const NEVER: u32 = 1000;

/// Ends the process at the nth write after it is armed.
struct Abort {
    left: AtomicU32,
}

impl WriteObserver for Abort {
    fn observe(&self, _: WritePoint) {
        let armed = |left: u32| (left > 0 && left != u32::MAX).then(|| left - 1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, armed) == Ok(1) {
            #[expect(clippy::print_stdout, reason = "tells the test")]
            {
                println!("{DIED}");
            }
            std::process::abort();
        }
    }
}

/// The server that dies. It is started by the tests below, as a process of its own.
#[tokio::test]
#[ignore = "is started by the other tests of this file"]
async fn server_that_dies() -> Outcome<()> {
    let Ok(url) = std::env::var(ADDRESS) else { return Ok(()) };
    let database = TestDatabase::at(url, std::env::var(SCHEMA).ok())?;
    let abort = Arc::new(Abort { left: AtomicU32::new(u32::MAX) });
    let app = TestApp::with(TestAppOptions {
        database: Some(Arc::new(database)),
        observer: Some(abort.clone()),
        seed: std::env::var(SEED)?.parse()?,
        provider_url: Some(std::env::var(PROVIDER)?),
        ..TestAppOptions::default()
    })
    .await?;
    abort.left.store(std::env::var(AT)?.parse()?, Ordering::SeqCst);
    #[expect(clippy::print_stdout, reason = "tells the test the address and a token")]
    {
        println!("\n{READY}{} {}", app.url, app.token.expose());
    }
    // Ends when the test closes the pipe.
    tokio::task::spawn_blocking(|| std::io::stdin().lines().next()).await?;
    Ok(())
}

/// A running server that dies.
struct Dying {
    process: Child,
    output: BufReader<ChildStdout>,
    url: String,
    token: String,
}

impl Dying {
    fn start(database: &TestDatabase, provider: &str, at: u32) -> Outcome<Self> {
        let (url, schema) = database.address();
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["crash::server_that_dies", "--exact", "--ignored", "--nocapture"])
            .env(ADDRESS, url)
            .env(PROVIDER, provider)
            .env(AT, at.to_string())
            .env(SEED, (1000 + at).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(schema) = schema {
            command.env(SCHEMA, schema);
        }
        let mut process = command.spawn()?;
        let mut output = BufReader::new(process.stdout.take().ok_or("no output")?);
        let mut line = String::new();
        while output.read_line(&mut line)? > 0 {
            let ready = line.trim_end().strip_prefix(READY).and_then(|rest| rest.split_once(' '));
            if let Some((url, token)) = ready {
                let (url, token) = (url.to_owned(), token.to_owned());
                return Ok(Self { process, output, url, token });
            }
            line.clear();
        }
        Err("the server that dies did not start".into())
    }

    /// Ends it where it still lives; says whether it had died of the write.
    fn died(mut self) -> Outcome<bool> {
        self.process.kill()?;
        self.process.wait()?;
        let mut rest = String::new();
        self.output.read_to_string(&mut rest)?;
        Ok(rest.contains(DIED))
    }

    /// The link as this server has it.
    fn here(&self, link: &str) -> String {
        let path = Url::parse(link).map(|url| url.path().to_owned()).unwrap_or_default();
        format!("{}{path}", self.url)
    }
}

/// A way from a link to a connected account.
struct Story {
    connector: &'static str,
    verification: VerificationMode,
    /// Whether the account is ACTIVE already, as the provider's user alice.
    active_before: bool,
}

/// What is known of the account, as far as a flow can change it.
#[derive(Clone, PartialEq, Debug)]
struct Seen {
    status: Value,
    details: Value,
    expires: Value,
    stored: usize,
}

impl Story {
    fn options(&self, database: Arc<TestDatabase>, provider: Option<String>, seed: u64) -> TestAppOptions {
        TestAppOptions {
            database: Some(database),
            verification: Some(self.verification),
            provider_url: provider,
            seed,
            ..TestAppOptions::default()
        }
    }

    async fn seen(app: &TestApp, connector: &str) -> Outcome<Seen> {
        let account = app.account_with_credential(connector, "user").await?;
        let journal = app.journal(&account).await?;
        let stored = journal.iter().filter(|(kind, _)| kind == "credential.stored").count();
        Ok(Seen {
            status: account["status"].clone(),
            details: account["authorization_details"].clone(),
            expires: account["token_expires_at"].clone(),
            stored,
        })
    }

    async fn link(&self, app: &TestApp) -> Outcome<String> {
        let mut body = json!({ "connector": self.connector, "identifier": "user" });
        if self.verification == VerificationMode::Custom {
            body["user_verify_url"] = json!("https://app.example/verify");
        }
        app.link_with(body).await
    }

    /// The user goes from the link to the end. Where the application verifies, `confirm` does that.
    async fn walk(&self, link: &str, confirm: &dyn Confirm) -> Outcome<()> {
        let mut browser = Browser::new(None)?;
        if self.connector == "key" {
            browser.get(link).await?;
            browser.submit("Connect", &[("api_key", "test-key-good")]).await?;
            return Ok(());
        }
        browser.stop_before(Some("https://app.example/"));
        approve(&mut browser, link, "alice").await?;
        if let Some(id) = browser.redirects().last().and_then(auth_request) {
            confirm.confirm(&id).await?;
        }
        Ok(())
    }

    /// Dies at the nth write. Says whether there was an nth write.
    async fn die_at(&self, at: u32, made: &Made) -> Outcome<bool> {
        let database = Arc::new(TestDatabase::copy_of(&made.database)?);
        let fresh;
        let made = if made.database.sqlite_file().is_some() {
            made
        } else {
            fresh = self.make(database.clone(), &made.provider).await?;
            &fresh
        };
        let Made { link, provider, .. } = made;
        let dying = Dying::start(&database, provider, at)?;
        let remote = Remote { url: dying.url.clone(), token: dying.token.clone() };
        // What the user sees when the server dies is not the matter here.
        let _ = self.walk(&dying.here(link), &remote).await;
        let died = dying.died()?;
        let after =
            TestApp::with(self.options(database, Some(provider.clone()), u64::from(at) + 2000)).await?;
        self.look(&after, link, made, at, died).await?;
        after.stop().await;
        Ok(died)
    }

    /// Looks at what is left, and goes on.
    async fn look(&self, after: &TestApp, link: &str, made: &Made, at: u32, died: bool) -> Outcome<()> {
        let path = Url::parse(link)?.path().to_owned();
        let link = format!("{}{path}", after.url);
        let seen = Self::seen(after, self.connector).await?;
        let usable = after.browser()?.get(&link).await?.status == 200;
        let connected = seen.stored > made.before.stored;
        let parked = !connected && !usable;
        if connected {
            assert_eq!(seen.status, "ACTIVE", "write {at}: {seen:?}");
            assert_ne!(seen.details, made.before.details, "write {at}: the new credential");
            assert!(!usable, "write {at}: the link is used");
        } else {
            let mut before = made.before.clone();
            if parked && !self.active_before {
                before.status = json!("PENDING_VERIFICATION");
            }
            assert_eq!(seen, before, "write {at}: as before");
        }
        assert!(
            !parked || self.verification == VerificationMode::Custom,
            "write {at}: the link is spent for nothing"
        );
        assert!(died || connected, "without a crash the account is connected");
        let confirm = Local { app: after };
        let link = if usable { link } else { self.link(after).await? };
        self.walk(&link, &confirm).await?;
        let end = Self::seen(after, self.connector).await?;
        assert_eq!(
            (&end.status, end.stored),
            (&json!("ACTIVE"), seen.stored + 1),
            "write {at}: the way to the end"
        );
        Ok(())
    }

    async fn make(&self, database: Arc<TestDatabase>, provider: &str) -> Outcome<Made> {
        let app = TestApp::with(self.options(database.clone(), Some(provider.to_owned()), 0)).await?;
        app.connection("test").await?;
        app.connection_in(&app.operator(), "key", "TESTKEY").await?;
        if self.active_before {
            let link = self.link(&app).await?;
            self.walk(&link, &Local { app: &app }).await?;
        }
        let link = self.link(&app).await?;
        let before = Self::seen(&app, self.connector).await?;
        assert_eq!(before.status == "ACTIVE", self.active_before);
        app.stop().await;
        Ok(Made { database, link, before, provider: provider.to_owned() })
    }

    /// Dies at every write from the first to the last.
    async fn die_everywhere(&self) -> Outcome<u32> {
        // Its provider outlives all servers.
        let outer = TestApp::start().await?;
        let made = self.make(Arc::new(TestDatabase::new()?), &outer.provider.base_url).await?;
        for at in 1..NEVER {
            if !self.die_at(at, &made).await? {
                return Ok(at - 1);
            }
        }
        Err("the flow has no end".into())
    }
}

/// A database in which a link waits for its user.
struct Made {
    database: Arc<TestDatabase>,
    link: String,
    before: Seen,
    provider: String,
}

fn auth_request(url: &Url) -> Option<String> {
    let found = url.query_pairs().find(|(name, _)| name == "auth_request_id");
    found.map(|(_, value)| value.into_owned())
}

/// The application that confirms its user.
trait Confirm {
    fn confirm<'a>(&'a self, id: &'a str) -> std::pin::Pin<Box<dyn Future<Output = Outcome<()>> + 'a>>;
}

struct Local<'a> {
    app: &'a TestApp,
}

const VERIFY: &str = "/api/v1/connected_accounts/user/verify";

fn verification(id: &str) -> Value {
    json!({ "auth_request_id": id, "identifier": "user" })
}

impl Confirm for Local<'_> {
    fn confirm<'a>(&'a self, id: &'a str) -> std::pin::Pin<Box<dyn Future<Output = Outcome<()>> + 'a>> {
        Box::pin(async move {
            let answer = self.app.call(Method::POST, VERIFY, Some(verification(id))).await?;
            if answer.status == 200 { Ok(()) } else { Err(answer.text.into()) }
        })
    }
}

/// Confirms at the server that dies, over the network.
struct Remote {
    url: String,
    token: String,
}

impl Confirm for Remote {
    fn confirm<'a>(&'a self, id: &'a str) -> std::pin::Pin<Box<dyn Future<Output = Outcome<()>> + 'a>> {
        use valetkey_provider::egress::{
            AllowEntry, EgressClient, EgressOptions, EgressPolicy, Purpose, Request,
        };
        Box::pin(async move {
            let policy = EgressPolicy::public_only().allow(Purpose::Api, "127.0.0.1".parse::<AllowEntry>()?);
            let client = EgressClient::new(EgressOptions { policy, ..EgressOptions::default() })?;
            let url = Url::parse(&format!("{}{VERIFY}", self.url))?;
            let request = Request::new(Purpose::Api, Method::POST, url)
                .header(http::header::AUTHORIZATION, format!("Bearer {}", self.token).parse()?)
                .body("application/json", verification(id).to_string());
            let answer = client.send(request).await?.into_answer();
            if answer.status == 200 { Ok(()) } else { Err("not confirmed".into()) }
        })
    }
}

async fn every_write_of(story: Story) -> Outcome<()> {
    let writes = story.die_everywhere().await?;
    assert!(writes >= 10, "only {writes} writes were seen");
    Ok(())
}

#[tokio::test]
async fn killed_at_any_write_of_a_first_consent_the_account_is_as_before_or_connected() -> Outcome<()> {
    every_write_of(Story { connector: "test", verification: VerificationMode::None, active_before: false })
        .await
}

#[tokio::test]
async fn killed_at_any_write_of_a_reauthorization_the_old_credential_stays_or_the_new_one_is_there()
-> Outcome<()> {
    every_write_of(Story { connector: "test", verification: VerificationMode::None, active_before: true })
        .await
}

#[tokio::test]
async fn killed_at_any_write_of_a_key_form_the_account_is_as_before_or_connected() -> Outcome<()> {
    every_write_of(Story { connector: "key", verification: VerificationMode::None, active_before: false })
        .await
}

#[tokio::test]
async fn killed_at_any_write_of_a_verified_consent_the_account_is_as_before_parked_or_connected()
-> Outcome<()> {
    every_write_of(Story { connector: "test", verification: VerificationMode::Custom, active_before: false })
        .await
}

#[tokio::test]
async fn killed_at_any_write_of_a_verified_reauthorization_the_old_credential_stays_until_the_end()
-> Outcome<()> {
    every_write_of(Story { connector: "test", verification: VerificationMode::Custom, active_before: true })
        .await
}
