//! Two environments do not know of each other. Made from the OpenAPI document, so that a new operation is in it.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value, json};
use valetkey_app::{call::ToolCall, environment::UpdateEnvironment};
use valetkey_core::{Clock, Secret, environment::VerificationMode, id::EnvironmentId};
use valetkey_testkit::{
    app::{Answer, Outcome, TestApp, approve},
    provider::{TEST_CLIENT_ID, TEST_CLIENT_SECRET},
};

/// What environment B has, under the names that operations use, each with a random one of the same shape.
struct Theirs {
    values: BTreeMap<&'static str, (String, String)>,
    token: Secret,
}

async fn post(app: &TestApp, token: &Secret, path: &str, body: Value) -> Outcome<Value> {
    let answer = app.call_as(Some(token.expose()), Method::POST, path, Some(body)).await?;
    if answer.status == 200 { Ok(answer.json()) } else { Err(format!("{path}: {}", answer.text).into()) }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_default().to_owned()
}

/// An id of the same shape that nothing has.
fn unlike(id: &str) -> String {
    let (prefix, body) = id.split_at(id.find('_').map_or(0, |at| at + 1));
    format!("{prefix}{}", "0".repeat(body.len().saturating_sub(1)) + "1")
}

/// Puts one of everything into an environment.
async fn furnish(app: &TestApp, token: &Secret, mark: &str) -> Outcome<BTreeMap<&'static str, String>> {
    let provider = json!({ "display_name": format!("Provider {}", mark.replace('-', " ")), "proxy_url": "https://api.example/v1",
        "auth_patterns": [{ "type": "BEARER", "display_name": "Token",
            "fields": [{ "field_name": "token", "input_type": "password", "required": true }] }] });
    let provider = post(app, token, "/api/v1/custom-providers", provider).await?["provider"].take();
    let connection = json!({ "provider_key": "TESTPROVIDER", "key_id": format!("{mark}-connection") });
    let connection = post(app, token, "/api/v1/connections", connection).await?["connection"].take();
    let client =
        json!({ "oauth_config": { "client_id": TEST_CLIENT_ID, "client_secret": TEST_CLIENT_SECRET } });
    let path = format!("/api/v1/connections/{}", id(&connection));
    app.call_as(Some(token.expose()), Method::PATCH, &path, Some(client)).await?;
    let organization = json!({ "display_name": format!("Organization {mark}"),
        "external_id": format!("{mark}-external") });
    let organization = post(app, token, "/api/v1/organizations", organization).await?["organization"].take();
    let account = json!({ "connector": format!("{mark}-connection"), "identifier": format!("{mark}-user"),
        "organization_id": id(&organization), "user_id": format!("{mark}-user-id"),
        "connected_account": { "authorization_details": { "oauth_token": {
            "access_token": format!("{mark}-access-token") } } } });
    let account = post(app, token, "/api/v1/connected_accounts", account).await?["connected_account"].take();
    let link = format!("/v1/connect/accounts/{}/links", id(&account));
    let link = post(app, token, &link, json!({})).await?;
    let bulk =
        json!({ "accounts": [{ "connection_id": id(&connection), "identifier": format!("{mark}-bulk") }] });
    let operation = post(app, token, "/v1/connect/accounts:bulk-create", bulk).await?;
    let api_token = json!({ "name": format!("{mark}-token") });
    let api_token = post(app, token, "/v1/connect/tokens", api_token).await?["api_token"].take();
    Ok(BTreeMap::from([
        ("provider", provider["identifier"].as_str().ok_or("no identifier")?.to_owned()),
        ("connection", id(&connection)),
        ("connection name", format!("{mark}-connection")),
        ("organization", id(&organization)),
        ("external id", format!("{mark}-external")),
        ("account", id(&account)),
        ("link", id(&link)),
        ("operation", id(&operation)),
        ("API token", id(&api_token)),
        ("identifier", format!("{mark}-user")),
        ("user", format!("{mark}-user-id")),
    ]))
}

