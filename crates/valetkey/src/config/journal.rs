//! How uses of credentials are recorded.

use super::section::{Check, section};

section! {
    /// The journal of what happened to accounts and of each use of a credential.
    journal: Journal {
        /// `false`: uses are recorded in batches beside the calls; at most the last 100 ms of them are lost where the
        /// process is killed. `true`: a credential is used only once its use is recorded for good, and not at all
        /// where that fails.
        strict: bool [Default "false"],
    }
}

impl Check for Journal {}
