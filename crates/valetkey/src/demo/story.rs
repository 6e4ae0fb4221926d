//! The steps. Each is checked: the story ends with the first one that did not happen.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use valetkey_app::{App, Caller, account::AccountAddress};
use valetkey_core::{Secret, revocation::RevocationState};
use valetkey_testkit::browser::{Browser, BrowserError};

use super::rest::{Rest, text};
use crate::{
    cli::{Failure, print},
    dev::{ENVIRONMENT, Ready},
};

const USER: &str = "alice@app.example";

/// Where the story happens.
pub struct Place<'a> {
    /// The installation.
    pub ready: &'a Ready,
    /// The file with the authority that its certificate is from.
    pub authority: &'a Path,
    /// The server itself, for what an operator does at its command line.
    pub app: &'a App,
}

/// Tells the story, a step at a time.
pub async fn tell(place: &Place<'_>) -> Result<(), Failure> {
    let server = place.ready.variable("SCALEKIT_ENVIRONMENT_URL");
    let mut application = Rest::new(server, place.authority)?;
    print(&format!("A server runs at {server}, with a throw-away database and a test provider.\n"))?;
    sign_in(&mut application, place.ready).await?;
    connection(&application).await?;
    let account = pending_account(&application).await?;
    let link = link(&application, &account).await?;
    consent(place.authority, &link).await?;
    active_account(&application, &account).await?;
    let old = call(&application, place.ready, &account).await?;
    let operator = Caller::operator(place.app.environment_named(ENVIRONMENT).await?.id);
    let address = AccountAddress { id: Some(account.clone()), ..AccountAddress::default() };
    refresh(&application, place, &operator, &address, &old).await?;
    disconnect(&application, place, &operator, &address, &account).await
}

fn step(number: u8, what: &str, facts: &[(&str, &str)]) -> Result<(), Failure> {
    print(&format!("{number}. {what}"))?;
    for (name, value) in facts {
        print(&format!("     {name:<12} {value}"))?;
    }
    Ok(())
}

/// Ends the story where something is not as it should be.
fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure(otherwise())) }
}

async fn sign_in(application: &mut Rest, ready: &Ready) -> Result<(), Failure> {
    let id = ready.variable("SCALEKIT_CLIENT_ID");
    let seconds = application.sign_in(id, &Secret::from(ready.variable("SCALEKIT_CLIENT_SECRET"))).await?;
    expect(seconds > 0, || "the application's token is not valid".into())?;
    step(
        1,
        "The application signs in with its client credentials.",
        &[("client", id), ("token", &format!("valid for {seconds} seconds"))],
    )
}

async fn connection(application: &Rest) -> Result<(), Failure> {
    let answer = application.get("/api/v1/connections/app?provider=TESTPROVIDER").await?;
    let found = &answer["connections"][0];
    step(
        2,
        "It has a connection to the test provider.",
        &[
            ("connection", text(found, "/key_id")?),
            ("id", text(found, "/id")?),
            ("provider", text(found, "/provider_key")?),
        ],
    )
}

async fn pending_account(application: &Rest) -> Result<String, Failure> {
    let wanted = json!({ "connector": "test", "identifier": USER, "connected_account": {} });
    let answer = application.post("/api/v1/connected_accounts", &wanted).await?;
    let account = &answer["connected_account"];
    let (id, status) = (text(account, "/id")?, text(account, "/status")?);
    expect(status == "PENDING_AUTH", || format!("the new account is {status} and not PENDING_AUTH"))?;
    step(3, "It creates the account of its user.", &[("account", id), ("user", USER), ("status", status)])?;
    Ok(id.to_owned())
}

async fn link(application: &Rest, account: &str) -> Result<Secret, Failure> {
    let answer = application.post("/api/v1/connected_accounts/magic_link", &json!({ "id": account })).await?;
    let link = Secret::from(text(&answer, "/link")?);
    let shown = link.expose().rsplit_once('/').map_or("", |(start, _)| start);
    step(
        4,
        "It asks for an authorization link and sends it to the user.",
        &[("link", &format!("{shown}/…")), ("expires", text(&answer, "/expiry")?)],
    )?;
    Ok(link)
}

