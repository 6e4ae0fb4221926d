//! The same operation on many accounts.

use serde::{Deserialize, Serialize};

use crate::account::stored_names;

stored_names! {
    /// What is done with each account.
    BulkKind {
        /// It is created where it does not exist yet.
        Create = "create",
        /// Its access token is refreshed now.
        Refresh = "refresh",
        /// Settings of it are changed.
        UpdateSettings = "update_settings",
        /// It is deleted.
        Delete = "delete",
        /// Its credentials are destroyed.
        Disconnect = "disconnect",
    }
}

stored_names! {
    /// What became of one item.
    BulkItemState {
        /// Nothing yet.
        Pending = "pending",
        /// It was done.
        Succeeded = "succeeded",
        /// It could not be done.
        Failed = "failed",
    }
}
