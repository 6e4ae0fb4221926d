//! `valetkey test-provider`.

mod approve;

use std::{net::SocketAddr, sync::Arc};

use clap::{Args, Subcommand};
use serde_json::Value;
use valetkey_testkit::provider::{
    Entry, Misbehaviour, Rotation, Settings, TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider, USERS,
};

use super::{
    installation::block_on,
    output::{Failure, Format, Table, print},
};
use crate::{
    run::stop_signal,
    system::{SystemClock, SystemEntropy},
};

/// Start an OAuth provider that misbehaves on demand, for tests of any application.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TestProviderAlone {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Where it listens; a loopback address.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9400")]
    listen: SocketAddr,
    /// What it does wrong from the beginning, such as `token_html200` or `slow_token:{"milliseconds":500}`. May be
    /// given several times.
    #[arg(long, value_name = "NAME[:JSON]", value_parser = misbehaviour)]
    misbehave: Vec<Misbehaviour>,
    /// How long an access token works, in seconds.
    #[arg(long, value_name = "N", default_value_t = 3600)]
    access_seconds: u32,
    /// What a refresh does to the refresh token: `strict` (a new one, and a spent one revokes all), `grace:SECONDS`
    /// (the last spent one is accepted for a while) or `none` (it stays).
    #[arg(long, value_name = "HOW", default_value = "strict", value_parser = rotation)]
    rotation: Rotation,
    /// List what it can do wrong, and end.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    format: Format,
}

/// What else there is to do with a test provider.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Be the user of a link: open it, continue to the test provider and answer there, without a browser.
    Approve(approve::Approve),
}

impl TestProviderAlone {
    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(Verb::Approve(approve)) = self.verb {
            return approve.run();
        }
        if self.list {
            return list(self.format);
        }
        if !self.listen.ip().is_loopback() {
            return Err(Failure(format!(
                "the test provider gives tokens to anyone who asks, so it listens on a loopback address only, such \
                 as 127.0.0.1:{}; {} is none",
                self.listen.port(),
                self.listen.ip()
            )));
        }
        block_on(async {
            let provider = TestProvider::new(Arc::new(SystemEntropy), Arc::new(SystemClock));
            let (access_seconds, rotation) = (self.access_seconds, self.rotation);
            provider.configure(Settings { access_seconds, rotation, ..Settings::default() });
            for misbehaviour in self.misbehave {
                provider.misbehave(misbehaviour);
            }
            let running = provider.spawn(self.listen).await.map_err(|error| {
                Failure(format!(
                    "the test provider cannot listen on {}: {error}; choose another --listen",
                    self.listen
                ))
            })?;
            let stopped = stop_signal()?;
            print(&greeting(&running.base_url))?;
            stopped.await;
            running.stop();
            Ok(())
        })
    }
}

fn misbehaviour(text: &str) -> Result<Misbehaviour, String> {
    let (name, values) = match text.split_once(':') {
        Some((name, values)) => {
            let values: Value = serde_json::from_str(values)
                .map_err(|error| format!("what follows \"{name}:\" is not JSON: {error}"))?;
            (name, Some(values))
        }
        None => (text, None),
    };
    Misbehaviour::named(name, values)
        .map_err(|error| format!("{error}; `valetkey test-provider --list` shows all"))
}

fn rotation(text: &str) -> Result<Rotation, String> {
    match (text, text.strip_prefix("grace:").map(str::parse)) {
        ("strict", _) => Ok(Rotation::Strict),
        ("none", _) => Ok(Rotation::None),
        (_, Some(Ok(seconds))) => Ok(Rotation::Grace { seconds }),
        _ => Err("neither `strict` nor `none` nor `grace:` with seconds".to_owned()),
    }
}

fn list(format: Format) -> Result<(), Failure> {
    let row = |Entry { usual, quirks, description }: Entry| {
        let quirks: Vec<String> = quirks.iter().map(ToString::to_string).collect();
        let values = usual.values().map(|values| values.to_string()).unwrap_or_default();
        [usual.name(), quirks.join(","), values, description.to_owned()]
    };
    let rows = Misbehaviour::catalogue().into_iter().map(row);
    Table::new(["name", "quirk", "usual_values", "what_happens"], rows).print(format)
}

fn greeting(url: &str) -> String {
    let set = |rules: &str| {
        format!("  curl {url}/_control -H 'content-type: application/json' -d '{{\"misbehave\": [{rules}]}}'")
    };
    format!(
        "The test provider is ready at {url}\n\n\
         \x20 authorization  {url}/authorize\n\
         \x20 token          {url}/token\n\
         \x20 revocation     {url}/revoke\n\
         \x20 user           {url}/userinfo\n\
         \x20 API            {url}/api/me\n\
         \x20 client id      {TEST_CLIENT_ID}\n\
         \x20 client secret  {TEST_CLIENT_SECRET}\n\
         \x20 users          {users}\n\n\
         Let it misbehave, for good or for a number of requests, and let it behave again:\n\n\
         {for_good}\n{some}\n{end}\n\n\
         `valetkey test-provider --list` shows what it can do wrong. Open a grant without a browser, and see what\n\
         happened:\n\n\
         \x20 curl {url}/_control/grants -H 'content-type: application/json' -d '{{\"user\": \"carol\"}}'\n\
         \x20 curl {url}/_control/counters\n\n\
         Stop with Ctrl-C. It keeps nothing.",
        users = USERS.join(", "),
        for_good = set("\"token_html200\""),
        some = set("{\"misbehaviour\": {\"slow_token\": {\"milliseconds\": 500}}, \"times\": 3}"),
        end = set(""),
    )
}