/// Parks a credential until the application confirms the user; returns the `auth_request_id`.
async fn park(
    app: &TestApp,
    environment: &EnvironmentId,
    token: &Secret,
    connection: &str,
) -> Outcome<String> {
    let verification_mode = Some(VerificationMode::Custom);
    let change = UpdateEnvironment { verification_mode, ..UpdateEnvironment::default() };
    app.app.update_environment(environment, change).await?;
    let operator = valetkey_app::Caller::operator(environment.clone());
    app.connection_in(&operator, connection, "TESTPROVIDER").await?;
    // The identifier that requests of the other environment name when they are after the request itself.
    let body = json!({ "connector": connection, "identifier": "a-user",
        "user_verify_url": "https://app.example/verify" });
    let link = post(app, token, "/api/v1/connected_accounts/magic_link", body).await?["link"].take();
    let mut browser = app.browser()?;
    browser.stop_before(Some("https://app.example/"));
    approve(&mut browser, link.as_str().unwrap_or_default(), "alice").await?;
    let end = browser.redirects().last().ok_or("no redirect")?;
    let id = end.query_pairs().find(|(name, _)| name == "auth_request_id").ok_or("no auth request")?;
    Ok(id.1.into_owned())
}

/// Records a call of an account, with a name for each thing that a filter can name; returns its execution id.
fn call(
    app: &TestApp,
    environment: &EnvironmentId,
    made: &BTreeMap<&str, String>,
    run: &str,
) -> Outcome<String> {
    let call = ToolCall {
        environment_id: environment.clone(),
        agent_run_id: Some(run.into()),
        provider: made["provider"].clone(),
        account_id: Some(made["account"].parse()?),
        connection_id: Some(made["connection"].parse()?),
        connection_name: made["connection name"].clone(),
        identifier: made["identifier"].clone(),
        ..crate::calls::support::tool_call(app, app.clock.now(), 1)
    };
    let id = call.id.to_string();
    app.app.record_call(call);
    Ok(id)
}

/// Which of the things a field names; `None` where it names nothing that belongs to an environment.
fn thing(service: &str, field: &str) -> Option<&'static str> {
    Some(match (service, field) {
        (_, "connection_id") => "connection",
        (_, "link_id") => "link",
        (_, "operation_id") => "operation",
        (_, "token_id") => "API token",
        (_, "account_ids") => "account",
        ("ApiTokenService", "name") => return None,
        (_, "auth_request_id") => "auth request",
        (_, "execution_id") => "execution",
        (_, "agent_run_id") => "agent run",
        (_, "external_id") => "external id",
        (_, "user_id") => "user",
        (_, "connector" | "connection_name" | "connection_names" | "key_id" | "name") => "connection name",
        (_, "provider" | "provider_key") | ("ProviderService", "identifier") => "provider",
        (_, "identifier") => "identifier",
        (_, "organization_id") | ("OrganizationService", "id") => "organization",
        (_, field) if field == "id" || field.ends_with("_id") => "account",
        _ => return None,
    })
}

/// One operation of the document.
struct Operation {
    service: String,
    method: Method,
    path: String,
    in_path: Vec<String>,
    query: Vec<String>,
    body: Vec<String>,
    required: Map<String, Value>,
}

/// A value for a required field of a body, so that the request gets as far as looking something up.
fn filler(name: &str) -> Value {
    match name {
        "display_name" => json!("Another one"),
        "proxy_url" => json!("https://api.example/v1"),
        "auth_patterns" => json!([]),
        "identifier" => json!("a-user"),
        "connected_account" | "connection" | "organization" | "provider" => json!({}),
        _ => json!("x".repeat(26)),
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut found = vec![];
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let names = |place: &str| -> Vec<String> {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let parameters = parameters.filter(|parameter| parameter["in"] == place);
                parameters.filter_map(|one| one["name"].as_str().map(ToOwned::to_owned)).collect()
            };
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let reference = schema["$ref"].as_str().map(|at| at.trim_start_matches('#'));
            let schema = reference.and_then(|at| document.pointer(at)).unwrap_or(schema);
            let keys = schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned().collect();
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            found.push(Operation {
                service: operation["tags"][0].as_str().unwrap_or_default().to_owned(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                in_path: names("path"),
                query: names("query"),
                body: keys,
                required: required.map(|name| (name.to_owned(), filler(name))).collect(),
            });
        }
    }
    found
}

