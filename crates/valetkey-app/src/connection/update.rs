//! Change a connection.

use valetkey_core::{connector::AuthScheme, error_code::ErrorCode, id::ConnectionId, journal::EventKind};
use valetkey_store::connection;

use super::{ConnectionConfig, ConnectionSecrets, ConnectionView, name, read::unknown};
use crate::{App, Caller, Error, Result, journal::About};

/// What changes. The closures of the surface lay what the caller gave over what is there.
pub struct UpdateConnection<'a> {
    /// A new name.
    pub name: Option<String>,
    /// Changes settings and secrets; whatever it leaves alone stays. It finds no client secret: one that it puts there
    /// takes the place of the stored one, and an empty one removes it.
    #[allow(clippy::type_complexity, reason = "named by its field")]
    pub change: Box<dyn FnOnce(&mut ConnectionConfig, &mut ConnectionSecrets) -> Result<()> + Send + 'a>,
}

impl App {
    /// Changes a connection. Accounts stay as they are until their users authorize again, but those that wait for a fault
    /// of the connection to be corrected are refreshed now.
    pub async fn update_connection(
        &self,
        caller: &Caller,
        id: &str,
        request: UpdateConnection<'_>,
    ) -> Result<ConnectionView> {
        let parsed: ConnectionId = id.parse().map_err(|_| unknown(id))?;
        let mut row = connection::get(&mut *self.pool.read().await?, &caller.environment, &parsed)
            .await?
            .ok_or_else(|| unknown(id))?;
        let before = self.view_connection(row.clone()).await?;
        let (mut config, mut secrets) = (before.config.clone(), before.secrets.clone());
        // Taken out, so that a secret that is given again can be told from one that is left alone.
        let known = secrets.client_secret.take();
        (request.change)(&mut config, &mut secrets)?;
        config.check(&before.connector)?;
        let stays = secrets.client_secret.is_none();
        if stays && known.is_some() && token_origin(&before, &before.config) != token_origin(&before, &config)
        {
            let text = "must be given again, because the token endpoint moves to another host";
            return Err(Error::invalid("oauth_config.client_secret", "required", text));
        }
        secrets.client_secret =
            if stays { known } else { secrets.client_secret.filter(|given| !given.is_empty()) };
        if let Some(name) = request.name.filter(|name| !name.is_empty()) {
            name::check(&name)?;
            row.name = name;
        }
        row.secrets = self.seal_connection_secrets(caller, &parsed, &secrets).await?;
        row.config = serde_json::to_string(&config).map_err(Error::internal)?;
        row.updated_at = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let namesake = connection::by_name(&mut tx, &caller.environment, &row.name).await?;
        if namesake.is_some_and(|other| other.id != parsed) {
            let message = format!(
                "connection \"{}\" exists already in this environment; choose another name",
                row.name
            );
            return Err(Error::new(ErrorCode::ResourceAlreadyExists, message));
        }
        if !connection::update(&mut tx, &row).await? {
            return Err(Error::conflict("the connection"));
        }
        // What it was at fault for may be corrected by this; the next refresh tells.
        self.clear_fault(&mut tx, &caller.environment, &parsed).await?;
        let about = About { connection: Some(&parsed), ..About::default() };
        self.record(&mut tx, caller, EventKind::ConnectionUpdated, about, &serde_json::json!({})).await?;
        self.commit_shared(tx).await?;
        self.connection(caller, id).await
    }
}

/// Where a client secret is sent. A stored one does not move to another host: who moves the token endpoint has to know
/// the secret. A field that only an account has is the same before and after.
fn token_origin(connection: &ConnectionView, config: &ConnectionConfig) -> Option<url::Origin> {
    let AuthScheme::Oauth2(definition) = &connection.connector.auth else { return None };
    let fields = connection.connector.complete(config.fields.clone());
    let value = |name: &str| Some(fields.get(name).map_or("account", String::as_str));
    let defined = definition.token.url.render(value).unwrap_or_default();
    url::Url::parse(config.token_uri.as_ref().unwrap_or(&defined)).ok().map(|url| url.origin())
}
