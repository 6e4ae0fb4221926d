//! Grants and their tokens.
//!
//! A token names its grant and its serial number and is proven by a digest under the grant's own key. So a token needs
//! no entry of its own, each is found without a search, and a spent refresh token is known for as long as its grant is.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use valetkey_core::Timestamp;

use super::{Misbehaviour, misbehaviour::Plan};

/// How many access tokens of one grant work at a time; the oldest give way.
const ACCESS_TOKENS: usize = 32;
/// How many revoked grants are remembered; the oldest give way.
const REVOKED: usize = 100_000;

/// Who let which application do what.
pub(super) struct Grant {
    key: [u8; 16],
    pub(super) client_id: Arc<str>,
    pub(super) user: Arc<str>,
    pub(super) scopes: Arc<[String]>,
    pub(super) alive: bool,
    pub(super) created_at: Timestamp,
    /// When the newest refresh token was used last or, unused, issued.
    pub(super) refresh_used_at: Timestamp,
    /// How often it was refreshed.
    pub(super) refreshes: u64,
    /// How often a spent refresh token of it was presented.
    pub(super) reuses: u64,
    /// The serial number of the newest refresh token.
    refresh_serial: u64,
    access_tokens: VecDeque<AccessToken>,
}

/// An access token.
pub(super) struct AccessToken {
    /// In the order in which the provider issued them, over all grants.
    pub(super) serial: u64,
    pub(super) scopes: Arc<[String]>,
    /// Absent: never.
    pub(super) expires_at: Option<Timestamp>,
}

/// What a presented refresh token is. Each names its grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Presented {
    /// The newest of a live grant.
    Newest(u64),
    /// One before the newest.
    Previous(u64),
    /// An older one.
    Spent(u64),
    /// Its grant is revoked.
    Revoked(u64),
}

impl Presented {
    pub(super) fn grant(self) -> u64 {
        match self {
            Self::Newest(grant) | Self::Previous(grant) | Self::Spent(grant) | Self::Revoked(grant) => grant,
        }
    }
}

/// What kind of token: the prefix of its text.
#[derive(Clone, Copy)]
enum Kind {
    Access,
    Refresh,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Access => "at_",
            Self::Refresh => "rt_",
        }
    }
}

impl Grant {
    /// When the last of its access tokens expires.
    pub(super) fn last_expiry(&self) -> Option<Timestamp> {
        self.access_tokens.iter().filter_map(|token| token.expires_at).max()
    }

    /// Whether a policy has ended it by now.
    pub(super) fn is_over_by_policy(&self, plan: &Plan, now: Timestamp) -> bool {
        let after = plan.find(|wrong| match wrong {
            Misbehaviour::RevokedForPolicy { after_seconds } => Some(*after_seconds),
            _ => None,
        });
        after.is_some_and(|after| now >= self.created_at.plus_seconds(after.into()))
    }

    fn text(&self, kind: Kind, number: u64, serial: u64) -> String {
        let digest = Sha256::new()
            .chain_update(self.key)
            .chain_update(kind.prefix())
            .chain_update(serial.to_be_bytes())
            .finalize();
        format!("{}{number}_{serial}_{}", kind.prefix(), URL_SAFE_NO_PAD.encode(&digest[..16]))
    }
}

/// All grants.
#[derive(Default)]
pub(super) struct Grants {
    by_number: HashMap<u64, Grant>,
    by_user: HashMap<Arc<str>, BTreeSet<u64>>,
    revoked: VecDeque<u64>,
    last_number: u64,
    last_serial: u64,
}

impl Grants {
    /// A grant with a first refresh token. `key` makes its tokens unguessable.
    pub(super) fn open(
        &mut self,
        key: [u8; 16],
        client_id: &str,
        user: &str,
        scopes: Arc<[String]>,
        now: Timestamp,
    ) -> u64 {
        self.last_number += 1;
        let number = self.last_number;
        let known = self.by_user.get_key_value(user).map(|(user, _)| user.clone());
        let user = known.unwrap_or_else(|| user.into());
        self.by_user.entry(user.clone()).or_default().insert(number);
        let grant = Grant {
            key,
            client_id: client_id.into(),
            user,
            scopes,
            alive: true,
            created_at: now,
            refresh_used_at: now,
            refreshes: 0,
            reuses: 0,
            refresh_serial: 1,
            access_tokens: VecDeque::new(),
        };
        self.by_number.insert(number, grant);
        number
    }

