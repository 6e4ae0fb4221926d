//! A node in a process of its own, which a test drives by lines of text, and kills.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{self, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use valetkey_app::{account::AccountAddress, refresh::RefresherSettings};
use valetkey_core::{Clock, Timestamp, id::AccountId};
use valetkey_store::{WriteObserver, WritePoint};
use valetkey_testkit::app::{
    Installation, Node, NodeOptions, Outcome, SeededEntropy, TestClock, TestDatabase, registry,
};

use crate::support::{address, use_credential};

const URL: &str = "VALETKEY_CHILD_DATABASE";
const SCHEMA: &str = "VALETKEY_CHILD_SCHEMA";
const PROVIDER: &str = "VALETKEY_CHILD_PROVIDER";
const CLOCK: &str = "VALETKEY_CHILD_CLOCK";
const SEED: &str = "VALETKEY_CHILD_SEED";
/// What every line of an answer begins with, so that lines of the test runner are not taken for one.
const ANSWER: &str = "node: ";

/// What a process may be told to do. Each is answered by one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// Let the process end itself, without any warning, at the nth write from now on.
    DieAt(u32),
    /// Refresh what is due.
    RefreshDue,
    /// Refresh an account by hand.
    Refresh(String),
    /// Let so many at once ask for the credential of an account. The answer is how many different access tokens they
    /// got, and the [fingerprint] of one.
    Read(usize, String),
    /// Move the time by so many seconds and refresh what is due, so many times. In the meantime refresh these accounts
    /// by hand, too.
    Work(i64, usize, Vec<String>),
}

impl Order {
    fn text(&self) -> String {
        match self {
            Self::DieAt(write) => format!("die {write}"),
            Self::RefreshDue => "due".into(),
            Self::Refresh(account) => format!("refresh {account}"),
            Self::Read(readers, account) => format!("read {readers} {account}"),
            Self::Work(step, rounds, accounts) => format!("work {step} {rounds} {}", accounts.join(" ")),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        Some(match words.next()? {
            "die" => Self::DieAt(words.next()?.parse().ok()?),
            "due" => Self::RefreshDue,
            "refresh" => Self::Refresh(words.next()?.into()),
            "read" => Self::Read(words.next()?.parse().ok()?, words.next()?.into()),
            "work" => Self::Work(
                words.next()?.parse().ok()?,
                words.next()?.parse().ok()?,
                words.map(Into::into).collect(),
            ),
            _ => return None,
        })
    }
}

/// By which a token is compared without being told.
pub(crate) fn fingerprint(token: &str) -> String {
    STANDARD.encode(Sha256::digest(token))
}

/// Ends the process at the nth write after it is set.
struct Die(AtomicU32);

impl WriteObserver for Die {
    fn observe(&self, _: WritePoint) {
        let counted = |left: u32| left.checked_sub(1);
        if self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, counted) == Ok(1) {
            std::process::abort();
        }
    }
}

