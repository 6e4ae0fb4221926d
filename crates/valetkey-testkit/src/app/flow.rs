//! The way of a user from a link to a connected account, through a browser.

use http::Method;
use serde_json::{Value, json};
use url::Url;
use valetkey_core::id::AccountId;
use valetkey_store::{PageRequest, event};

use super::{TestApp, start::Outcome};
use crate::browser::{Browser, Page};

/// The part of an address by which a callback is known.
const CALLBACK: &str = "/sso/v1/oauth/";

/// A callback on its way: the browser holds it back.
pub struct Arrived {
    /// The browser that started.
    pub browser: Browser,
    /// The authorization request, with the state.
    pub authorization: Url,
    /// Where the provider sends the browser, with code or error, and the state.
    pub callback: Url,
}

impl Arrived {
    /// A parameter of the callback; empty where it has none.
    pub fn parameter(&self, name: &str) -> String {
        let found = self.callback.query_pairs().find(|(given, _)| given == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// Goes on with the callback.
    ///
    /// # Errors
    /// Where no answer comes.
    pub async fn deliver(&mut self) -> Outcome<Page> {
        self.browser.stop_before(None);
        Ok(self.browser.get(self.callback.as_str()).await?.clone())
    }
}

/// Opens a link and goes to the consent page of the provider; returns the authorization request.
///
/// # Errors
/// Where a page is not as expected.
pub async fn leave(browser: &mut Browser, link: &str) -> Outcome<Url> {
    browser.get(link).await?;
    browser.submit("Continue", &[]).await?;
    Ok(browser.redirects().first().ok_or("the button leads nowhere")?.clone())
}

/// Opens a link, consents at the provider as `user`, and comes back to the last page.
///
/// # Errors
/// Where a page is not as expected.
pub async fn approve(browser: &mut Browser, link: &str, user: &str) -> Outcome<Page> {
    leave(browser, link).await?;
    Ok(browser.submit("Approve", &[("user", user)]).await?.clone())
}

impl TestApp {
    /// An authorization link, made by REST.
    ///
    /// # Errors
    /// Where it is refused.
    pub async fn link(&self, connector: &str, identifier: &str) -> Outcome<String> {
        self.link_with(json!({ "connector": connector, "identifier": identifier })).await
    }

    /// An authorization link for any request.
    ///
    /// # Errors
    /// Where it is refused.
    pub async fn link_with(&self, body: Value) -> Outcome<String> {
        let answer = self.call(Method::POST, "/api/v1/connected_accounts/magic_link", Some(body)).await?;
        let link = answer.json()["link"].as_str().map(ToOwned::to_owned);
        link.ok_or_else(|| format!("no link: {}", answer.text).into())
    }

    /// Consents as `user` in a new browser, whose callback is held back.
    ///
    /// # Errors
    /// Where a page is not as expected.
    pub async fn arrive(&self, link: &str, user: &str) -> Outcome<Arrived> {
        let mut browser = self.browser()?;
        let authorization = leave(&mut browser, link).await?;
        browser.stop_before(Some(CALLBACK));
        browser.submit("Approve", &[("user", user)]).await?;
        let callback = browser.redirects().last().ok_or("the provider does not call back")?.clone();
        Ok(Arrived { browser, authorization, callback })
    }

    /// Connects an account of the connection `connector` as the provider's user `user`.
    ///
    /// # Errors
    /// Where it is not connected.
    pub async fn connect(&self, connector: &str, identifier: &str, user: &str) -> Outcome<Value> {
        let link = self.link(connector, identifier).await?;
        approve(&mut self.browser()?, &link, user).await?;
        let account = self.account(connector, identifier).await?;
        if account["status"] == "ACTIVE" { Ok(account) } else { Err(format!("not active: {account}").into()) }
    }

    /// An account without its credential, by REST; `null` where there is none.
    ///
    /// # Errors
    /// Where no answer comes.
    pub async fn account(&self, connector: &str, identifier: &str) -> Outcome<Value> {
        self.read_account("details", connector, identifier).await
    }

    /// An account with its credential, by REST; `null` where there is none.
    ///
    /// # Errors
    /// Where no answer comes.
    pub async fn account_with_credential(&self, connector: &str, identifier: &str) -> Outcome<Value> {
        self.read_account("auth", connector, identifier).await
    }

    async fn read_account(&self, what: &str, connector: &str, identifier: &str) -> Outcome<Value> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("connector", connector), ("identifier", identifier)])
            .finish();
        let path = format!("/api/v1/connected_accounts/{what}?{query}");
        Ok(self.call(Method::GET, &path, None).await?.json()["connected_account"].take())
    }

    /// What the journal says about an account: kind and details, newest first.
    ///
    /// # Errors
    /// Where the account has no id or the journal cannot be read.
    pub async fn journal(&self, account: &Value) -> Outcome<Vec<(String, Value)>> {
        let id: AccountId = account["id"].as_str().ok_or("the account has no id")?.parse()?;
        let page = PageRequest { size: 1000, token: None };
        self.app.flush_uses().await?;
        let mut reader = self.pool.read().await?;
        let events = event::list(&mut reader, &self.environment.id, &id, &page).await?.items;
        events
            .into_iter()
            .map(|event| Ok((event.kind.as_str().to_owned(), serde_json::from_str(&event.details)?)))
            .collect()
    }
}
