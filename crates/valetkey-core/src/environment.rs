//! Environments: the border that no query crosses.

use crate::account::stored_names;
use serde::{Deserialize, Serialize};

stored_names! {
    /// Whether, and by whom, the user who authorized is confirmed. Applies to OAuth connectors.
    VerificationMode {
        /// Whoever completes the flow activates the account.
        None = "none",
        /// The application confirms the user at its own `user_verify_url`.
        Custom = "custom",
        /// Only an operator who is signed in to this server in the same browser can complete a flow.
        Platform = "platform",
    }
}
