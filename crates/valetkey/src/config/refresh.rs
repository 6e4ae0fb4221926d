//! How much is refreshed at a time.

use super::{
    kind::Count,
    section::{Check, section},
};

section! {
    /// How tokens are renewed before they run out.
    refresh: Refresh {
        /// Token requests that may be under way at one host of a provider, over all processes on the database.
        /// From 1 to 1000. A provider counts all of them as requests of one application.
        per_host: Count<1_000> [Default "16"],
        /// Token requests that may be under way in one process. From 1 to 10000.
        in_all: Count<10_000> [Default "256"],
    }
}

impl Check for Refresh {}