impl Operation {
    /// The fields that name something, with what they name.
    fn names(&self) -> Vec<(&str, &'static str)> {
        let all = self.in_path.iter().chain(&self.query).chain(&self.body);
        all.filter_map(|field| Some((field.as_str(), thing(&self.service, field)?))).collect()
    }

    /// The operation with a value for one field; other variables of the path get something that is not there.
    async fn call(&self, app: &TestApp, token: &Secret, given: Option<(&str, &str)>) -> Outcome<Answer> {
        let value = |name: &str| given.filter(|(field, _)| *field == name).map(|(_, value)| value);
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut path = self.path.clone();
        for name in &self.in_path {
            path = path.replace(&format!("{{{name}}}"), &encoded(value(name).unwrap_or("none")));
        }
        let query: Vec<_> = self
            .query
            .iter()
            .filter_map(|name| {
                let required = (name == "query" && path.ends_with(":search")).then_some("zzz");
                Some(format!("{name}={}", encoded(value(name).or(required)?)))
            })
            .collect();
        let has_body = !self.body.is_empty();
        let mut body = self.required.clone();
        if let Some((name, value)) = given.filter(|(name, _)| self.body.iter().any(|key| key == name)) {
            let list = name.ends_with('s');
            body.insert(name.to_owned(), if list { json!([value]) } else { json!(value) });
        }
        let path = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        let body = has_body.then_some(Value::Object(body));
        app.call_as(Some(token.expose()), self.method.clone(), &path, body).await
    }

    fn label(&self, field: &str) -> String {
        format!("{} {} with {field}", self.method, self.path)
    }
}

