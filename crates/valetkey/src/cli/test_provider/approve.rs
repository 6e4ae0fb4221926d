//! `valetkey test-provider approve`.

use std::path::PathBuf;

use clap::Args;
use valetkey_testkit::browser::{Browser, BrowserError};

use crate::cli::{Failure, installation::block_on, print};

/// The button of the hosted page that leads to the provider.
const CONTINUE: &str = "Continue";

/// Be the user of a link: open it, continue to the test provider and answer there, without a browser.
///
/// Prints the title of the page on which the user ends, or the address of the application to which the browser would be
/// sent.
#[derive(Debug, Args)]
pub struct Approve {
    /// The authorization link, or an address of the test provider's authorization endpoint.
    #[arg(value_name = "URL")]
    link: String,
    /// Who the user is at the test provider.
    #[arg(long, value_name = "NAME", default_value = "alice")]
    user: String,
    /// Do not approve.
    #[arg(long)]
    deny: bool,
    /// The authority of the server's certificate, in PEM. `valetkey dev` writes one and names it in this variable.
    #[arg(long, value_name = "FILE", env = "NODE_EXTRA_CA_CERTS")]
    ca_file: Option<PathBuf>,
}

impl Approve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let unreadable =
            |file: &PathBuf, error| Failure(format!("{} cannot be read: {error}", file.display()));
        let read = |file: &PathBuf| std::fs::read_to_string(file).map_err(|error| unreadable(file, error));
        let authority = self.ca_file.as_ref().map(read).transpose()?;
        let mut browser = Browser::new(authority).map_err(|error| Failure(error.to_string()))?;
        block_on(async {
            let end = self.answer(&mut browser).await.map_err(|error| self.failed(&error))?;
            match browser.redirects().last().filter(|address| Some(*address) != browser.url()) {
                Some(address) => print(address.as_str()),
                None if end.0 < 400 => print(&end.1),
                None => Err(Failure(format!("the user ended on \"{}\" ({})", end.1, end.0))),
            }
        })
    }

    /// Goes through the pages. Returns status and title of the last one.
    async fn answer(&self, browser: &mut Browser) -> Result<(u16, String), BrowserError> {
        let page = browser.get(&self.link).await?;
        let start = page.url.origin();
        let hosted = page.forms.iter().any(|form| form.button(CONTINUE).is_some());
        let provider = if hosted { browser.submit(CONTINUE, &[]).await? } else { page };
        let provider = provider.url.origin();
        browser.stay_within(vec![start, provider]);
        let button = if self.deny { "Deny" } else { "Approve" };
        let page = browser.submit(button, &[("user", &self.user)]).await?;
        Ok((page.status, page.title.clone()))
    }

    /// Addresses of our pages contain the token of the link, which is not shown.
    fn failed(&self, error: &BrowserError) -> Failure {
        let told = match self.link.rsplit('/').next() {
            Some(token) if !token.is_empty() => error.to_string().replace(token, "…"),
            _ => error.to_string(),
        };
        Failure(format!("the user got no further: {told}"))
    }
}
