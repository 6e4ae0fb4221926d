//! `valetkey test-provider`: a provider that anyone can start.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::valetkey::{command, complaint, json, out};

struct Alone {
    process: Child,
    said: String,
}

impl Alone {
    /// Starts it on a free port and waits until it says that it is ready.
    fn start(arguments: &[&str]) -> Self {
        let arguments = [&["test-provider", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut process = command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            said += &(line.unwrap() + "\n");
            if said.contains("Stop with Ctrl-C") {
                return Self { process, said };
            }
        }
        panic!("it ended early: {:?}\n{said}", process.wait());
    }

    fn address(&self) -> &str {
        self.said.lines().next().unwrap().rsplit("http://").next().unwrap()
    }

    /// Status and body of a request.
    fn ask(&self, method: &str, path: &str, content_type: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
             content-length: {length}\r\n\r\n{body}",
            self.address()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn control(&self, path: &str, body: &Value) -> Value {
        let (status, body) =
            self.ask("POST", &format!("/_control{path}"), "application/json", &body.to_string());
        assert!(status == 200 || status == 204, "{status} {body}");
        serde_json::from_str(&body).unwrap_or_default()
    }

    fn refresh(&self, token: &Value) -> (u16, String) {
        let token = token.as_str().unwrap();
        let form = format!(
            "grant_type=refresh_token&client_id=test-client&client_secret=test-secret&refresh_token={token}"
        );
        self.ask("POST", "/token", "application/x-www-form-urlencoded", &form)
    }

    fn stop(mut self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        assert!(self.process.wait().unwrap().success());
    }
}

#[test]
fn it_says_where_it_is_and_who_may_use_it() {
    let alone = Alone::start(&[]);
    let url = format!("http://{}", alone.address());
    for part in ["/authorize", "/token", "/revoke", "/userinfo", "/_control"] {
        assert!(alone.said.contains(&format!("{url}{part}")), "{part} in\n{}", alone.said);
    }
    assert!(alone.said.contains("test-client") && alone.said.contains("test-secret"), "{}", alone.said);
    alone.stop();
}

#[test]
fn it_refreshes_and_misbehaves_as_it_was_told_at_the_start_and_later() {
    let html = ["--misbehave", "token_html400", "--misbehave", r#"token_rate_limited:{"retry_after":7}"#];
    let alone = Alone::start(&[&html[..], &["--access-seconds", "60", "--rotation", "none"]].concat());
    let grant = &alone.control("/grants", &json!({ "user": "carol" }))[0];
    assert_eq!(grant["expires_in"], 60);
    assert_eq!(alone.refresh(&grant["refresh_token"]).0, 400);
    let once = json!({ "misbehave": [{ "misbehaviour": "token_server_error", "times": 1 }] });
    alone.control("", &once);
    assert_eq!(alone.refresh(&grant["refresh_token"]).0, 503);
    for _ in 0..2 {
        assert_eq!(alone.refresh(&grant["refresh_token"]).0, 200);
    }
    let (_, counters) = alone.ask("GET", "/_control/counters", "text/plain", "");
    let counters: Value = counters.parse().unwrap();
    assert_eq!((&counters["refreshes_granted"], &counters["reuses_detected"]), (&json!(2), &json!(0)));
    alone.stop();
}

#[test]
fn it_lists_at_least_40_misbehaviours_with_their_quirks() {
    let listed = json(&["test-provider", "--list"]);
    assert!(listed.as_array().unwrap().len() >= 40);
    let nested = listed.as_array().unwrap().iter().find(|row| row["name"] == "token_nested").unwrap();
    assert_eq!(nested["quirk"], "46");
    assert!(out(&["test-provider", "--list"]).contains("The token answer is below `data`."));
}

#[test]
fn it_listens_on_loopback_only_and_says_why() {
    for address in ["0.0.0.0:9400", "[::]:9400", "192.0.2.1:9400"] {
        let said = complaint(&["test-provider", "--listen", address]);
        assert!(said.contains("loopback address only"), "{said}");
    }
}

#[test]
fn it_names_what_it_cannot_do() {
    let said = complaint(&["test-provider", "--misbehave", "token_htlm"]);
    assert!(said.contains("there is no misbehaviour \"token_htlm\"") && said.contains("--list"), "{said}");
    let said = complaint(&["test-provider", "--misbehave", "slow_token:{milliseconds}"]);
    assert!(said.contains("is not JSON"), "{said}");
    let said = complaint(&["test-provider", "--misbehave", r#"slow_token:{"seconds":1}"#]);
    assert!(said.contains("unknown field `seconds`"), "{said}");
    let said = complaint(&["test-provider", "--rotation", "sometimes"]);
    assert!(said.contains("grace:"), "{said}");
}
