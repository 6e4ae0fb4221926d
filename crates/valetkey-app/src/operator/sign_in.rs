//! Sign an operator in to a browser.

use valetkey_core::{Secret, Timestamp, id::SessionId};
use valetkey_store::operator_session::{self, OperatorSession};

use crate::{App, Error, Result, secrets};

/// How long a sign-in link works, in seconds.
const LINK_LIFETIME: i64 = 600;

/// A link that signs somebody in, shown this once.
pub struct SignIn {
    /// The address to open.
    pub url: Secret,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl App {
    /// Makes a link that signs an operator in to one browser.
    pub async fn create_sign_in_link(&self) -> Result<SignIn> {
        let token = secrets::random_token(self.entropy.as_ref());
        let row = self.session("sign_in_link", token.expose(), LINK_LIFETIME);
        let mut tx = self.pool.begin().await?;
        operator_session::insert(&mut tx, &row).await?;
        tx.commit().await?;
        let url = Secret::from(format!("{}/operator/sign-in/{}", self.settings.public_url, token.expose()));
        Ok(SignIn { url, expires_at: row.expires_at })
    }

    /// Signs a browser in with the token of a sign-in link, which works once. `browser` is the random token of the
    /// browser's cookie; the session is bound to it. Returns until when it lasts.
    pub async fn sign_operator_in(&self, token: &str, browser: &str) -> Result<Timestamp> {
        let spent = || {
            Error::not_found(
                "this sign-in link is unknown, used or expired; make a new one with `valetkey operator sign-in-link`",
            )
        };
        let now = self.clock.now();
        let session = self.session("session", browser, self.settings.operator_session_lifetime);
        let mut tx = self.pool.begin().await?;
        let link = operator_session::by_hash(&mut tx, &secrets::hash("sign_in_link", token)).await?;
        let link = link.filter(|row| row.kind == "sign_in_link" && now < row.expires_at).ok_or_else(spent)?;
        if !operator_session::mark_used(&mut tx, &link.id, now).await? {
            return Err(spent());
        }
        operator_session::insert(&mut tx, &session).await?;
        tx.commit().await?;
        Ok(session.expires_at)
    }

    /// Whether an operator is signed in to the browser with this token.
    pub async fn operator_signed_in(&self, browser: Option<&str>) -> Result<bool> {
        let Some(browser) = browser else { return Ok(false) };
        let hash = secrets::hash("session", browser);
        let row = operator_session::by_hash(&mut *self.pool.read().await?, &hash).await?;
        Ok(row.is_some_and(|row| row.kind == "session" && self.clock.now() < row.expires_at))
    }

    fn session(&self, kind: &str, secret: &str, lifetime: i64) -> OperatorSession {
        let now = self.clock.now();
        OperatorSession {
            id: SessionId::new(now, self.entropy.as_ref()),
            token_hash: secrets::hash(kind, secret),
            kind: kind.to_owned(),
            created_at: now,
            expires_at: now.plus_seconds(lifetime),
            used_at: None,
        }
    }
}
