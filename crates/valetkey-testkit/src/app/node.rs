//! One of several processes of an installation, though in the test's own process: the use cases on a database and with
//! a provider that others use too, without a server.

use std::sync::Arc;

use valetkey_app::{
    App, Caller, Settings,
    account::{AccountAddress, AccountView, CreateAccount, CredentialInput, OauthInput, UpdateAccount},
    connection::ConnectionView,
    environment::Environment,
    refresh::RefresherSettings,
};
use valetkey_core::{Clock, Entropy, connector::Registry, error_code::ErrorCode};
use valetkey_store::{Pool, WriteObserver};

use super::{
    Outcome, TestClock, TestDatabase,
    start::{create_connection, first_environment, join, loopback},
};
use crate::provider::GrantTokens;

/// What a node is made of.
#[derive(Clone)]
pub struct NodeOptions {
    /// The database, which may be empty.
    pub database: Arc<TestDatabase>,
    /// The connectors; [`registry`](super::registry) makes them. They take long to read, so that nodes share them.
    pub registry: Registry,
    /// The time.
    pub clock: Arc<TestClock>,
    /// The randomness; no two nodes of one database may have the same.
    pub entropy: Arc<dyn Entropy>,
    /// Told of every write.
    pub observer: Option<Arc<dyn WriteObserver>>,
    /// How much is refreshed at a time.
    pub refresher: RefresherSettings,
}

/// The use cases on a database, and the first environment in it.
#[derive(Clone)]
pub struct Node {
    /// The use cases.
    pub app: App,
    /// The open database.
    pub pool: Pool,
    /// The first environment.
    pub environment: Environment,
}

impl Node {
    /// Opens the database and joins the use cases.
    ///
    /// # Errors
    /// Where something does not start.
    pub async fn start(options: NodeOptions) -> Outcome<Self> {
        let pool = options.database.open(options.clock.now(), options.observer).await?;
        let settings = Settings { refresher: options.refresher, ..Settings::new("http://node.example") };
        let app = join(&pool, settings, loopback()?, options.clock, options.entropy, options.registry)?;
        let environment = first_environment(&app).await?;
        Ok(Self { app, pool, environment })
    }

    /// An operator of the first environment.
    pub fn operator(&self) -> Caller {
        Caller::operator(self.environment.id.clone())
    }

    /// A connection of any connector whose OAuth application is the test provider's.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub async fn connection(&self, name: &str, provider_key: &str) -> Outcome<ConnectionView> {
        create_connection(&self.app, &self.operator(), name, provider_key).await
    }

    /// Imports the tokens of a grant: into a new account of the connection that has the grant's user as identifier, or
    /// into the one that is there. The provider did not say when the access token runs out, because an import does not.
    ///
    /// # Errors
    /// As creating or updating an account does.
    pub async fn import(&self, connection: &str, grant: &GrantTokens) -> valetkey_app::Result<AccountView> {
        let address = AccountAddress {
            connector: Some(connection.into()),
            identifier: Some(grant.user.clone()),
            ..AccountAddress::default()
        };
        let credential = CredentialInput::Oauth(OauthInput {
            access_token: grant.access_token.as_str().into(),
            refresh_token: grant.refresh_token.as_str().into(),
            scopes: vec![],
        });
        let create = CreateAccount {
            address: address.clone(),
            credential: Some(credential.clone()),
            ..CreateAccount::default()
        };
        let caller = self.operator();
        match self.app.create_account(&caller, create).await {
            Err(error) if error.code == ErrorCode::AccountAlreadyExists => {
                let update =
                    UpdateAccount { address, credential: Some(credential), ..UpdateAccount::default() };
                self.app.update_account(&caller, update).await
            }
            made => made,
        }
    }
}
