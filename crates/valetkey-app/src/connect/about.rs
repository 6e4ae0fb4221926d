//! Who asks for what, for pages that have to say so even when nothing can be done.

use valetkey_core::id::ConnectionId;
use valetkey_store::{account, connection, link};

use super::{Callback, callback::Found};
use crate::{App, Caller, Result, secrets};

/// Who asks for what.
#[derive(Clone, Debug)]
pub struct About {
    /// The name of the application.
    pub application: String,
    /// The connector's name.
    pub connector: String,
    /// Where the link returns to, from the environment's list.
    pub return_url: Option<String>,
}

impl App {
    /// What a link is about, whatever its state; `None` where no link has this token.
    pub async fn about_link(&self, token: &str) -> Result<Option<About>> {
        let mut reader = self.pool.read().await?;
        let hash = secrets::hash("link", token);
        let Some(row) = link::by_token_hash_any_environment(&mut reader, &hash).await? else {
            return Ok(None);
        };
        let account = account::get(&mut reader, &row.environment_id, &row.account_id).await?;
        drop(reader);
        let Some(account) = account else { return Ok(None) };
        let return_url = self.open_link_details(&row).await?.return_url;
        let caller = Caller::user(row.environment_id);
        let connection = self.connection(&caller, account.connection_id.as_str()).await?;
        let application = self.environment(&caller.environment).await?.application;
        Ok(Some(About { application, connector: connection.connector.name.clone(), return_url }))
    }

    /// What a callback is about. The way back to the application is told to the browser that started, and to no other.
    pub async fn about_callback(&self, callback: &Callback<'_>) -> Result<Option<About>> {
        let Some(mut about) = self.about_connection(callback.connection).await? else { return Ok(None) };
        let (Ok(Found { flow, hosted, .. }), Some(browser)) =
            (self.flow_of(callback).await, callback.browser)
        else {
            return Ok(Some(about));
        };
        if secrets::equal(&secrets::hash("browser", browser), &hosted.browser_hash) {
            let mut reader = self.pool.read().await?;
            let row = link::get(&mut reader, &flow.environment_id, &hosted.link_id).await?;
            drop(reader);
            if let Some(row) = row {
                about.return_url = self.open_link_details(&row).await?.return_url;
            }
        }
        Ok(Some(about))
    }

    /// The address of a callback names the connection, which is no secret.
    async fn about_connection(&self, id: &ConnectionId) -> Result<Option<About>> {
        let row = connection::get_any_environment(&mut *self.pool.read().await?, id).await?;
        let Some(row) = row else { return Ok(None) };
        let application = self.environment(&row.environment_id).await?.application;
        let connector = self.connector(&row.environment_id, &row.connector).await?.name.clone();
        Ok(Some(About { application, connector, return_url: None }))
    }
}