    pub(super) fn get(&self, number: u64) -> Option<&Grant> {
        self.by_number.get(&number)
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Grant> {
        self.by_number.get_mut(&number)
    }

    /// The grants of a user, oldest first, revoked ones among them.
    pub(super) fn of_user(&self, user: &str) -> impl Iterator<Item = (u64, &Grant)> {
        let numbers = self.by_user.get(user).into_iter().flatten();
        numbers.filter_map(|number| Some((*number, self.by_number.get(number)?)))
    }

    /// How many access tokens were issued so far.
    pub(super) fn last_serial(&self) -> u64 {
        self.last_serial
    }

    /// A new access token of a grant. Those that have run out are forgotten.
    pub(super) fn issue_access_token(
        &mut self,
        number: u64,
        scopes: Arc<[String]>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<String> {
        let grant = self.by_number.get_mut(&number)?;
        self.last_serial += 1;
        grant.access_tokens.retain(|token| token.expires_at.is_none_or(|at| now < at));
        if grant.access_tokens.len() == ACCESS_TOKENS {
            grant.access_tokens.pop_front();
        }
        grant.access_tokens.push_back(AccessToken { serial: self.last_serial, scopes, expires_at });
        Some(grant.text(Kind::Access, number, self.last_serial))
    }

    /// Lets every access token of a grant end at `expires_at`.
    pub(super) fn extend_access_tokens(&mut self, number: u64, expires_at: Timestamp) {
        let tokens = self.by_number.get_mut(&number).map(|grant| &mut grant.access_tokens);
        for token in tokens.into_iter().flatten() {
            token.expires_at = Some(expires_at);
        }
    }

    /// Takes the last scope away from a grant that has more than one; returns what is left.
    pub(super) fn narrow(&mut self, number: u64) -> Option<Arc<[String]>> {
        let grant = self.by_number.get_mut(&number)?;
        if let Some((_, fewer)) = grant.scopes.split_last().filter(|(_, fewer)| !fewer.is_empty()) {
            grant.scopes = fewer.into();
        }
        Some(grant.scopes.clone())
    }

    /// The newest refresh token of a grant.
    pub(super) fn refresh_token(&self, number: u64) -> Option<String> {
        let grant = self.by_number.get(&number)?;
        Some(grant.text(Kind::Refresh, number, grant.refresh_serial))
    }

    /// Spends the newest refresh token of a grant.
    pub(super) fn rotate(&mut self, number: u64) {
        if let Some(grant) = self.by_number.get_mut(&number) {
            grant.refresh_serial += 1;
        }
    }

    /// What a refresh token is; nothing where this provider never issued it.
    pub(super) fn presented_refresh_token(&self, text: &str) -> Option<Presented> {
        let (number, serial) = self.read(Kind::Refresh, text)?;
        let grant = self.by_number.get(&number)?;
        Some(match grant.refresh_serial.checked_sub(serial)? {
            _ if !grant.alive => Presented::Revoked(number),
            0 => Presented::Newest(number),
            1 => Presented::Previous(number),
            _ => Presented::Spent(number),
        })
    }

    /// The grant of an access token that works.
    pub(super) fn presented_access_token(
        &self,
        text: &str,
        now: Timestamp,
    ) -> Option<(u64, &Grant, &AccessToken)> {
        let (number, serial) = self.read(Kind::Access, text)?;
        let grant = self.by_number.get(&number)?;
        let token = grant.access_tokens.iter().find(|token| token.serial == serial)?;
        token.expires_at.is_none_or(|at| now < at).then_some((number, grant, token))
    }

    /// The grant of an access or refresh token, be it live or not.
    pub(super) fn grant_of(&self, text: &str) -> Option<u64> {
        let (number, _) = self.read(Kind::Access, text).or_else(|| self.read(Kind::Refresh, text))?;
        Some(number)
    }

    /// Ends a grant with all its tokens; `false` where it had ended.
    pub(super) fn revoke(&mut self, number: u64) -> bool {
        let Some(grant) = self.by_number.get_mut(&number).filter(|grant| grant.alive) else { return false };
        grant.alive = false;
        grant.access_tokens = VecDeque::new();
        self.revoked.push_back(number);
        if self.revoked.len() > REVOKED
            && let Some(oldest) = self.revoked.pop_front()
        {
            self.forget(oldest);
        }
        true
    }

    fn forget(&mut self, number: u64) {
        let Some(grant) = self.by_number.remove(&number) else { return };
        if let Some(numbers) = self.by_user.get_mut(&grant.user) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.by_user.remove(&grant.user);
            }
        }
    }

    /// Grant and serial number of a token that this provider issued.
    fn read(&self, kind: Kind, text: &str) -> Option<(u64, u64)> {
        let text = undressed(text);
        let (number, rest) = text.strip_prefix(kind.prefix())?.split_once('_')?;
        let (serial, _) = rest.split_once('_')?;
        let (number, serial) = (number.parse().ok()?, serial.parse().ok()?);
        let grant = self.by_number.get(&number)?;
        (grant.text(kind, number, serial) == text).then_some((number, serial))
    }
}

/// The token itself, be it padded to a great length or in the `jti` of a JWT.
fn undressed(text: &str) -> Cow<'_, str> {
    match text.split_once('.') {
        Some((head, payload)) if head.starts_with("ey") => {
            let payload = payload.split('.').next().unwrap_or_default();
            let claims = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
            let claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
            Cow::Owned(claims["jti"].as_str().unwrap_or_default().to_owned())
        }
        Some((token, _)) => Cow::Borrowed(token),
        None => Cow::Borrowed(text),
    }
}
