//! The end of a schedule: everything comes to rest, and what is stored is compared with what is true at the provider.

use valetkey_core::{
    account::{Reason, State},
    journal::EventKind,
    refresh::LEASE_SECONDS,
};
use valetkey_testkit::{
    app::{Node, Outcome},
    provider::RefreshTokenState,
};

use super::{
    Met,
    schedule::{Schedule, Until, Wish},
    world::INSTANCES,
};
use crate::support::{LIFETIME, Stored, address, use_credential};

fn check(holds: bool, what: impl FnOnce() -> String) -> Outcome<()> {
    if holds { Ok(()) } else { Err(what().into()) }
}

impl Schedule<'_> {
    /// Ends the schedule: everything is let go on, and what is due is done.
    pub(super) async fn end(&mut self) -> Outcome<()> {
        for instance in self.world.instances.iter().flatten() {
            instance.fuse.set(None);
        }
        self.world.installation.provider.provider.behave();
        self.let_go().await?;
        self.faulty = false;
        self.tell("everything is done that is due");
        self.world.installation.clock.advance(LIFETIME);
        self.do_what_is_due().await?;
        self.tell("and looked at");
        if self.wish == Wish::Suspended {
            let stored = self.stored().await?;
            check(stored.account.state == State::Suspended, || format!("not suspended: {stored:?}"))?;
            let eyes = &self.world.eyes;
            eyes.app.resume_account(&eyes.operator(), &address(&self.id)).await?;
            self.world.installation.clock.advance(LIFETIME);
            self.do_what_is_due().await?;
        }
        let end = if self.wish == Wish::Disconnected {
            self.is_disconnected().await
        } else {
            self.is_true().await
        }?;
        if end == Met::Works && !self.met.is_empty() {
            self.met.insert(Met::Survives);
        }
        self.met.insert(end);
        self.no_token_came_twice()?;
        self.delete().await
    }

    /// Lets everything that is under way come to its end.
    async fn let_go(&mut self) -> Outcome<()> {
        while !self.world.held.is_empty() {
            let until = self.release(0);
            self.wait(until).await?;
        }
        // Whoever waits for a slot that a dead instance holds gets it.
        self.world.installation.clock.advance(LEASE_SECONDS + 1);
        while !self.is_quiet() {
            if self.world.held.is_empty() {
                self.wait(Until::News).await?;
            } else {
                let until = self.release(0);
                self.wait(until).await?;
            }
        }
        Ok(())
    }

    async fn do_what_is_due(&mut self) -> Outcome<()> {
        for place in 0..INSTANCES {
            let work = |node: Node| async move {
                node.app.refresh_due().await?;
                node.app.revoke_due().await.map(drop)
            };
            self.try_refresh(place, "do what is due", work).await?;
            self.let_go().await?;
        }
        self.world.installation.clock.advance(1);
        Ok(())
    }

    /// The account is connected and works, or has a reason that is true.
    async fn is_true(&self) -> Outcome<Met> {
        let provider = &self.world.installation.provider.provider;
        let stored = self.stored().await?;
        let alive = provider.is_grant_alive(&self.grant);
        let end = match (stored.account.state, stored.account.reason) {
            (State::Active, Reason::None) => {
                let credential = use_credential(&self.world.eyes, &self.id).await?;
                let refresh_token = credential.refresh_token.ok_or("no refresh token")?;
                let (access, refresh) = (credential.access_token.expose(), refresh_token.expose());
                let newest = provider.refresh_token_state(refresh) == RefreshTokenState::Newest;
                let own = provider.grant_of_token(refresh).as_deref() == Some(self.grant.as_str());
                check(newest && own && provider.accepts_access_token(access), || {
                    format!("the tokens do not work: newest {newest}, of the grant {own}, {stored:?}")
                })?;
                Met::Works
            }
            (State::Active | State::Expired, Reason::RefreshOutcomeUnknown) => {
                let lost = self.lost.contains(&stored.generation());
                check(lost, || format!("no answer was lost: {stored:?}"))?;
                Met::Unknown
            }
            (State::Expired, Reason::RefreshFailed) | (State::Revoked, Reason::RevokedAtProvider) => {
                check(!alive, || format!("the grant is alive: {stored:?}"))?;
                Met::Withdrawn
            }
            _ => return Err(format!("no such state was expected: {stored:?}").into()),
        };
        is_whole(&stored)?;
        Ok(end)
    }

    async fn is_disconnected(&self) -> Outcome<Met> {
        let stored = self.stored().await?;
        let nothing_left = stored.credential.is_none() && stored.refresh.is_none();
        check(stored.account.state == State::Disconnected && nothing_left, || format!("{stored:?}"))?;
        let alive = self.world.installation.provider.provider.is_grant_alive(&self.grant);
        check(!alive, || format!("the provider was not told: {stored:?}"))?;
        Ok(Met::Disconnected)
    }

    /// No refresh token was presented after it was spent.
    fn no_token_came_twice(&self) -> Outcome<()> {
        let grants = self.world.installation.provider.provider.grants_of(&self.user);
        check(!grants.is_empty() && grants.iter().all(|grant| grant.reuses == 0), || format!("{grants:?}"))
    }

    /// Deletes the account, after which the provider does not accept its tokens any more.
    async fn delete(&mut self) -> Outcome<()> {
        let eyes = &self.world.eyes;
        eyes.app.delete_account(&eyes.operator(), &address(&self.id)).await?;
        self.world.installation.clock.advance(LEASE_SECONDS + 1);
        eyes.app.revoke_due().await?;
        let alive = self.world.installation.provider.provider.is_grant_alive(&self.grant);
        check(!alive, || "the provider was not told of the deletion".into())?;
        let mut tx = eyes.pool.begin().await?;
        for host in valetkey_store::token_host::all(&mut tx).await? {
            valetkey_store::token_host::recover(&mut tx, &host.host).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// What belongs together was written together.
fn is_whole(stored: &Stored) -> Outcome<()> {
    let live = stored.credential.as_ref().ok_or("no credential")?;
    check(stored.account.token_expires_at == live.expires_at, || format!("two expiries: {stored:?}"))?;
    let renewed = stored.count(EventKind::CredentialStored) + stored.count(EventKind::TokenRefreshed);
    let journalled = i64::try_from(renewed)? == live.generation;
    // The numbers begin anew after it.
    let destroyed = stored.count(EventKind::CredentialDestroyed) > 0;
    check(destroyed || journalled, || format!("the journal tells another story: {stored:?}"))
}
