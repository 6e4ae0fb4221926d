//! Check what an API client presents: its secret at the token endpoint, its token everywhere else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use valetkey_core::{Secret, Timestamp, error_code::ErrorCode, id::ClientId};
use valetkey_store::client;

use super::Client;
use crate::{App, Caller, Error, Result, api_token::is_api_token, secrets};

/// How long a client row is believed, in milliseconds. The limit of how long a revoked client still gets through.
const BELIEVED: i64 = 1000;

/// When a client was read, and who it is as a caller.
type Known = (Timestamp, Option<Arc<Caller>>);

/// Clients as they were a moment ago: who each is as a caller; `None` for one that is unknown or revoked.
#[derive(Default)]
pub(crate) struct ClientCache(Mutex<HashMap<ClientId, Known>>);

impl ClientCache {
    #[expect(clippy::option_option, reason = "outside: whether it was read; inside: whether it may call")]
    fn get(&self, id: &ClientId, now: Timestamp) -> Option<Option<Arc<Caller>>> {
        let cache = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        cache
            .get(id)
            .filter(|(read, _)| now.millis() - read.millis() < BELIEVED)
            .map(|(_, caller)| caller.clone())
    }

    fn put(&self, id: &ClientId, now: Timestamp, caller: Option<Arc<Caller>>) {
        let mut cache = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if cache.len() >= 10_000 {
            cache.clear();
        }
        cache.insert(id.clone(), (now, caller));
    }

    pub(crate) fn forget(&self, id: &ClientId) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(id);
    }
}

impl App {
    /// The client that presents this id and secret. The answer does not tell an unknown id from a wrong secret.
    pub async fn authenticate_client(&self, id: &str, secret: &Secret) -> Result<Client> {
        let refused = || {
            Error::new(ErrorCode::Unauthenticated, "client_id or client_secret is wrong, expired or revoked")
        };
        let id: ClientId = id.parse().map_err(|_| refused())?;
        let (now, presented) = (self.clock.now(), secrets::hash("client secret", secret.expose()));
        let mut reader = self.pool.read().await?;
        let row = client::get_any_environment(&mut reader, &id).await?;
        let known = client::secrets(&mut reader, &id).await?;
        drop(reader);
        let valid = known.iter().any(|row| {
            let alive = row.revoked_at.is_none() && row.expires_at.is_none_or(|end| now < end);
            secrets::equal(&row.hash, &presented) && alive
        });
        let row = row.filter(|row| valid && row.revoked_at.is_none()).ok_or_else(refused)?;
        let mut tx = self.pool.begin().await?;
        client::touch(&mut tx, &row.environment_id, &id, now).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// The caller behind a bearer token: an API token, or an access token of ours. `None` where it, or its client, is not
    /// good any more.
    pub async fn authenticate_token(&self, token: &str) -> Result<Option<Caller>> {
        Ok(self.known_caller(token).await?.map(Arc::unwrap_or_clone))
    }

    /// The same, shared with all calls of a moment.
    pub async fn known_caller(&self, token: &str) -> Result<Option<Arc<Caller>>> {
        if is_api_token(token) {
            return Ok(Box::pin(self.authenticate_api_token(token)).await?.map(Arc::new));
        }
        let Some(claims) = self.verify_token(token).await? else { return Ok(None) };
        let now = self.clock.now();
        if let Some(caller) = self.clients.get(&claims.client_id, now) {
            return Ok(caller);
        }
        Box::pin(self.read_caller(&claims.client_id, now)).await
    }

    async fn read_caller(&self, id: &ClientId, now: Timestamp) -> Result<Option<Arc<Caller>>> {
        let row = client::get_any_environment(&mut *self.pool.read().await?, id).await?;
        let caller = row
            .filter(|row| row.revoked_at.is_none())
            .map(|row| Arc::new(Caller::client(row.environment_id, &row.id, row.permissions)));
        self.clients.put(id, now, caller.clone());
        Ok(caller)
    }
}