/// The other process. It ends when its input does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is started by other tests of this target"]
async fn node_in_a_process_of_its_own() -> Outcome<()> {
    let Ok(url) = std::env::var(URL) else { return Ok(()) };
    let start = Timestamp::from_millis(std::env::var(CLOCK)?.parse()?);
    let clock = Arc::new(TestClock::new(start));
    let die = Arc::new(Die(AtomicU32::new(0)));
    let node = Node::start(NodeOptions {
        database: Arc::new(TestDatabase::at(url, std::env::var(SCHEMA).ok())?),
        registry: registry(&std::env::var(PROVIDER)?, &[])?,
        clock: clock.clone(),
        entropy: Arc::new(SeededEntropy::new(std::env::var(SEED)?.parse()?)),
        observer: Some(die.clone()),
        refresher: RefresherSettings::default(),
    })
    .await?;
    answer("ready");
    let next = || tokio::task::spawn_blocking(|| std::io::stdin().lines().next());
    while let Some(line) = next().await? {
        let order = Order::parse(&line?).ok_or("an order that nobody knows")?;
        answer(&carry_out(&node, &clock, &die, order).await?);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the other process listens")]
fn answer(text: &str) {
    println!("\n{ANSWER}{text}");
}

async fn carry_out(node: &Node, clock: &TestClock, die: &Die, order: Order) -> Outcome<String> {
    let caller = node.operator();
    match order {
        Order::DieAt(write) => {
            die.0.store(write, Ordering::SeqCst);
            Ok(String::new())
        }
        Order::RefreshDue => Ok(node.app.refresh_due().await?.refreshed.to_string()),
        Order::Refresh(account) => {
            let done = node.app.refresh_account(&caller, &address(&account.parse()?)).await;
            Ok(done.map_or_else(|error| error.to_string(), |view| view.account.state.as_str().into()))
        }
        Order::Read(readers, account) => {
            let id = account.parse()?;
            let all: JoinSet<_> = (0..readers)
                .map(|_| {
                    let (node, id) = (node.clone(), AccountId::clone(&id));
                    async move { use_credential(&node, &id).await }
                })
                .collect();
            let mut tokens = std::collections::BTreeSet::new();
            for read in all.join_all().await {
                tokens.insert(fingerprint(read?.access_token.expose()));
            }
            Ok(format!("{} {}", tokens.len(), tokens.first().ok_or("nobody read")?))
        }
        Order::Work(step, rounds, accounts) => {
            let accounts: Vec<AccountAddress> =
                accounts.iter().map(|id| Ok(address(&id.parse()?))).collect::<Outcome<_>>()?;
            for _ in 0..rounds {
                clock.advance(step);
                // Whatever each comes to: what counts is what is stored in the end.
                let _ = tokio::join!(node.app.refresh_due(), node.app.refresh_accounts(&caller, &accounts));
            }
            Ok(String::new())
        }
    }
}

/// A running process.
pub(crate) struct Process {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a node of `installation`, as it is now, in a process of its own.
    pub(crate) fn start(installation: &Installation, seed: u64) -> Outcome<Self> {
        let (url, schema) = installation.database.address();
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["process::node_in_a_process_of_its_own", "--exact", "--ignored", "--nocapture"])
            .env(URL, url)
            .env(PROVIDER, &installation.provider.base_url)
            .env(CLOCK, installation.clock.now().millis().to_string())
            .env(SEED, seed.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        if let Some(schema) = schema {
            command.env(SCHEMA, schema);
        }
        let mut child = command.spawn()?;
        let orders = child.stdin.take().ok_or("no input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let child = Child(Arc::new(Mutex::new(child)));
        let mut process = Self { child, orders, answers };
        match process.answer() {
            Some(ready) if ready == "ready" => Ok(process),
            other => Err(format!("the process did not start: {other:?}").into()),
        }
    }

    /// Gives an order and does not wait for its answer.
    pub(crate) fn give(&mut self, order: &Order) -> Outcome<()> {
        Ok(writeln!(self.orders, "{}", order.text())?)
    }

    /// The next answer; nothing where the process has ended.
    pub(crate) fn answer(&mut self) -> Option<String> {
        let mut lines = self.answers.by_ref().map_while(Result::ok);
        lines.find_map(|line| line.strip_prefix(ANSWER).map(ToOwned::to_owned))
    }

    /// Gives an order and waits for its answer, which must come.
    pub(crate) fn order(&mut self, order: &Order) -> Outcome<String> {
        self.give(order)?;
        self.answer().ok_or_else(|| format!("the process ended at {order:?}").into())
    }

    /// The means to kill it from elsewhere.
    pub(crate) fn child(&self) -> Child {
        self.child.clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
    }
}

/// A process that can be killed.
#[derive(Clone)]
pub(crate) struct Child(Arc<Mutex<process::Child>>);

impl Child {
    /// Ends it without any warning, and waits until it is gone.
    pub(crate) fn kill(&self) -> Outcome<()> {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        child.kill()?;
        child.wait()?;
        Ok(())
    }
}
