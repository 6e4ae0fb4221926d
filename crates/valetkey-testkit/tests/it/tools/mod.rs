//! Tools over REST, against the test provider.

mod execute;
mod failures;
mod lists;

use http::Method;
use serde_json::{Value, json};
use valetkey_testkit::app::{Answer, Outcome, TestApp};

use crate::fresh::world::World;

/// A server with an account of alice.
pub(crate) async fn with_alice() -> Outcome<World> {
    let world = World::new().await?;
    world.connect("alice").await?;
    Ok(world)
}

/// Runs a tool for a user of the connection `test`.
pub(crate) async fn run(app: &TestApp, tool: &str, user: &str, params: Value) -> Outcome<Answer> {
    let body = json!({ "tool_name": tool, "connector": "test", "identifier": user, "params": params });
    execute(app, body).await
}

pub(crate) async fn execute(app: &TestApp, body: Value) -> Outcome<Answer> {
    app.call(Method::POST, "/api/v1/execute_tool", Some(body)).await
}

/// How many calls of its API the provider has seen.
pub(crate) fn calls(world: &World) -> usize {
    world.provider.requests().iter().filter(|request| request.path.starts_with("/api/")).count()
}
