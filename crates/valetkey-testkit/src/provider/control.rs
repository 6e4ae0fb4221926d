//! The control API, for tests in other languages and for a person with curl. What is asked of it is not recorded.

mod feed;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Counters, GrantTokens, GrantView, Misbehaviour, RecordedRequest, Rule, Settings, TEST_CLIENT_ID,
    TestProvider, server::Site,
};

/// The most grants that one request may open.
const MOST_GRANTS: u32 = 100_000;

/// The routes.
pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/_control", routing::get(show).post(change))
        .route("/_control/misbehaviours", routing::get(misbehaviours))
        .route("/_control/requests", routing::get(requests))
        .route("/_control/counters", routing::get(counters))
        .route("/_control/grants", routing::get(grants).post(open))
        .route("/_control/grants/{grant}", routing::get(grant).delete(revoke))
        .route("/_control/token", routing::post(token))
        .merge(feed::routes())
}

/// Why a control request is refused, in words.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

fn unprocessable(why: &impl ToString) -> Refused {
    Refused(StatusCode::UNPROCESSABLE_ENTITY, why.to_string())
}

/// What is set.
async fn show(State(site): State<Site>) -> Json<Value> {
    let memory = site.provider.memory();
    let rules: Vec<&Rule> = memory.rules.current().collect();
    Json(json!({ "misbehave": rules, "settings": memory.settings }))
}

/// `{"misbehave": ["wrong_iss", {"token_server_error": {"status": 503}}], "settings": {"access_seconds": 60}}`.
///
/// The misbehaviours replace what is set; an empty list ends it. The settings that are given are changed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    misbehave: Option<Vec<Value>>,
    settings: Option<Value>,
}

async fn change(State(site): State<Site>, Json(change): Json<Change>) -> Result<StatusCode, Refused> {
    let rules = change.misbehave.map(|rules| rules.into_iter().map(Rule::from_json).collect());
    let rules: Option<Vec<Rule>> = rules.transpose().map_err(|error| unprocessable(&error))?;
    let settings = change.settings.map(|given| changed(&site.provider, given)).transpose()?;
    if let Some(settings) = settings {
        site.provider.configure(settings);
    }
    if let Some(rules) = rules {
        site.provider.behave();
        for rule in rules {
            site.provider.misbehave(rule);
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn changed(provider: &TestProvider, given: Value) -> Result<Settings, Refused> {
    let mut settings = serde_json::to_value(provider.settings()).map_err(|error| unprocessable(&error))?;
    let (Some(all), Value::Object(given)) = (settings.as_object_mut(), given) else {
        return Err(unprocessable(&"settings are an object"));
    };
    all.extend(given);
    serde_json::from_value(settings).map_err(|error| unprocessable(&error))
}

async fn misbehaviours() -> Json<Value> {
    let all = Misbehaviour::catalogue();
    let entry = |entry: &super::Entry| {
        json!({
            "name": entry.usual.name(),
            "values": entry.usual.values(),
            "quirks": entry.quirks,
            "description": entry.description,
        })
    };
    Json(all.iter().map(entry).collect())
}

async fn requests(State(site): State<Site>) -> Json<Vec<RecordedRequest>> {
    Json(site.provider.requests())
}

async fn counters(State(site): State<Site>) -> Json<Counters> {
    Json(site.provider.counters())
}

/// Whose grants.
#[derive(Deserialize)]
struct Of {
    user: String,
}

async fn grants(State(site): State<Site>, Query(of): Query<Of>) -> Json<Vec<GrantView>> {
    Json(site.provider.grants_of(&of.user))
}

/// `{"user": "carol", "scopes": ["read"]}` opens one grant; with `"count": 3`, three for `carol-0` to `carol-2`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    user: String,
    client: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    count: Option<u32>,
}

async fn open(State(site): State<Site>, Json(open): Json<Open>) -> Result<Json<Vec<GrantTokens>>, Refused> {
    let client = open.client.as_deref().unwrap_or(TEST_CLIENT_ID);
    if !site.provider.memory().clients.contains_key(client) {
        return Err(unprocessable(&format!("there is no client \"{client}\"")));
    }
    let users: Vec<String> = match open.count {
        None => vec![open.user],
        Some(count) if count <= MOST_GRANTS => (0..count).map(|n| format!("{}-{n}", open.user)).collect(),
        Some(_) => return Err(unprocessable(&format!("count is at most {MOST_GRANTS}"))),
    };
    let scopes: std::sync::Arc<[String]> = open.scopes.into();
    let opened = users.iter().map(|user| site.provider.issue_grant_of(client, user, scopes.clone()));
    Ok(Json(opened.collect()))
}

fn no_grant(grant: &str) -> Refused {
    Refused(StatusCode::NOT_FOUND, format!("there is no grant \"{grant}\""))
}

async fn grant(State(site): State<Site>, Path(grant): Path<String>) -> Result<Json<GrantView>, Refused> {
    site.provider.grant(&grant).map(Json).ok_or_else(|| no_grant(&grant))
}

async fn revoke(State(site): State<Site>, Path(grant): Path<String>) -> Result<Json<GrantView>, Refused> {
    site.provider.revoke_grant(&grant);
    site.provider.grant(&grant).map(Json).ok_or_else(|| no_grant(&grant))
}

/// A token of either kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    token: String,
}

async fn token(State(site): State<Site>, Json(asked): Json<Token>) -> Json<Value> {
    let provider = &site.provider;
    Json(json!({
        "grant": provider.grant_of_token(&asked.token),
        "accepted_as_access_token": provider.accepts_access_token(&asked.token),
        "refresh_token": provider.refresh_token_state(&asked.token),
    }))
}
