//! The key pairs that sign our tokens: the private half sealed in the database, the public half at `/keys`.

use std::sync::{Arc, RwLock};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeySize,
    signature::{KeyPair, RsaKeyPair},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};
use valetkey_core::{Timestamp, id::SigningKeyId, sealed::SealContext};
use valetkey_store::signing_key;
use zeroize::Zeroizing;

use super::verified::VerifiedTokens;
use crate::{App, Error, Result, data_keys::SYSTEM};

/// How long the list of keys is believed, in milliseconds; a new key made by another replica is seen after it.
const BELIEVED: i64 = 60_000;

/// One key in memory.
pub(crate) struct LoadedKey {
    pub(crate) id: SigningKeyId,
    pub(crate) signer: EncodingKey,
    pub(crate) verifier: DecodingKey,
    pub(crate) public_jwk: Value,
}

/// The keys read a moment ago, newest last, and the tokens that were verified with them.
#[derive(Default)]
pub(crate) struct SigningKeys {
    loaded: RwLock<Option<(Timestamp, Arc<Vec<LoadedKey>>)>>,
    pub(super) verified: VerifiedTokens,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot make or read a signing key: {0}")]
struct KeyFault(&'static str);

fn fault(what: &'static str) -> Error {
    Error::internal(KeyFault(what))
}

fn context(id: &SigningKeyId) -> SealContext<'_> {
    SealContext { environment: SYSTEM, table: "signing_keys", row: id.as_str(), field: "private_key" }
}

fn pem(pkcs8: &[u8]) -> Zeroizing<String> {
    const LABEL: &str = "PRIVATE KEY";
    let body = Zeroizing::new(BASE64_STANDARD.encode(pkcs8));
    Zeroizing::new(format!("-----BEGIN {LABEL}-----\n{}\n-----END {LABEL}-----\n", body.as_str()))
}

fn public_jwk(id: &SigningKeyId, pair: &RsaKeyPair) -> Value {
    let key = pair.public_key();
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id.as_str(),
        "n": encode(key.modulus().big_endian_without_leading_zero()),
        "e": encode(key.exponent().big_endian_without_leading_zero()),
    })
}

impl App {
    /// The keys, made on first use.
    pub(crate) async fn signing_keys(&self) -> Result<Arc<Vec<LoadedKey>>> {
        let now = self.clock.now();
        let cached = self.signing.loaded.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if let Some((read, keys)) = cached
            && (now.millis() - read.millis()).abs() < BELIEVED
        {
            return Ok(keys);
        }
        Box::pin(self.read_signing_keys(now)).await
    }

    async fn read_signing_keys(&self, now: Timestamp) -> Result<Arc<Vec<LoadedKey>>> {
        let mut rows = signing_key::list(&mut *self.pool.read().await?).await?;
        if rows.is_empty() {
            self.make_signing_key().await?;
            rows = signing_key::list(&mut *self.pool.read().await?).await?;
        }
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            keys.push(self.load(row).await?);
        }
        let keys = Arc::new(keys);
        *self.signing.loaded.write().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some((now, keys.clone()));
        Ok(keys)
    }

    /// Two replicas that start at once on an empty database both make a key; both are published and either verifies.
    async fn make_signing_key(&self) -> Result<()> {
        let now = self.clock.now();
        let id = SigningKeyId::new(now, self.entropy.as_ref());
        let pair =
            RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| fault("the RSA key could not be made"))?;
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| fault("the RSA key could not be encoded"))?;
        let private_key = self.keys.seal(context(&id), pem(pkcs8.as_ref()).as_bytes()).await?;
        let public_jwk = public_jwk(&id, &pair).to_string();
        let row = signing_key::SigningKey { id, public_jwk, private_key, created_at: now, retired_at: None };
        let mut tx = self.pool.begin().await?;
        signing_key::insert(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn load(&self, row: signing_key::SigningKey) -> Result<LoadedKey> {
        let pem = self.keys.open(context(&row.id), &row.private_key).await?;
        let public_jwk: Value = serde_json::from_str(&row.public_jwk).map_err(Error::internal)?;
        let part = |name: &str| public_jwk[name].as_str().unwrap_or_default().to_owned();
        Ok(LoadedKey {
            signer: EncodingKey::from_rsa_pem(&pem)
                .map_err(|_| fault("the stored private key is not readable"))?,
            verifier: DecodingKey::from_rsa_components(&part("n"), &part("e"))
                .map_err(|_| fault("the stored public key is not readable"))?,
            id: row.id,
            public_jwk,
        })
    }
}
