//! Issues tokens.

use std::sync::Arc;

use valetkey_core::Timestamp;

use super::{Granted, Issued, Second};
use crate::provider::{
    Misbehaviour, grant::Grant, misbehaviour::Plan, parameters::Parameters, state::Memory,
    token::refusal::Refusal,
};

/// What the tokens are for.
pub(super) struct Issue<'a> {
    pub(super) plan: &'a Plan,
    pub(super) parameters: &'a Parameters,
    pub(super) scopes: Arc<[String]>,
    pub(super) now: Timestamp,
}

impl Issue<'_> {
    /// New tokens of a grant; `second` is the grant of a second family.
    pub(super) fn tokens(
        self,
        memory: &mut Memory,
        number: u64,
        second: Option<u64>,
    ) -> Result<Granted, Refusal> {
        let scopes = self.granted_scopes();
        let usual = memory.settings.access_seconds;
        let expires_in = self.expires_in(usual);
        let works = self.plan.find(|wrong| match wrong {
            Misbehaviour::ExpiresEarly { seconds } => Some(*seconds),
            _ => None,
        });
        let grants = &mut memory.grants;
        let expires_at = works.or(expires_in).map(|seconds| self.now.plus_seconds(seconds.into()));
        let access_token =
            grants.issue_access_token(number, scopes.clone(), expires_at, self.now).ok_or("invalid_grant")?;
        let second = match second {
            Some(second) => self.second(memory, second, usual, true),
            None => self.several(memory, number),
        };
        let grant = memory.grants.get(number).ok_or("invalid_grant")?;
        let refresh_token = memory.grants.refresh_token(number).filter(|_| self.has_refresh_token());
        Ok(Granted::Tokens(Issued {
            grant: number,
            user: grant.user.clone(),
            now: self.now,
            access_token,
            expires_in,
            refresh_token_expires_in: self.refresh_token_expires_in(grant),
            refresh_token,
            scopes,
            refreshes: grant.refreshes,
            second,
        }))
    }

    fn granted_scopes(&self) -> Arc<[String]> {
        let wrong = self.plan.find(|wrong| match wrong {
            Misbehaviour::WrongScope { scope } => Some([scope.clone()].into()),
            Misbehaviour::LessScopeThanAsked => self.scopes.split_last().map(|(_, fewer)| fewer.into()),
            _ => None,
        });
        wrong.unwrap_or_else(|| self.scopes.clone())
    }

    fn expires_in(&self, usual: u32) -> Option<u32> {
        if self.plan.has(&Misbehaviour::NeverExpires) {
            return None;
        }
        if self.plan.has(&Misbehaviour::LifetimeMustBeAsked) {
            let wanted = self.parameters.get("expires_in").and_then(|seconds| seconds.parse::<u32>().ok());
            return wanted.map(|wanted| wanted.min(usual));
        }
        Some(usual)
    }

    fn has_refresh_token(&self) -> bool {
        let without = [
            Misbehaviour::NeverExpires,
            Misbehaviour::NoOfflineAccess,
            Misbehaviour::OmitsRefreshToken,
            Misbehaviour::ReexchangesAccessToken,
            Misbehaviour::ClientCredentialsOnly,
        ];
        !without.iter().any(|wrong| self.plan.has(wrong))
    }

    fn refresh_token_expires_in(&self, grant: &Grant) -> Option<i64> {
        self.plan.find(|wrong| match wrong {
            Misbehaviour::RefreshTokenExpires { seconds } => {
                Some(grant.created_at.plus_seconds((*seconds).into()).seconds() - self.now.seconds())
            }
            Misbehaviour::RefreshTokenIdles { seconds } => Some((*seconds).into()),
            _ => None,
        })
    }

    /// A second token of the same grant.
    fn several(&self, memory: &mut Memory, number: u64) -> Option<Second> {
        let (expires_in, repeats) = self.plan.find(|wrong| match wrong {
            Misbehaviour::SeveralTokens { expires_in, refresh_token } => Some((*expires_in, *refresh_token)),
            _ => None,
        })?;
        self.second(memory, number, expires_in, repeats)
    }

    fn second(
        &self,
        memory: &mut Memory,
        number: u64,
        expires_in: u32,
        with_refresh_token: bool,
    ) -> Option<Second> {
        let expires_at = Some(self.now.plus_seconds(expires_in.into()));
        let grants = &mut memory.grants;
        let access_token = grants.issue_access_token(number, self.scopes.clone(), expires_at, self.now)?;
        let refresh_token = grants.refresh_token(number).filter(|_| with_refresh_token);
        Some(Second { access_token, expires_in, refresh_token })
    }
}
