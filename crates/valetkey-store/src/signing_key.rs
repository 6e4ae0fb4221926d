//! The key pairs that sign our own access tokens. They belong to the installation.

use valetkey_core::{Timestamp, id::SigningKeyId, sealed::Sealed};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// A key pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its id, the `kid` of tokens.
    pub id: SigningKeyId,
    /// The public half, a JSON Web Key (RFC 7517).
    pub public_jwk: String,
    /// The private half.
    pub private_key: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it signs nothing new.
    pub retired_at: Option<Timestamp>,
}

statements! { "signing_key";
    write INSERT = "
        INSERT INTO signing_keys (id, public_jwk, private_key, created_at, retired_at) VALUES ($1, $2, $3, $4, $5)";
    read LIST = "SELECT * FROM signing_keys ORDER BY id";
}

fn read(row: &Row) -> Result<SigningKey> {
    Ok(SigningKey {
        id: row.id("id")?,
        public_jwk: row.text("public_jwk")?,
        private_key: row.sealed("private_key")?,
        created_at: row.time("created_at")?,
        retired_at: row.time_opt("retired_at")?,
    })
}

/// Adds a key pair.
pub async fn insert(tx: &mut Tx, row: &SigningKey) -> Result<()> {
    let inserted = args![&row.id, &row.public_jwk, &row.private_key, row.created_at, row.retired_at];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// Every key pair, oldest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<SigningKey>> {
    conn.list(&LIST, args![], read).await
}
