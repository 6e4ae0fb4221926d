//! What a developer finds in the database: an environment, an API client, and connections that work.

use valetkey_app::{
    App, Caller,
    client::CreateClient,
    connection::{ConnectionConfig, ConnectionSecrets, CreateConnection, UpdateConnection},
    environment::Environment,
    permission,
};
use valetkey_core::{Secret, error_code::ErrorCode};

use super::{DataDir, TestProviderAt, env_file, tls::DevTls};
use crate::{cli::Failure, config::Config};

/// The name of the environment.
pub const ENVIRONMENT: &str = "dev";
/// The file with the variables for clients.
const ENV_FILE: &str = "dev.env";

/// The scopes of the connection that the examples of the accounts API use.
const GMAIL_SCOPES: [&str; 2] = ["https://www.googleapis.com/auth/gmail.send", "additional_scope"];

/// An installation that a developer can use.
pub struct Ready {
    /// The variables that its clients export.
    pub variables: Vec<(&'static str, String)>,
    /// The names of its connections.
    pub connections: Vec<&'static str>,
}

impl Ready {
    /// The variables as lines that a shell can read.
    pub fn lines(&self) -> String {
        env_file::lines(&self.variables)
    }

    /// The value of a variable; empty where it is not set.
    pub fn variable(&self, wanted: &str) -> &str {
        self.variables.iter().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value)
    }
}

/// Callbacks of applications that the connections allow where nobody says: those of the examples in the documentation.
pub const REDIRECT_URIS: [&str; 2] = ["https://your-app.com/callback", "http://localhost:3000/callback"];

/// Makes what is missing, so that a second start changes nothing, and writes the variables for clients. `redirect_uris`
/// are the callbacks of applications that the connections allow; absent for the usual ones.
pub async fn bootstrap(
    app: &App,
    directory: &DataDir,
    config: &Config,
    tls: &DevTls,
    provider: &TestProviderAt,
    redirect_uris: Option<&[String]>,
) -> Result<Ready, Failure> {
    let environment = match app.environment_named(ENVIRONMENT).await {
        Err(error) if error.code == ErrorCode::ResourceNotFound => {
            app.create_environment(ENVIRONMENT, Some("Your app")).await?
        }
        found => found?,
    };
    let (client_id, client_secret) = client(app, directory, &environment).await?;
    let connections = connections(app, &Caller::operator(environment.id), provider, redirect_uris).await?;
    let mut variables = vec![
        ("SCALEKIT_ENVIRONMENT_URL", config.server.public_url.as_str().to_owned()),
        ("SCALEKIT_CLIENT_ID", client_id),
        ("SCALEKIT_CLIENT_SECRET", client_secret.expose().to_owned()),
        ("REQUESTS_CA_BUNDLE", tls.bundle.display().to_string()),
        ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", tls.bundle.display().to_string()),
        ("CURL_CA_BUNDLE", tls.bundle.display().to_string()),
        ("SSL_CERT_FILE", tls.bundle.display().to_string()),
        ("NODE_EXTRA_CA_CERTS", tls.authority.display().to_string()),
        ("VALETKEY_TEST_PROVIDER_URL", provider.base_url.clone()),
    ];
    if let Some(plain) = config.server.plain_listen {
        variables.push(("VALETKEY_PLAIN_URL", format!("http://{}", plain.0)));
    }
    let path = directory.file(ENV_FILE);
    env_file::write(&path, &variables)
        .map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))?;
    Ok(Ready { variables, connections })
}

/// The client that an earlier start made and wrote down, or a new one.
async fn client(
    app: &App,
    directory: &DataDir,
    environment: &Environment,
) -> Result<(String, Secret), Failure> {
    let mut written = env_file::read(&directory.file(ENV_FILE));
    if let (Some(id), Some(secret)) =
        (written.remove("SCALEKIT_CLIENT_ID"), written.remove("SCALEKIT_CLIENT_SECRET"))
    {
        let secret = Secret::from(secret);
        if app
            .authenticate_client(&id, &secret)
            .await
            .is_ok_and(|client| client.environment_id == environment.id)
        {
            return Ok((id, secret));
        }
    }
    let request = CreateClient {
        environment: environment.id.clone(),
        name: "developer".to_owned(),
        permissions: permission::ALL.iter().map(|name| (*name).to_owned()).collect(),
    };
    let new = app.create_client(request).await?;
    Ok((new.client.id.to_string(), new.secret))
}

async fn connections(
    app: &App,
    operator: &Caller,
    provider: &TestProviderAt,
    redirect_uris: Option<&[String]>,
) -> Result<Vec<&'static str>, Failure> {
    let gmail = provider.in_place_of_a_provider();
    let scopes = GMAIL_SCOPES.map(ToOwned::to_owned).to_vec();
    let gmail_of_examples = ConnectionConfig { scopes: Some(scopes), ..gmail.clone() };
    let wanted = [
        ("test", "TESTPROVIDER", TestProviderAt::client(), TestProviderAt::client_secret()),
        ("gmail", "GMAIL", gmail, TestProviderAt::client_secret()),
        ("testkey", "TESTKEY", ConnectionConfig::default(), ConnectionSecrets::default()),
        ("conn_test_provider", "TESTPROVIDER", TestProviderAt::client(), TestProviderAt::client_secret()),
        ("conn_gmail_oauth", "GMAIL", gmail_of_examples, TestProviderAt::client_secret()),
    ];
    let usual = REDIRECT_URIS.map(ToOwned::to_owned);
    let mut names = Vec::new();
    for (name, connector, config, secrets) in wanted {
        let wanted = CreateConnection {
            provider_key: connector.to_owned(),
            name: Some(name.to_owned()),
            config,
            secrets,
            redirect_uris: redirect_uris.unwrap_or(&usual).to_vec(),
        };
        connection(app, operator, name, wanted).await?;
        if let Some(uris) = redirect_uris {
            app.set_redirect_uris(operator, name, uris.to_vec()).await?;
        }
        names.push(name);
    }
    Ok(names)
}

/// Creates the connection, or lets the one that is there lead to where the test provider is now.
async fn connection(
    app: &App,
    operator: &Caller,
    name: &str,
    wanted: CreateConnection,
) -> Result<(), Failure> {
    let there = match app.connection_named(operator, name).await {
        Err(error) if error.code == ErrorCode::ConnectionNotFound => {
            app.create_connection(operator, wanted).await?;
            return Ok(());
        }
        found => found?,
    };
    if there.config.token_uri == wanted.config.token_uri {
        return Ok(());
    }
    let change = Box::new(|config: &mut ConnectionConfig, secrets: &mut ConnectionSecrets| {
        secrets.client_secret = wanted.secrets.client_secret;
        config.authorize_uri = wanted.config.authorize_uri;
        config.token_uri = wanted.config.token_uri;
        config.user_info_uri = wanted.config.user_info_uri;
        Ok(())
    });
    app.update_connection(operator, there.id.as_str(), UpdateConnection { name: None, change }).await?;
    Ok(())
}
