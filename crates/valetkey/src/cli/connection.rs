//! `valetkey connection`.

use std::{io::Read, path::PathBuf};

use clap::{Args, Subcommand};
use valetkey_app::{
    App, Caller,
    connection::{
        ConnectionConfig, ConnectionSecrets, ConnectionView, CreateConnection, ListConnections,
        UpdateConnection,
    },
    page::PageRequest,
};
use valetkey_core::{Secret, id::ConnectionId};

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, Format, Table, print, record},
};

/// Verbs of connections. A connection is named by its name or its id.
#[derive(Debug, Subcommand)]
pub enum Connection {
    /// Create a connection, enabled at once.
    Create {
        /// The connector, as `valetkey connector list` shows it.
        connector: String,
        #[command(flatten)]
        settings: Settings,
        #[command(flatten)]
        at: At,
    },
    /// List the connections of an environment.
    List {
        /// Of this connector only.
        #[arg(long)]
        connector: Option<String>,
        #[command(flatten)]
        at: At,
    },
    /// Show a connection. Its secrets are masked.
    Show {
        /// The connection.
        connection: String,
        #[command(flatten)]
        at: At,
    },
    /// Change a connection. What is not given stays.
    Update {
        /// The connection.
        connection: String,
        #[command(flatten)]
        settings: Settings,
        #[command(flatten)]
        at: At,
    },
    /// Let accounts use a connection again.
    Enable {
        /// The connection.
        connection: String,
        #[command(flatten)]
        at: At,
    },
    /// Let no account use a connection and no link of it be opened.
    Disable {
        /// The connection.
        connection: String,
        #[command(flatten)]
        at: At,
    },
    /// Delete a connection that has no accounts.
    Delete {
        /// The connection.
        connection: String,
        #[command(flatten)]
        at: At,
    },
}

/// Where, and how the result is printed.
#[derive(Debug, Args)]
pub struct At {
    #[command(flatten)]
    environment: InEnvironment,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    installation: Installation,
}

/// What can be set on a connection.
#[derive(Debug, Args)]
pub struct Settings {
    /// The name, unique in the environment without regard to case.
    #[arg(long)]
    name: Option<String>,
    /// The client id that is registered at the provider.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A file with the client secret; `-` reads it from standard input.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// A scope that users are asked for. Repeat it for several; the connector's default where left out.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// A field of the connector, such as a tenant. Repeat it for several.
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = pair)]
    fields: Vec<(String, String)>,
    /// A callback at which applications may receive codes themselves, compared character by character. Repeat it for
    /// several; they replace those that were set.
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Option<Vec<String>>,
    /// Another authorization endpoint than the connector's.
    #[arg(long, value_name = "URL")]
    authorize_uri: Option<String>,
    /// Another token endpoint than the connector's. At another host than before it needs the client secret again.
    #[arg(long, value_name = "URL")]
    token_uri: Option<String>,
    /// Another user info endpoint than the connector's.
    #[arg(long, value_name = "URL")]
    user_info_uri: Option<String>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("must be FIELD=VALUE")?;
    Ok((field.to_owned(), value.to_owned()))
}

impl Settings {
    /// Lays what was given over `config` and `secrets`.
    fn apply(self, config: &mut ConnectionConfig, secrets: &mut ConnectionSecrets) -> Result<(), Failure> {
        if let Some(path) = self.client_secret_file {
            secrets.client_secret = Some(read_secret(&path)?);
        }
        let lay = |target: &mut Option<String>, given: Option<String>| {
            if given.is_some() {
                *target = given;
            }
        };
        lay(&mut config.client_id, self.client_id);
        lay(&mut config.authorize_uri, self.authorize_uri);
        lay(&mut config.token_uri, self.token_uri);
        lay(&mut config.user_info_uri, self.user_info_uri);
        if self.scopes.is_some() {
            config.scopes = self.scopes;
        }
        config.fields.extend(self.fields);
        Ok(())
    }
}

fn read_secret(path: &PathBuf) -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|error| {
        Failure(format!("the client secret cannot be read from {}: {error}", path.display()))
    })?;
    Ok(Secret::from(text.trim_end_matches(['\r', '\n'])))
}

impl At {
    fn run(
        self,
        work: impl AsyncFnOnce(&App, &Caller, Format) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Self { environment, format, installation } = self;
        installation.run(async |app| {
            let operator = environment.operator(&app).await?;
            work(&app, &operator, format).await
        })
    }
}

