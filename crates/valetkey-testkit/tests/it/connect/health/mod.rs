//! Health, usage, the journal and cleanup of accounts.

mod cleanup;
mod events;
mod history;
mod recount;
mod stories;

use http::Method;
use serde_json::Value;
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use crate::fresh::world::World;

async fn get(app: &TestApp, path: &str) -> Outcome<Answer> {
    app.call(Method::GET, &format!("/v1/connect/{path}"), None).await
}

/// The answer of a request that succeeds, once everything that waits is written.
async fn read(app: &TestApp, path: &str) -> Outcome<Value> {
    app.app.flush_uses().await?;
    let answer = get(app, path).await?;
    if answer.status == 200 { Ok(answer.json()) } else { Err(format!("{path}: {}", answer.text).into()) }
}

/// Moves time until a refresh has succeeded: the host of the provider may be left alone for a while first.
async fn renew(world: &World) -> Outcome<()> {
    for _ in 0..9 {
        if world.run_next().await?.refreshed > 0 {
            return Ok(());
        }
        world.app.clock.advance(60);
    }
    Err("nothing was refreshed".into())
}

/// How long an event takes until it is listed, in seconds.
const SETTLING: i64 = 6;

/// All events from `token` on, by pages of `size`; and the token for what comes next.
async fn follow(
    app: &TestApp,
    filter: &str,
    size: usize,
    mut token: String,
) -> Outcome<(Vec<Value>, String)> {
    let mut all = vec![];
    loop {
        let mut page = read(app, &format!("events?page_size={size}&page_token={token}&{filter}")).await?;
        page["next_page_token"].as_str().ok_or("no token")?.clone_into(&mut token);
        all.extend(page["events"].as_array_mut().into_iter().flatten().map(Value::take));
        if page["more"] != true {
            return Ok((all, token));
        }
    }
}
