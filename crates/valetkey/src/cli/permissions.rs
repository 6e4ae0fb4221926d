//! What the holder of a new client or token may do.

use valetkey_app::permission;

/// The choice of its permissions.
#[derive(Debug, clap::Args)]
pub struct Permissions {
    /// What it may do, such as `connected_accounts:read`. Repeat it for several. Where left out: everything but
    /// to read the tokens and keys of accounts.
    #[arg(long = "permission", value_name = "PERMISSION")]
    permissions: Vec<String>,
    /// Let it read the tokens and keys of accounts as well. Each reading is journalled.
    #[arg(long)]
    allow_reading_credentials: bool,
}

impl Permissions {
    pub(super) fn chosen(self) -> Vec<String> {
        let mut chosen = if self.permissions.is_empty() { permission::default() } else { self.permissions };
        chosen.extend(self.allow_reading_credentials.then(|| permission::CREDENTIALS.to_owned()));
        chosen
    }
}