impl Connection {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { connector, mut settings, at } => at.run(async |app, operator, format| {
                let mut request = CreateConnection {
                    provider_key: connector,
                    name: settings.name.take(),
                    redirect_uris: settings.redirect_uris.take().unwrap_or_default(),
                    ..CreateConnection::default()
                };
                settings.apply(&mut request.config, &mut request.secrets)?;
                show(&app.create_connection(operator, request).await?, format)
            }),
            Self::List { connector, at } => {
                at.run(async |app, operator, format| list(app, operator, connector).await?.print(format))
            }
            Self::Show { connection, at } => {
                at.run(async |app, operator, format| show(&find(app, operator, &connection).await?, format))
            }
            Self::Update { connection, settings, at } => at.run(async |app, operator, format| {
                update(app, operator, &connection, settings, format).await
            }),
            Self::Enable { connection, at } => {
                at.run(async |app, operator, _| enable(app, operator, &connection, true).await)
            }
            Self::Disable { connection, at } => {
                at.run(async |app, operator, _| enable(app, operator, &connection, false).await)
            }
            Self::Delete { connection, at } => at.run(async |app, operator, _| {
                let found = find(app, operator, &connection).await?;
                app.delete_connection(operator, found.id.as_str()).await?;
                print(&format!("connection \"{}\" is deleted", found.name))
            }),
        }
    }
}

async fn find(app: &App, operator: &Caller, named: &str) -> Result<ConnectionView, Failure> {
    Ok(match named.parse::<ConnectionId>() {
        Ok(id) => app.connection(operator, id.as_str()).await?,
        Err(_) => app.connection_named(operator, named).await?,
    })
}

async fn update(
    app: &App,
    operator: &Caller,
    named: &str,
    mut settings: Settings,
    format: Format,
) -> Result<(), Failure> {
    let found = find(app, operator, named).await?;
    // Without the stored client secret, so that it is not taken for one that was given again.
    let mut secrets = ConnectionSecrets { client_secret: None, ..found.secrets };
    let mut config = found.config;
    let (name, redirect_uris) = (settings.name.take(), settings.redirect_uris.take());
    settings.apply(&mut config, &mut secrets)?;
    let change = Box::new(move |old_config: &mut ConnectionConfig, old_secrets: &mut ConnectionSecrets| {
        *old_config = config;
        *old_secrets = secrets;
        Ok(())
    });
    let request = UpdateConnection { name, change };
    let mut changed = app.update_connection(operator, found.id.as_str(), request).await?;
    if let Some(uris) = redirect_uris {
        changed = app.set_redirect_uris(operator, changed.id.as_str(), uris).await?;
    }
    show(&changed, format)
}

async fn enable(app: &App, operator: &Caller, named: &str, enabled: bool) -> Result<(), Failure> {
    let found = find(app, operator, named).await?;
    app.enable_connection(operator, found.id.as_str(), enabled).await?;
    print(&format!("connection \"{}\" is {}", found.name, if enabled { "enabled" } else { "disabled" }))
}

async fn list(app: &App, operator: &Caller, connector: Option<String>) -> Result<Table<5>, Failure> {
    let mut rows = Vec::new();
    let mut token = None;
    loop {
        let page = PageRequest { size: 100, token };
        let request = ListConnections { connector: connector.clone(), query: None, page };
        let found = app.list_connections(operator, request).await?;
        rows.extend(found.items.into_iter().map(|row| {
            let (auth, enabled) = (row.auth_type().as_str().to_owned(), row.enabled.to_string());
            [row.id.to_string(), row.name, row.connector.slug.clone(), auth, enabled]
        }));
        token = found.next;
        if token.is_none() {
            return Ok(Table::new(["id", "name", "connector", "auth", "enabled"], rows));
        }
    }
}

fn show(connection: &ConnectionView, format: Format) -> Result<(), Failure> {
    let config = &connection.config;
    let secret = connection.secrets.client_secret.as_ref().map(Secret::masked).unwrap_or_default();
    let fields: Vec<String> = config.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    record(
        &[
            ("id", connection.id.as_str()),
            ("name", &connection.name),
            ("connector", &connection.connector.slug),
            ("auth", connection.auth_type().as_str()),
            ("enabled", if connection.enabled { "true" } else { "false" }),
            ("client_id", config.client_id.as_deref().unwrap_or_default()),
            ("client_secret", &secret),
            ("scopes", &connection.scopes().join(" ")),
            ("fields", &fields.join(" ")),
            ("redirect_uri", &connection.redirect_uri),
            ("allowed_redirect_uris", &connection.allowed_redirect_uris.join(" ")),
            ("fault", connection.fault.as_deref().unwrap_or_default()),
            ("updated_at", &connection.updated_at.to_string()),
        ],
        format,
    )
}
