//! The client and how it is made.

use std::{sync::Arc, time::Duration};

use http::Uri;

use crate::{
    Accounts, BuildError, BulkOperations, Cleanup, Connections, Events, Links, Tokens,
    call::{Inner, Shared},
    tls,
    token::{Grant, TokenSource},
    transport::Transport,
};

/// A client of one environment of a server. Cheap to clone; clones share their connections and their token.
#[derive(Clone, Debug)]
pub struct Client(Shared);

impl Client {
    /// Begins to describe a client of the server at `address`, such as `https://valetkey.example.com`.
    pub fn builder(address: impl Into<String>) -> Builder {
        Builder {
            address: address.into(),
            api_token: None,
            client_credentials: None,
            certificates: None,
            timeout: Duration::from_mins(1),
            max_retries: 2,
        }
    }

    /// Connected accounts.
    pub fn accounts(&self) -> Accounts {
        Accounts(self.0.clone())
    }

    /// Links to the hosted page.
    pub fn links(&self) -> Links {
        Links(self.0.clone())
    }

    /// Connections.
    pub fn connections(&self) -> Connections {
        Connections(self.0.clone())
    }

    /// API tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens(self.0.clone())
    }

    /// Operations on many accounts.
    pub fn bulk_operations(&self) -> BulkOperations {
        BulkOperations(self.0.clone())
    }

    /// The journal.
    pub fn events(&self) -> Events {
        Events(self.0.clone())
    }

    /// Accounts that nobody needs any more.
    pub fn cleanup(&self) -> Cleanup {
        Cleanup(self.0.clone())
    }
}

/// What a client is to be.
pub struct Builder {
    address: String,
    api_token: Option<String>,
    client_credentials: Option<(String, String)>,
    certificates: Option<String>,
    timeout: Duration,
    max_retries: u32,
}

impl Builder {
    /// Authenticates with an API token, `vkt_…`.
    #[must_use]
    pub fn api_token(mut self, token: impl Into<String>) -> Self {
        self.api_token = Some(token.into());
        self
    }

    /// Authenticates with client credentials.
    #[must_use]
    pub fn client_credentials(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.client_credentials = Some((id.into(), secret.into()));
        self
    }

    /// Trusts these PEM certificates beside the public ones.
    #[must_use]
    pub fn certificates(mut self, pem: impl Into<String>) -> Self {
        self.certificates = Some(pem.into());
        self
    }

    /// How long one attempt may take. Default: one minute.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often a call is repeated that did not reach the server or met a busy one. Default: 2.
    #[must_use]
    pub fn max_retries(mut self, times: u32) -> Self {
        self.max_retries = times;
        self
    }

    /// Makes the client. Nothing is sent yet.
    pub fn build(self) -> Result<Client, BuildError> {
        let origin: Uri = self.address.trim_end_matches('/').parse().map_err(|_| BuildError::Address)?;
        let complete = matches!(origin.scheme_str(), Some("http" | "https")) && origin.host().is_some();
        if !complete || origin.path() != "/" || origin.query().is_some() {
            return Err(BuildError::Address);
        }
        let tls = tls::config(self.certificates.as_deref())?;
        let tokens = match (self.api_token, self.client_credentials) {
            (Some(token), None) => TokenSource::Fixed(token.into()),
            (None, Some((id, secret))) => {
                let endpoint = format!("{}/oauth/token", origin.to_string().trim_end_matches('/'));
                let endpoint = endpoint.parse().map_err(|_| BuildError::Address)?;
                TokenSource::Grant(Arc::new(Grant::new(tls.clone(), endpoint, &id, &secret)))
            }
            _ => return Err(BuildError::Credentials),
        };
        Ok(Client(Shared::new(Inner {
            transport: Transport::new(tls, tokens),
            origin,
            timeout: self.timeout,
            max_retries: self.max_retries,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_needs_an_address_and_one_way_to_authenticate() {
        let with = |address: &str| Client::builder(address).api_token("vkt_1").build();
        assert!(with("https://valetkey.example.com/").is_ok());
        for address in ["", "valetkey.example.com", "ftp://example.com", "https://example.com/path"] {
            assert!(matches!(with(address), Err(BuildError::Address)), "{address}");
        }
        let both =
            Client::builder("https://example.com").api_token("vkt_1").client_credentials("id", "secret");
        assert!(matches!(both.build(), Err(BuildError::Credentials)));
        assert!(matches!(Client::builder("https://example.com").build(), Err(BuildError::Credentials)));
    }

    #[test]
    fn what_a_client_prints_has_no_secret() {
        let client = Client::builder("https://example.com").client_credentials("id", "vks_secret").build();
        assert!(!format!("{client:?}").contains("vks_secret"));
    }
}
