//! An installation with accounts at a running provider, and an operator at its command line.

use std::{net::Ipv4Addr, process::Command, sync::Arc};

use serde_json::Value;
use tokio::runtime::Runtime;
use valetkey_app::{
    App, Caller, Parts, Settings,
    account::{AccountAddress, CreateAccount, CredentialInput, OauthInput},
    tool::ExecuteTool,
};
use valetkey_core::{
    Clock, Entropy, Secret, Timestamp,
    call::CallSource,
    connector::{Registry, builtin},
};
use valetkey_provider::{
    Provider, ProviderOptions,
    egress::{AllowEntry, EgressPolicy, Purpose},
};
use valetkey_store::{ConnectOptions, Pool};
use valetkey_testkit::{
    app::SeededEntropy,
    provider::{GrantTokens, TEST_CLIENT_ID, TEST_CLIENT_SECRET, TestProvider, TestProviderHandle},
};
use valetkey_vault::{Keyring, LocalKey};

use crate::valetkey::{KEY, Place, Ran, repository, run};

/// Where the built-in definition expects the test provider.
const USUAL: &str = "http://127.0.0.1:8444";

/// A client secret that the provider does not accept.
const WRONG_SECRET: &str = "not-the-secret-of-the-client";

/// The time of this machine, as the command has it.
struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_millis(since.as_millis().try_into().unwrap())
    }
}

/// The night: everything an operator has to do with.
pub(crate) struct Night {
    pub(crate) place: Place,
    pub(crate) provider: TestProviderHandle,
    runtime: Runtime,
    /// Everything that must not be in any output.
    secrets: Vec<String>,
}

/// An account with what the provider issued for it.
pub(crate) struct Connected {
    pub(crate) id: String,
    pub(crate) grant: GrantTokens,
}

impl Night {
    /// An installation with the environment `prod` and the connection `test` to a running provider.
    pub(crate) fn falls() -> Self {
        Self::over(Place::new())
    }