/// The answer without the request id, the given value, and times and ids that are new in every answer.
fn comparable(answer: &Answer, value: &str) -> (u16, String) {
    let body = answer.text.replace(value, "VALUE");
    let mut json: Value = serde_json::from_str(&body).unwrap_or(Value::String(body));
    strip(&mut json);
    (answer.status.as_u16(), json.to_string())
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in ["request_info", "request_id", "id", "expiry", "link", "updated_at"] {
                members.remove(name);
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

async fn two_environments(app: &TestApp) -> Outcome<Theirs> {
    furnish(app, &app.token, "ours").await?;
    let (environment, token) = app.another_environment("theirs").await?;
    let mut made = furnish(app, &token, "hidden-theirs").await?;
    let parked = park(app, &environment.id, &token, "hidden-theirs-parked").await?;
    made.insert("auth request", parked);
    made.insert("execution", call(app, &environment.id, &made, "hidden-theirs-run")?);
    made.insert("agent run", "hidden-theirs-run".into());
    // Uses so far are on record, so that nothing changes by itself any more.
    app.app.flush_uses().await?;
    let values = made.into_iter().map(|(name, value)| {
        let random = match name {
            "account" | "connection" | "organization" | "execution" | "link" | "operation" | "API token" => {
                unlike(&value)
            }
            _ => value.chars().rev().collect(),
        };
        (name, (value, random))
    });
    Ok(Theirs { values: values.collect(), token })
}

async fn document(app: &TestApp) -> Outcome<Value> {
    Ok(app.call_as(None, Method::GET, "/openapi.json", None).await?.json())
}

#[tokio::test]
async fn t60_what_another_environment_has_is_as_unknown_as_what_nobody_has() -> Outcome<()> {
    let app = TestApp::start().await?;
    let theirs = two_environments(&app).await?;
    // Reading their own credentials is a use, which is recorded a moment later.
    everything(&app, &theirs.token).await?;
    app.app.flush_uses().await?;
    let before = everything(&app, &theirs.token).await?;
    let (mut compared, mut not_found) = (0, 0);
    for operation in operations(&document(&app).await?) {
        for (field, thing) in operation.names() {
            let (real, random) = &theirs.values[thing];
            let hit = operation.call(&app, &app.token, Some((field, real))).await?;
            let miss = operation.call(&app, &app.token, Some((field, random))).await?;
            let label = operation.label(field);
            assert_eq!(comparable(&hit, real), comparable(&miss, random), "{label}");
            let others = theirs.values.values().map(|(value, _)| value).filter(|value| *value != real);
            for other in others.filter(|value| !real.contains(value.as_str()) && value.len() > 4) {
                assert!(!hit.text.contains(other), "{label} tells of {other}: {}", hit.text);
            }
            compared += 1;
            not_found += usize::from(hit.status == 404);
        }
    }
    assert!(compared >= 60 && not_found >= 20, "{compared} compared, {not_found} not found");
    assert_eq!(everything(&app, &theirs.token).await?, before, "nothing of theirs has changed");
    let id = &theirs.values["auth request"].0;
    let body = json!({ "auth_request_id": id, "identifier": "a-user" });
    post(&app, &theirs.token, "/api/v1/connected_accounts/user/verify", body).await?;
    Ok(())
}

/// All that an environment has, as its own client sees it.
async fn everything(app: &TestApp, token: &Secret) -> Outcome<String> {
    let mut text = String::new();
    for path in [
        "/api/v1/connected_accounts",
        "/api/v1/connections/app",
        "/api/v1/organizations?page_size=30",
        "/api/v1/providers?filter.provider_type=CUSTOM",
        "/api/v1/agentkit/tool_call_logs",
        "/api/v1/agentkit/analytics/overview",
        "/v1/connect/accounts",
        "/v1/connect/connections",
        "/v1/connect/tokens",
    ] {
        let answer = app.call_as(Some(token.expose()), Method::GET, path, None).await?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        text.push_str(&answer.text);
    }
    Ok(text)
}

#[tokio::test]
async fn t60_the_same_requests_find_something_with_the_owners_token() -> Outcome<()> {
    let app = TestApp::start().await?;
    let theirs = two_environments(&app).await?;
    let mut found = vec![];
    for operation in operations(&document(&app).await?) {
        if operation.method != Method::GET {
            continue;
        }
        for (field, thing) in operation.names() {
            let (real, random) = &theirs.values[thing];
            let hit = operation.call(&app, &theirs.token, Some((field, real))).await?;
            let miss = operation.call(&app, &theirs.token, Some((field, random))).await?;
            if comparable(&hit, real) != comparable(&miss, random) {
                found.push(operation.label(field));
            }
        }
    }
    assert!(found.len() >= 8, "the test above compares nothing: {found:?}");
    Ok(())
}

#[tokio::test]
async fn t60_no_list_shows_a_row_of_another_environment() -> Outcome<()> {
    let app = TestApp::start().await?;
    let theirs = two_environments(&app).await?;
    let mut lists = 0;
    for operation in operations(&document(&app).await?) {
        if operation.method != Method::GET || !operation.in_path.is_empty() {
            continue;
        }
        let answer = operation.call(&app, &app.token, None).await?;
        assert!(
            !answer.text.replace(' ', "-").contains("hidden-theirs"),
            "{}: {}",
            operation.path,
            answer.text
        );
        for (value, _) in theirs.values.values().filter(|(value, _)| value.len() > 8) {
            assert!(!answer.text.contains(value.as_str()), "{}: {value}", operation.path);
        }
        lists += usize::from(answer.status == 200);
    }
    assert!(lists >= 4, "{lists} lists");
    Ok(())
}
