//! What an operator may set about the use cases. Durations are seconds.

use crate::refresh::RefresherSettings;

/// Settings of the use cases.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where browsers and clients reach this server, without a trailing slash.
    pub public_url: String,
    /// How long an authorization link can be opened.
    pub link_lifetime: i64,
    /// How long a user may take at the provider.
    pub flow_lifetime: i64,
    /// How long the application may take to confirm the user.
    pub verification_lifetime: i64,
    /// How long an access token of our own is valid.
    pub access_token_lifetime: i64,
    /// How long the old secret of an API client keeps working after a rotation.
    pub rotation_overlap: i64,
    /// How long an operator stays signed in to a browser.
    pub operator_session_lifetime: i64,
    /// How much is refreshed at a time.
    pub refresher: RefresherSettings,
    /// Whether a credential is used only once its use is recorded for good.
    pub strict_journal: bool,
    /// How many days calls to providers are kept in their log.
    pub call_retention_days: u32,
    /// Whether the log of calls keeps the messages of errors, or their codes only.
    pub error_messages: bool,
}

impl Settings {
    /// The defaults for a server at `public_url`.
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into().trim_end_matches('/').to_owned(),
            link_lifetime: 24 * 3600,
            flow_lifetime: 15 * 60,
            verification_lifetime: 10 * 60,
            access_token_lifetime: 3600,
            rotation_overlap: 24 * 3600,
            operator_session_lifetime: 12 * 3600,
            refresher: RefresherSettings::default(),
            strict_journal: false,
            call_retention_days: 30,
            error_messages: true,
        }
    }
}
