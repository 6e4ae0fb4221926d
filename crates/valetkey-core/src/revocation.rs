//! What becomes of tokens at the provider after they were destroyed here.

use serde::{Deserialize, Serialize};

use crate::account::stored_names;

stored_names! {
    /// The state of a revocation.
    RevocationState {
        /// The provider has yet to be told.
        Pending = "pending",
        /// The provider has revoked the tokens, or did not know them any more (RFC 7009 §2.2).
        Revoked = "revoked",
        /// The connector knows no way to revoke, or the provider does not revoke such tokens.
        Unsupported = "unsupported",
        /// The provider could not be told. The user can withdraw access there.
        Failed = "failed",
    }
}
