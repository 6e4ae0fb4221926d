//! Who calls with an API token.

use std::{collections::HashMap, sync::Mutex};

use valetkey_core::Timestamp;
use valetkey_store::api_token;

use super::{ApiToken, PREFIX};
use crate::{App, Caller, Result, secrets};

/// How long a token row is believed, in milliseconds. The limit of how long a revoked token still gets through on a
/// replica other than the one that revoked it.
const BELIEVED: i64 = 1000;

/// How old the note of the last use may become before it is written again, in milliseconds.
const USE_NOTED_EVERY: i64 = 60_000;

/// How many rows are kept.
const KEPT: usize = 10_000;

/// Token rows read a moment ago, by hash. Only tokens that exist, so that made-up ones do not push them out.
#[derive(Default)]
pub(crate) struct ApiTokenCache(Mutex<HashMap<Vec<u8>, (Timestamp, ApiToken)>>);

impl ApiTokenCache {
    fn get(&self, hash: &[u8], now: Timestamp) -> Option<ApiToken> {
        let cache = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        cache
            .get(hash)
            .filter(|(read, _)| now.millis() - read.millis() < BELIEVED)
            .map(|(_, row)| row.clone())
    }

    fn put(&self, now: Timestamp, row: ApiToken) {
        let mut cache = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(row.hash.clone(), (now, row));
    }

    pub(super) fn forget(&self, hash: &[u8]) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(hash);
    }
}

/// Whether a bearer token has the form of an API token.
pub(crate) fn is_api_token(bearer: &str) -> bool {
    bearer.starts_with(PREFIX)
}

impl App {
    /// The caller behind an API token, or `None` where it does not exist or is not good any more.
    pub(crate) async fn authenticate_api_token(&self, bearer: &str) -> Result<Option<Caller>> {
        let (now, hash) = (self.clock.now(), secrets::hash("API token", bearer));
        let row = match self.api_tokens.get(&hash, now) {
            Some(row) => row,
            None => match self.read_api_token(&hash, now).await? {
                Some(row) => row,
                None => return Ok(None),
            },
        };
        let alive = row.revoked_at.is_none() && now < row.expires_at;
        Ok(alive.then(|| Caller {
            environment: row.environment_id,
            actor: row.id.to_string(),
            permissions: row.permissions,
        }))
    }

    async fn read_api_token(&self, hash: &[u8], now: Timestamp) -> Result<Option<ApiToken>> {
        let found = api_token::by_hash_any_environment(&mut *self.pool.read().await?, hash).await?;
        let Some(mut row) = found else { return Ok(None) };
        let alive = row.revoked_at.is_none() && now < row.expires_at;
        let due = row.last_used_at.is_none_or(|at| now.millis() - at.millis() >= USE_NOTED_EVERY);
        if alive && due {
            let mut tx = self.pool.begin().await?;
            api_token::touch(&mut tx, &row.environment_id, &row.id, now).await?;
            tx.commit().await?;
            row.last_used_at = Some(now);
        }
        self.api_tokens.put(now, row.clone());
        Ok(Some(row))
    }
}
