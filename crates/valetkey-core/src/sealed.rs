//! Ciphertext as the store sees it: opaque bytes, and the identity that they are bound to.

/// An encrypted value. Made and opened by the vault only; the store moves it without knowing a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Wraps bytes made by the vault or read from the database.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Where a sealed value lives. It is authenticated together with the ciphertext, so that a value moved to another
/// row, field or environment does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SealContext<'a> {
    /// The environment that owns the row; `system` for what belongs to the whole installation.
    pub environment: &'a str,
    /// The table.
    pub table: &'static str,
    /// The primary key of the row.
    pub row: &'a str,
    /// The column.
    pub field: &'static str,
}
