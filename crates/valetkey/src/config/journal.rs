//! How uses of credentials and calls are recorded.

use super::{
    kind::Count,
    section::{Check, section},
};

section! {
    /// The journal of what happened to accounts and of each use of a credential, and the log of calls to providers.
    journal: Journal {
        /// `false`: uses are recorded in batches beside the calls; at most the last 200 ms of them are lost where the
        /// process is killed. `true`: a credential is used only once its use is recorded for good, and not at all
        /// where that fails.
        strict: bool [Default "false"],
        /// How many days calls to providers are kept in their log, from 1 to 3650. Counts by account and day are kept
        /// for ever.
        call_retention_days: Count<3_650> [Default "30"],
        /// `true`: the log of calls keeps the message of an error, up to 500 characters of it. `false`: only its code.
        error_messages: bool [Default "true"],
    }
}

impl Check for Journal {}
