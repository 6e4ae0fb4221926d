//! A server is killed (`kill -9`) or stopped while agents call tools and an application connects accounts.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    night::Night,
    valetkey::{Place, free_port},
};

/// How old a call may be that a killed server has not written. It is about 200 ms on a machine that is not busy with
/// other tests.
const WINDOW: Duration = Duration::from_secs(1);

/// How often the server is killed, after how many calls, and how many agents call.
const KILLS: usize = 3;
const CALLS: usize = 400;
const AGENTS: usize = 4;

/// A running server.
pub(crate) struct Server {
    process: Child,
    pub(crate) client: Client,
}

/// A client of it.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    token: String,
}

impl Server {
    /// Starts it and signs in.
    pub(crate) fn start(night: &Night, (id, secret): (&str, &str)) -> Self {
        let address = free_port();
        let mut command = night.command(&["serve"]);
        command.env("VALETKEY_SERVER_LISTEN", address.to_string());
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut client = Client { address, token: String::new() };
        while client.request("GET", "/healthz", None).is_none_or(|(status, _)| status != 200) {
            thread::yield_now();
        }
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let kind = "content-type: application/x-www-form-urlencoded";
        let (_, answer) = client.send("POST", "/oauth/token", kind, &form).unwrap();
        answer["access_token"].as_str().unwrap().clone_into(&mut client.token);
        Self { process, client }
    }

    /// Ends it with a signal, and says whether it took that for a stop.
    pub(crate) fn end(mut self, signal: Signal) -> bool {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
        self.process.wait().unwrap().success()
    }
}

impl Client {
    /// Status and body; `None` where no whole answer comes.
    fn request(&self, method: &str, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let body = body.map(|json| json.to_string()).unwrap_or_default();
        self.send(method, path, "content-type: application/json", &body)
    }

    /// The same with header lines of the caller's, and any body.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        let (token, length) = (&self.token, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: connect.example.com\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\n{headers}\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all((head + body).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.get(9..12)?.parse().ok()?, body.parse().unwrap_or_default()))
    }

    /// Calls a tool until the server is gone. Returns the executions that were answered, and when.
    fn call_tools(&self, user: &str, calls: &AtomicUsize) -> Vec<(String, Instant)> {
        let body =
            json!({ "tool_name": "testprovider_get_profile", "connector": "test", "identifier": user });
        let mut answered = vec![];
        while let Some((status, answer)) = self.request("POST", "/api/v1/execute_tool", Some(body.clone())) {
            assert_eq!(status, 200, "{answer}");
            answered.push((answer["execution_id"].as_str().unwrap().to_owned(), Instant::now()));
            calls.fetch_add(1, Ordering::SeqCst);
        }
        answered
    }

    /// Makes accounts until the server is gone. Returns the ids that were answered.
    fn make_accounts(&self, prefix: &str) -> Vec<String> {
        let mut made = vec![];
        loop {
            let identifier = format!("{prefix}-{}", made.len());
            let body = json!({ "connector": "test", "identifier": identifier, "connected_account": {} });
            match self.request("POST", "/api/v1/connected_accounts", Some(body)) {
                Some((200, answer)) => {
                    made.push(answer["connected_account"]["id"].as_str().unwrap().to_owned());
                }
                Some(other) => panic!("{other:?}"),
                None => return made,
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, answer) = self.request("GET", path, None).unwrap();
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Everything that is in the log.
    fn logged(&self) -> BTreeSet<String> {
        let (mut logged, mut token) = (BTreeSet::new(), String::new());
        loop {
            let page = self.get(&format!("/api/v1/agentkit/tool_call_logs?page_size=100&page_token={token}"));
            let rows = page["tool_call_logs"].as_array().unwrap();
            logged.extend(rows.iter().map(|row| row["execution_id"].as_str().unwrap().to_owned()));
            page["next_page_token"].as_str().unwrap_or_default().clone_into(&mut token);
            if token.is_empty() {
                return logged;
            }
        }
    }
}

/// What was answered before the end of a server.
struct Before {
    ended_at: Instant,
    calls: Vec<Vec<(String, Instant)>>,
    accounts: Vec<String>,
}

/// Lets everybody work, and ends the server with a signal after some calls.
fn work_until(server: Server, signal: Signal, run: usize) -> Before {
    let calls = Arc::new(AtomicUsize::new(0));
    let agents: Vec<_> = (0..AGENTS)
        .map(|agent| {
            let (client, calls) = (server.client.clone(), calls.clone());
            thread::spawn(move || client.call_tools(&format!("user-{agent}"), &calls))
        })
        .collect();
    let client = server.client.clone();
    let application = thread::spawn(move || client.make_accounts(&format!("new-{run}")));
    while calls.load(Ordering::SeqCst) < CALLS + run * 37 {
        assert!(!application.is_finished());
        thread::yield_now();
    }
    let ended_at = Instant::now();
    assert_eq!(server.end(signal), signal == Signal::TERM);
    Before {
        ended_at,
        calls: agents.into_iter().map(|agent| agent.join().unwrap()).collect(),
        accounts: application.join().unwrap(),
    }
}

/// What the next server knows of it. Returns how many calls are not in the log, and the age of the oldest of them.
fn look_at(before: &Before, client: &Client) -> (usize, Duration) {
    for id in &before.accounts {
        let details = client.get(&format!("/api/v1/connected_accounts/details?id={id}"));
        assert_eq!(details["connected_account"]["id"], id.as_str());
    }
    let logged = client.logged();
    let (mut lost, mut oldest) = (0, Duration::ZERO);
    for calls in &before.calls {
        let first = calls.iter().position(|(id, _)| !logged.contains(id)).unwrap_or(calls.len());
        assert!(calls[first..].iter().all(|(id, _)| !logged.contains(id)), "only the last ones are missing");
        lost += calls.len() - first;
        for (_, answered) in &calls[first..] {
            oldest = oldest.max(before.ended_at.saturating_duration_since(*answered));
        }
    }
    (lost, oldest)
}

/// An installation with accounts for the agents, and a client of it.
fn installation() -> (Night, Value) {
    let mut night = Night::over(Place::without_disk());
    for agent in 0..AGENTS {
        night.account("test", &format!("user-{agent}"));
    }
    let client = night.json(&["client", "create"]);
    (night, client)
}

pub(crate) fn credentials(client: &Value) -> (&str, &str) {
    (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap())
}

#[test]
fn a_server_that_is_stopped_under_load_loses_no_account_and_no_call() {
    let (night, client) = installation();
    let before = work_until(Server::start(&night, credentials(&client)), Signal::TERM, 0);
    let server = Server::start(&night, credentials(&client));
    assert_eq!(look_at(&before, &server.client), (0, Duration::ZERO));
    server.end(Signal::KILL);
}

#[test]
#[expect(clippy::print_stderr, reason = "the measurement is what one wants to see")]
fn a_server_that_is_killed_under_load_loses_no_account_and_only_the_calls_of_a_moment() {
    let (night, client) = installation();
    let mut server = Server::start(&night, credentials(&client));
    for run in 0..KILLS {
        let before = work_until(server, Signal::KILL, run);
        server = Server::start(&night, credentials(&client));
        let (lost, oldest) = look_at(&before, &server.client);
        let (calls, accounts) = (before.calls.iter().map(Vec::len).sum::<usize>(), before.accounts.len());
        eprintln!("{calls} calls and {accounts} accounts: {lost} calls lost, the oldest {oldest:?} old");
        assert!(accounts > 0 && lost < calls && oldest <= WINDOW, "{lost} of {calls}, {oldest:?}");
    }
    server.end(Signal::KILL);
}
