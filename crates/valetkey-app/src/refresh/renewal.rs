//! What is stored beside a credential so that it is renewed in time.

use valetkey_core::{
    Timestamp,
    connector::Oauth2,
    credential::OauthCredential,
    refresh::{RefreshWindow, due},
    settings::AccountSettings,
};
use valetkey_provider::Fields;

/// How and when a credential is renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Renewal {
    /// The host of the token endpoint.
    pub(crate) host: String,
    /// Whether there is something to refresh it with.
    pub(crate) refreshable: bool,
    /// When the access token was issued.
    pub(crate) issued_at: Timestamp,
    /// When it runs out, where that is known; bounded by the setting `expires_in`.
    pub(crate) expires_at: Option<Timestamp>,
    /// When the refresh token runs out, where that is known.
    pub(crate) grant_ends_at: Option<Timestamp>,
    /// When something is to be done: a refresh, or to notice that the token has run out.
    pub(crate) due_at: Option<Timestamp>,
}

impl Renewal {
    /// The renewal of a credential that is issued now.
    pub(crate) fn of(
        oauth2: &Oauth2,
        fields: &Fields,
        credential: &OauthCredential,
        settings: &AccountSettings,
        now: Timestamp,
        jitter: u32,
    ) -> Self {
        let refreshable = oauth2.refresh.can_renew(credential);
        let told = credential
            .expires_at
            .into_iter()
            .chain(credential.additional.values().filter_map(|more| more.expires_at))
            .min();
        let bound = settings.expires_in.map(|seconds| now.plus_seconds(seconds));
        let expires_at = told.into_iter().chain(bound).min();
        let window =
            RefreshWindow { issued_at: now, expires_at, only_near_expiry: oauth2.refresh.only_near_expiry };
        let never = expires_at.is_none() && oauth2.refresh_endpoint().answer.lifetime.never_expires;
        let due_at = if refreshable && settings.refreshes() && !never {
            let idle = oauth2.refresh.refresh_token_lifetime.idle_seconds;
            let kept_alive = idle.map(|seconds| now.plus_seconds(seconds / 2));
            Some(due(&window, jitter)).into_iter().chain(kept_alive).min()
        } else {
            expires_at
        };
        let grant_ends_at = credential.refresh_token_expires_at;
        Self { host: host(oauth2, fields), refreshable, issued_at: now, expires_at, grant_ends_at, due_at }
    }
}

/// The host of the endpoint that renews, with its port; the text of the definition where it is no URL, which no
/// request will reach either.
fn host(oauth2: &Oauth2, fields: &Fields) -> String {
    let template = oauth2.refresh_endpoint().url;
    let text = template.render(|name| fields.get(name).map(String::as_str)).unwrap_or_default();
    let parsed = url::Url::parse(&text).ok();
    let authority = parsed.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
    authority.map_or_else(|| template.as_str().to_owned(), |(host, port)| format!("{host}:{port}"))
}
