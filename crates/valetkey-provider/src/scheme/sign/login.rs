//! Tokens that a login yields, and the requests of a login, one after the other (quirks 71 to 73, 76, 77).

use std::{collections::BTreeMap, sync::Arc};

use valetkey_core::{
    Secret,
    connector::{LoginRequest, Mint, MissingField, Template},
    refresh::OutcomeClass,
};

use super::{Rest, aws, minted::Source, value::Maker};
use crate::{
    CallError,
    destination::Destination,
    egress::Request,
    oauth::{self, Context, MintedToken},
};

/// What the requests of a login have captured, by the names of the definition.
type Captured = BTreeMap<String, Secret>;

impl<'a> Maker<'a> {
    /// The token that `mint` yields: one that is kept, or a new one.
    pub(super) async fn minted(
        &mut self,
        mint: &'a Mint,
        deeper: usize,
    ) -> Result<Arc<MintedToken>, CallError> {
        let source = Source::of(mint, self.computed, self.access);
        let slot = self.signer.minted.slot(&source);
        let mut place = slot.lock().await;
        let old = place.usable(self.now);
        let kept = source.kept(old.as_ref().map(|minted| minted.token.clone()), mint);
        let minted = if let Some(minted) = old {
            minted
        } else {
            let minted = Arc::new(self.log_in(mint, deeper).await?);
            place.keep(minted.clone());
            minted
        };
        drop(place);
        self.made.kept.push(kept);
        Ok(minted)
    }

    /// Asks for a token. Where it is refused, older tokens that it is made of are not used again.
    async fn log_in(&mut self, mint: &'a Mint, deeper: usize) -> Result<MintedToken, CallError> {
        self.make_each(mint.names(), deeper).await?;
        let made = self.each_step(mint).await;
        if let Err(CallError::Token(error)) = &made
            && !matches!(error.class(), OutcomeClass::Transient | OutcomeClass::RateLimited)
        {
            for kept in &self.made.kept {
                self.signer.minted.forget(kept).await;
            }
        }
        made
    }

    async fn each_step(&self, mint: &Mint) -> Result<MintedToken, CallError> {
        let Self { now, .. } = *self;
        let super::Signer { client, entropy, .. } = self.signer;
        let context = Context { client, entropy, now };
        let mut captured = Captured::new();
        for step in &mint.steps {
            let login = step.request();
            let request = self.login_request(login, &captured)?;
            let found = oauth::mint_step(context, login, request, &self.secrets(&captured)).await?;
            captured.extend(found);
        }
        let request = self.login_request(mint.request(), &captured)?;
        Ok(oauth::mint(context, mint, request, &self.secrets(&captured)).await?)
    }

    /// A request of a login. What answers have told may be its address, which must be at a host of the connector.
    fn login_request(&self, login: LoginRequest<'_>, captured: &Captured) -> Result<Request, CallError> {
        let mut fields = self.access.fields.clone();
        for (name, value) in captured {
            fields.entry(name.clone()).or_insert_with(|| value.expose().to_owned());
        }
        let destination = Destination::absolute(self.access.api, &fields, login.url)?;
        let render = |template: &Template| self.render_with(template, captured);
        let mut request = oauth::login_request(login, &destination, &render)?;
        if let Some(aws) = login.aws_sigv4 {
            aws::sign(aws, &render, self.now, Rest::Whole, &mut request)?;
        }
        Ok(request)
    }

    /// `template` with everything that was made, and what was captured.
    fn render_with(&self, template: &Template, captured: &Captured) -> Result<Secret, MissingField> {
        let value = |name: &str| {
            let found = captured.get(name).or_else(|| self.known.get(name)).map(Secret::expose);
            found.or(self.access.fields.get(name).map(String::as_str))
        };
        template.render(value).map(Secret::from)
    }

    /// What must not be in what is told about errors.
    fn secrets<'s>(&'s self, captured: &'s Captured) -> Vec<&'s Secret> {
        let credential = self.credential.iter().filter_map(|name| self.known.get(name));
        credential.chain(&self.made.secrets).chain(captured.values()).collect()
    }
}