async fn consent(authority: &Path, link: &Secret) -> Result<(), Failure> {
    // Addresses of our pages contain the token of the link.
    let token = link.expose().rsplit('/').next().unwrap_or_default();
    let failed = |error: BrowserError| {
        Failure(format!("the user got no further: {}", error.to_string().replace(token, "…")))
    };
    let authority = std::fs::read_to_string(authority).ok();
    let mut browser = Browser::new(authority).map_err(|error| Failure(error.to_string()))?;
    let asked = browser.get(link.expose()).await.map_err(failed)?.title.clone();
    let provider = browser.submit("Continue", &[]).await.map_err(failed)?.title.clone();
    let page = browser.submit("Approve", &[("user", "alice")]).await.map_err(failed)?;
    expect(page.status == 200 && page.title.contains("connected"), || {
        format!("the user ended on \"{}\" ({})", page.title, page.status)
    })?;
    step(
        5,
        "The user opens it, reads, continues to the provider, and approves.",
        &[("page", &asked), ("provider", &provider), ("end", &page.title)],
    )
}

async fn active_account(application: &Rest, id: &str) -> Result<(), Failure> {
    let answer = application.get(&format!("/api/v1/connected_accounts/details?id={id}")).await?;
    let account = &answer["connected_account"];
    let status = text(account, "/status")?;
    expect(status == "ACTIVE", || format!("the account is {status} and not ACTIVE"))?;
    step(
        6,
        "The account is connected; its tokens are sealed in the vault.",
        &[("account", id), ("status", status), ("expires", text(account, "/token_expires_at")?)],
    )
}

async fn access_token(application: &Rest, id: &str) -> Result<Secret, Failure> {
    let answer = application.get(&format!("/api/v1/connected_accounts/auth?id={id}")).await?;
    let details = &answer["connected_account"]["authorization_details"]["oauth_token"];
    text(details, "/access_token").map(Secret::from)
}

fn api(ready: &Ready) -> String {
    format!("{}/api/me", ready.variable("VALETKEY_TEST_PROVIDER_URL"))
}

async fn call(application: &Rest, ready: &Ready, id: &str) -> Result<Secret, Failure> {
    let token = access_token(application, id).await?;
    let api = api(ready);
    let me = application.call(&api, &token).await?;
    let subject = text(&me, "/subject")?;
    expect(subject == "alice", || format!("the API says that {subject} calls, and not alice"))?;
    step(
        7,
        "The application calls the provider's API as the user.",
        &[
            ("call", &format!("GET {api}")),
            ("answers", &format!("subject {subject}, scopes {}", words(&me["scopes"]))),
        ],
    )?;
    Ok(token)
}

async fn refresh(
    application: &Rest,
    place: &Place<'_>,
    operator: &Caller,
    address: &AccountAddress,
    old: &Secret,
) -> Result<(), Failure> {
    place.app.refresh_account(operator, address).await?;
    let status = place.app.token_status(operator, address).await?;
    let new = access_token(application, address.id.as_deref().unwrap_or_default()).await?;
    expect(new != *old, || "the access token is still the old one".into())?;
    application.call(&api(place.ready), &new).await?;
    step(
        8,
        "The tokens are refreshed, as they are by themselves before they run out.",
        &[
            ("credential", &format!("number {} of this account", status.generation)),
            ("expires", &status.expires_at.map(|at| at.to_string()).unwrap_or_default()),
        ],
    )
}

async fn disconnect(
    application: &Rest,
    place: &Place<'_>,
    operator: &Caller,
    address: &AccountAddress,
    id: &str,
) -> Result<(), Failure> {
    let token = access_token(application, id).await?;
    let account = place.app.disconnect_account(operator, address).await?.account;
    let told = told_provider(place.app, operator, address).await?;
    expect(told == "revoked", || format!("the provider has {told} and not revoked"))?;
    let refused = application.call(&api(place.ready), &token).await.is_err();
    expect(refused, || "the provider still accepts the token".into())?;
    step(
        9,
        "The user disconnects: the credential is destroyed here and revoked at the provider.",
        &[("account", id), ("state", account.state.as_str()), ("provider", told)],
    )
}

/// What became of the revocation, which the server sends in the background.
async fn told_provider(
    app: &App,
    operator: &Caller,
    address: &AccountAddress,
) -> Result<&'static str, Failure> {
    for _ in 0..100 {
        app.revoke_due().await?;
        match app.token_status(operator, address).await?.revocation {
            Some((RevocationState::Pending, _)) => tokio::time::sleep(Duration::from_millis(20)).await,
            Some((state, _)) => return Ok(state.as_str()),
            None => return Ok("nothing"),
        }
    }
    Ok(RevocationState::Pending.as_str())
}

fn words(list: &Value) -> String {
    let words: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    words.join(" ")
}
