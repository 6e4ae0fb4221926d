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

/// Makes what is missing, so that a second start changes nothing, and writes the variables for clients.
pub async fn bootstrap(
    app: &App,
    directory: &DataDir,
    config: &Config,
    tls: &DevTls,
    provider: &TestProviderAt,
) -> Result<Ready, Failure> {
    let environment = match app.environment_named(ENVIRONMENT).await {
        Err(error) if error.code == ErrorCode::ResourceNotFound => {
            app.create_environment(ENVIRONMENT, Some("Your app")).await?
        }
        found => found?,
    };
    let (client_id, client_secret) = client(app, directory, &environment).await?;
    let connections = connections(app, &Caller::operator(environment.id), provider).await?;
    let mut variables = vec![
        ("SCALEKIT_ENVIRONMENT_URL", config.server.public_url.as_str().to_owned()),
        ("SCALEKIT_CLIENT_ID", client_id),
        ("SCALEKIT_CLIENT_SECRET", client_secret.expose().to_owned()),
        ("REQUESTS_CA_BUNDLE", tls.bundle.display().to_string()),
        ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", tls.bundle.display().to_string()),
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
) -> Result<Vec<&'static str>, Failure> {
    let wanted = [
        ("test", "TESTPROVIDER", TestProviderAt::client(), TestProviderAt::client_secret()),
        ("gmail", "GMAIL", provider.in_place_of_a_provider(), TestProviderAt::client_secret()),
        ("testkey", "TESTKEY", ConnectionConfig::default(), ConnectionSecrets::default()),
    ];
    let mut names = Vec::new();
    for (name, connector, config, secrets) in wanted {
        connection(
            app,
            operator,
            name,
            CreateConnection {
                provider_key: connector.to_owned(),
                name: Some(name.to_owned()),
                config,
                secrets,
            },
        )
        .await?;
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
        Err(error) if error.code == ErrorCode::ResourceNotFound => {
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
