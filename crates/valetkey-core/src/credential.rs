//! Credentials in memory, and the form in which they are sealed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Secret, Timestamp};

/// What opens a provider's API for one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credential {
    /// Tokens of an OAuth grant.
    Oauth2(OauthCredential),
    /// Values that a person filled in or the application imported: a JSON object. The whole of it is secret.
    Static(Secret),
}

/// Tokens of an OAuth grant.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OauthCredential {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, where the provider gave one.
    pub refresh_token: Option<Secret>,
    /// When the access token runs out, where that is known.
    pub expires_at: Option<Timestamp>,
    /// When the refresh token runs out, where the provider or the definition says so.
    pub refresh_token_expires_at: Option<Timestamp>,
    /// Further tokens of the same grant, by the name that the connector gives them.
    pub additional: BTreeMap<String, AdditionalCredential>,
}

/// A further token of a grant.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AdditionalCredential {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, where the provider gave one.
    pub refresh_token: Option<Secret>,
    /// When the access token runs out, where that is known.
    pub expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum StoredRef<'a> {
    Oauth2 {
        main: TokenRef<'a>,
        refresh_expires_at: Option<i64>,
        additional: BTreeMap<&'a str, TokenRef<'a>>,
    },
    Static(&'a str),
}

#[derive(Serialize)]
struct TokenRef<'a> {
    access_token: &'a str,
    refresh_token: Option<&'a str>,
    expires_at: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Oauth2 { main: TokenPair, refresh_expires_at: Option<i64>, additional: BTreeMap<String, TokenPair> },
    Static(Secret),
}

#[derive(Deserialize)]
struct TokenPair {
    access_token: Secret,
    refresh_token: Option<Secret>,
    expires_at: Option<i64>,
}

fn token<'a>(access: &'a Secret, refresh: Option<&'a Secret>, expires_at: Option<Timestamp>) -> TokenRef<'a> {
    TokenRef {
        access_token: access.expose(),
        refresh_token: refresh.map(Secret::expose),
        expires_at: expires_at.map(Timestamp::millis),
    }
}

/// The stored form of a credential cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored credential cannot be read; it was written by another version or is damaged")]
pub struct UnreadableCredential;

impl Credential {
    /// The plaintext to seal. The buffer is wiped when dropped.
    ///
    /// # Panics
    /// Never: strings and numbers always serialize.
    pub fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        let stored = match self {
            Self::Oauth2(grant) => StoredRef::Oauth2 {
                main: token(&grant.access_token, grant.refresh_token.as_ref(), grant.expires_at),
                refresh_expires_at: grant.refresh_token_expires_at.map(Timestamp::millis),
                additional: grant
                    .additional
                    .iter()
                    .map(|(name, more)| {
                        (
                            name.as_str(),
                            token(&more.access_token, more.refresh_token.as_ref(), more.expires_at),
                        )
                    })
                    .collect(),
            },
            Self::Static(details) => StoredRef::Static(details.expose()),
        };
        // Large enough for most credentials, so that growth leaves no unwiped copy behind.
        let mut buffer = Zeroizing::new(Vec::with_capacity(16 * 1024));
        #[expect(
            clippy::expect_used,
            reason = "strings and numbers always serialize, and a Vec takes every byte"
        )]
        serde_json::to_writer(&mut *buffer, &stored).expect("a credential serializes");
        buffer
    }

    /// Reads what [`Credential::to_plaintext`] wrote.
    pub fn from_plaintext(bytes: &[u8]) -> Result<Self, UnreadableCredential> {
        let timestamp = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        Ok(match serde_json::from_slice(bytes).map_err(|_| UnreadableCredential)? {
            Stored::Static(details) => Self::Static(details),
            Stored::Oauth2 { main, refresh_expires_at, additional } => Self::Oauth2(OauthCredential {
                access_token: main.access_token,
                refresh_token: main.refresh_token,
                expires_at: timestamp(main.expires_at),
                refresh_token_expires_at: timestamp(refresh_expires_at),
                additional: additional
                    .into_iter()
                    .map(|(name, more)| {
                        let more = AdditionalCredential {
                            access_token: more.access_token,
                            refresh_token: more.refresh_token,
                            expires_at: timestamp(more.expires_at),
                        };
                        (name, more)
                    })
                    .collect(),
            }),
        })
    }

    /// When the earliest token runs out, where that is known.
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Oauth2(grant) => grant
                .expires_at
                .into_iter()
                .chain(grant.additional.values().filter_map(|more| more.expires_at))
                .min(),
            Self::Static(_) => None,
        }
    }

    /// The texts that templates of a placement may name: tokens, or the top-level values of static details.
    pub fn template_values(&self) -> BTreeMap<String, Secret> {
        match self {
            Self::Oauth2(grant) => std::iter::once(("access_token".to_owned(), grant.access_token.clone()))
                .chain(grant.additional.iter().map(|(name, more)| (name.clone(), more.access_token.clone())))
                .collect(),
            Self::Static(details) => {
                let map: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_str(details.expose()).unwrap_or_default();
                map.into_iter()
                    .filter_map(|(name, value)| match value {
                        serde_json::Value::String(text) => Some((name, Secret::from(text))),
                        serde_json::Value::Number(number) => Some((name, Secret::from(number.to_string()))),
                        _ => None,
                    })
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn oauth() -> impl Strategy<Value = Credential> {
        ("\\PC{0,40}", proptest::option::of("\\PC{0,40}"), proptest::option::of(any::<i64>())).prop_map(
            |(access, refresh, expires)| {
                Credential::Oauth2(OauthCredential {
                    access_token: access.clone().into(),
                    refresh_token: refresh.clone().map(Into::into),
                    expires_at: expires.map(Timestamp::from_millis),
                    refresh_token_expires_at: expires.map(Timestamp::from_millis),
                    additional: BTreeMap::from([(
                        "bot".to_owned(),
                        AdditionalCredential { access_token: access.into(), ..Default::default() },
                    )]),
                })
            },
        )
    }

    proptest! {
        #[test]
        fn a_credential_survives_its_stored_form(credential in oauth()) {
            let stored = credential.to_plaintext();
            prop_assert_eq!(Credential::from_plaintext(&stored), Ok(credential));
        }
    }

    #[test]
    fn t86_debug_output_of_a_credential_shows_no_token() {
        let credential =
            Credential::Oauth2(OauthCredential { access_token: "at_1".into(), ..Default::default() });
        assert!(!format!("{credential:?}").contains("at_1"));
    }
}
