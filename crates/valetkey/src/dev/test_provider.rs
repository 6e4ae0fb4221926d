//! The built-in test provider, at the address that the developer chose.

use std::{net::SocketAddr, sync::Arc};

use valetkey_app::connection::{ConnectionConfig, ConnectionSecrets};
use valetkey_core::{Secret, connector::builtin};
use valetkey_testkit::provider::{TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider, TestProviderHandle};

use crate::{
    cli::Failure,
    system::{SystemClock, SystemEntropy},
};

/// Where the built-in definitions expect the test provider.
const USUAL: &str = "http://127.0.0.1:8444";

/// The test provider, running.
pub struct TestProviderAt {
    /// Its address.
    pub base_url: String,
    /// The same without scheme.
    pub address: SocketAddr,
    /// Stops it when dropped.
    _running: TestProviderHandle,
}

impl TestProviderAt {
    /// Starts it; port 0 takes a free one.
    pub async fn start(address: SocketAddr) -> Result<Self, Failure> {
        let provider = TestProvider::new(Arc::new(SystemEntropy), Arc::new(SystemClock));
        let running = provider.spawn(address).await.map_err(|error| {
            Failure(format!(
                "the test provider cannot listen on {address}: {error}; choose another --provider-listen"
            ))
        })?;
        let base_url = running.base_url.clone();
        let taken = base_url.strip_prefix("http://").and_then(|taken| taken.parse().ok());
        Ok(Self { base_url, address: taken.unwrap_or(address), _running: running })
    }

    /// The definitions of the connectors that lead to it.
    pub fn definitions(&self) -> Vec<(String, String)> {
        let leading_here = builtin().iter().filter(|(_, text)| text.contains(USUAL));
        leading_here.map(|(file, text)| ((*file).to_owned(), text.replace(USUAL, &self.base_url))).collect()
    }

    /// The settings of a connection that looks like one of a well-known provider and leads here.
    pub fn in_place_of_a_provider(&self) -> ConnectionConfig {
        ConnectionConfig {
            authorize_uri: Some(format!("{}/authorize", self.base_url)),
            token_uri: Some(format!("{}/token", self.base_url)),
            user_info_uri: Some(format!("{}/userinfo", self.base_url)),
            ..Self::client()
        }
    }

    /// The client that is registered with it.
    pub fn client() -> ConnectionConfig {
        ConnectionConfig { client_id: Some(TEST_CLIENT_ID.to_owned()), ..ConnectionConfig::default() }
    }

    /// The secret of the client that is registered with it.
    pub fn client_secret() -> ConnectionSecrets {
        ConnectionSecrets {
            client_secret: Some(Secret::from(TEST_CLIENT_SECRET)),
            ..ConnectionSecrets::default()
        }
    }
}