    /// The same at another place.
    pub(crate) fn over(place: Place) -> Self {
        let runtime = Runtime::new().unwrap();
        let provider = runtime.block_on(async {
            let provider = TestProvider::new(Arc::new(SeededEntropy::new(1)), Arc::new(Now));
            provider.spawn((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap()
        });
        let built_in = std::fs::read_to_string(repository().join("connectors/testprovider/connector.yaml"));
        let night = Self {
            place,
            provider,
            runtime,
            secrets: vec![TEST_CLIENT_SECRET.into(), WRONG_SECRET.into(), KEY.into()],
        };
        night.define("testprovider", &built_in.unwrap());
        night.place.write("secret", TEST_CLIENT_SECRET, 0o600);
        night.place.write("wrong", WRONG_SECRET, 0o600);
        night.out(&["environment", "create", "prod"]);
        night.connection("test", "testprovider");
        night
    }

    /// Puts a definition, written for the usual address of the test provider, among the operator's own.
    pub(crate) fn define(&self, slug: &str, text: &str) {
        std::fs::create_dir_all(self.place.path(&format!("connectors/{slug}"))).unwrap();
        let text = text.replace(USUAL, &self.provider.base_url);
        self.place.write(&format!("connectors/{slug}/connector.yaml"), &text, 0o600);
    }

    /// Makes a connection of a connector whose client is the test provider's.
    pub(crate) fn connection(&self, name: &str, connector: &str) {
        let secret = self.place.path("secret");
        let create = ["connection", "create", connector, "--name", name, "--client-id", TEST_CLIENT_ID];
        self.out(&[&create[..], &["--client-secret-file", &secret]].concat());
    }

    /// A command on this installation.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.command(arguments);
        command
            .env("VALETKEY_CONNECTORS_DIRECTORY", self.place.path("connectors"))
            .env("VALETKEY_EGRESS_ALLOW", "any=127.0.0.1");
        command
    }

    /// Runs a command, and looks for secrets in what it writes.
    pub(crate) fn try_run(&self, arguments: &[&str]) -> Ran {
        let ran = run(&mut self.command(arguments));
        self.assert_silent(&ran.out);
        self.assert_silent(&ran.err);
        ran
    }

    /// Fails where a text has a secret that this test gave, or a token that the provider issued meanwhile.
    pub(crate) fn assert_silent(&self, text: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret.as_str()), "a secret in {text}");
        }
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let token = |word: &&str| {
            let body = word.strip_prefix("at_").or_else(|| word.strip_prefix("rt_"));
            body.is_some_and(|body| body.starts_with(|c: char| c.is_ascii_digit()))
        };
        assert_eq!(words.clone().find(token), None, "a token in {text}");
    }

    /// Waits for something that the provider does.
    pub(crate) fn wait<T>(&self, happening: impl Future<Output = T>) -> T {
        self.runtime.block_on(happening)
    }

    pub(crate) fn out(&self, arguments: &[&str]) -> String {
        let ran = self.try_run(arguments);
        assert!(ran.success, "valetkey {arguments:?}: {}{}", ran.out, ran.err);
        ran.out
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.out(&[arguments, &["--json"]].concat()).parse().unwrap()
    }

    /// Runs a command that fails, and returns its result and its complaint.
    pub(crate) fn fails(&self, arguments: &[&str]) -> (Value, String) {
        let ran = self.try_run(&[arguments, &["--json"]].concat());
        assert!(!ran.success, "valetkey {arguments:?}: {}", ran.out);
        (ran.out.parse().unwrap_or_default(), ran.err)
    }

    /// Connects an account of a connection with tokens that the provider has issued.
    pub(crate) fn account(&mut self, connection: &str, identifier: &str) -> Connected {
        let grant = self.provider.provider.issue_grant(TEST_CLIENT_ID, identifier, &["profile", "read"]);
        self.secrets.extend([grant.access_token.clone(), grant.refresh_token.clone()]);
        let id = self.runtime.block_on(self.import(connection, identifier, None, &grant));
        Connected { id, grant }
    }

    /// The same in an organization.
    pub(crate) fn account_in(&mut self, connection: &str, identifier: &str, organization: &str) -> Connected {
        let grant = self.provider.provider.issue_grant(TEST_CLIENT_ID, identifier, &["profile"]);
        self.secrets.extend([grant.access_token.clone(), grant.refresh_token.clone()]);
        let id = self.runtime.block_on(self.import(connection, identifier, Some(organization), &grant));
        Connected { id, grant }
    }

    async fn import(
        &self,
        connection: &str,
        identifier: &str,
        organization: Option<&str>,
        grant: &GrantTokens,
    ) -> String {
        let address = format!("sqlite:{}", self.place.path("valetkey.db"));
        let pool = Pool::connect(&address, &ConnectOptions::default()).await.unwrap();
        let app = self.app(&pool);
        let environment = app.environment_named("prod").await.unwrap();
        let request = CreateAccount {
            address: AccountAddress {
                connector: Some(connection.into()),
                identifier: Some(identifier.into()),
                organization_id: organization.map(ToOwned::to_owned),
                ..AccountAddress::default()
            },
            credential: Some(CredentialInput::Oauth(OauthInput {
                access_token: Secret::from(grant.access_token.as_str()),
                refresh_token: Secret::from(grant.refresh_token.as_str()),
                scopes: vec!["profile".into(), "read".into()],
            })),
            ..CreateAccount::default()
        };
        let view = app.create_account(&Caller::operator(environment.id), request).await.unwrap();
        pool.close().await;
        view.account.id.to_string()
    }

    /// Runs the tool for a user of the connection `test` that has the provider answer with a status.
    pub(crate) fn answer_with(&self, identifier: &str, status: u16) {
        self.runtime.block_on(async {
            let address = format!("sqlite:{}", self.place.path("valetkey.db"));
            let pool = Pool::connect(&address, &ConnectOptions::default()).await.unwrap();
            let app = self.app(&pool);
            let environment = app.environment_named("prod").await.unwrap();
            let request = ExecuteTool {
                name: "testprovider_answer_with".into(),
                address: AccountAddress {
                    connector: Some("test".into()),
                    identifier: Some(identifier.into()),
                    ..AccountAddress::default()
                },
                input: [("status".to_owned(), status.into())].into_iter().collect(),
                agent_run_id: None,
            };
            let operator = Caller::operator(environment.id);
            let done = app.execute_tool(&operator, CallSource::Api, request).await;
            assert_eq!(done.is_ok(), status < 400, "{done:?}");
            app.flush_uses().await.unwrap();
            pool.close().await;
        });
    }

    /// The use cases on the operator's database.
    fn app(&self, pool: &Pool) -> App {
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(Now.now().millis().unsigned_abs()));
        let loopback: AllowEntry = "127.0.0.1".parse().unwrap();
        let policy = EgressPolicy::public_only().allow(Purpose::Api, loopback);
        let options = ProviderOptions { policy, ..ProviderOptions::default() };
        let mut definitions = vec![];
        for entry in std::fs::read_dir(self.place.path("connectors")).unwrap() {
            let path = entry.unwrap().path().join("connector.yaml");
            definitions.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
        App::new(Parts {
            pool: pool.clone(),
            keyring: Keyring::new(Arc::new(LocalKey::from_base64(KEY).unwrap()), vec![]),
            provider: Provider::new(options, entropy.clone(), Arc::new(Now)).unwrap(),
            registry: Registry::from_sources(builtin(), &definitions).unwrap(),
            settings: Settings::new("https://connect.example.com"),
            clock: Arc::new(Now),
            entropy,
        })
    }

    /// Changes the database behind the back of the program.
    pub(crate) fn damage(&self, statement: &str) {
        let run =
            "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()";
        let file = self.place.path("valetkey.db");
        assert!(Command::new("python3").args(["-c", run, &file, statement]).status().unwrap().success());
    }

    /// How many token requests the provider has got.
    pub(crate) fn token_requests(&self) -> usize {
        self.provider.provider.token_requests().len()
    }
}
