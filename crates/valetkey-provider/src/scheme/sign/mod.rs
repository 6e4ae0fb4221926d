//! Credentials that are made for a request when everything else of it is known.
//!
//! [`attach`](super::attach) places what is the same for each request; [`sign`] adds what depends on it. A connector that
//! signs nothing costs a look at its placements here.

mod aws;
mod canonical;
mod clock;
mod digest;
mod jwt;
pub(crate) mod key;
mod login;
mod minted;
mod oauth1;
mod saml;
mod value;

use std::time::Duration;

use http::StatusCode;
use tokio::time::timeout;
use valetkey_core::{
    Clock, Entropy, Secret,
    connector::{Placement, Template},
};

pub(super) use self::{aws::NAMES as AWS_NAMES, oauth1::NAMES as OAUTH1_NAMES};
pub(crate) use self::{canonical::is_form, minted::Minted};

use self::{minted::Kept, value::Maker};
use super::{placed, render};
use crate::{
    Access, CallError,
    egress::{EgressClient, EgressError, Request},
};

/// How long it may take to exchange a credential for a token where nothing else is said.
const LIMIT: Duration = Duration::from_secs(30);

/// What signatures are made with.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    /// The way out, to exchange a credential for a token.
    pub(crate) client: &'a EgressClient,
    /// The randomness of nonces.
    pub(crate) entropy: &'a dyn Entropy,
    /// The time of signatures.
    pub(crate) clock: &'a dyn Clock,
    /// Tokens that were exchanged before.
    pub(crate) minted: &'a Minted,
}

/// What was made for a request.
#[derive(Default)]
pub(crate) struct Made {
    /// Texts that nobody but the API may see.
    pub(crate) secrets: Vec<Secret>,
    kept: Vec<Kept>,
}

impl Made {
    /// Forgets the tokens of a request that the API has refused. Whether one of them was old, so that another request
    /// would carry a newer one.
    pub(crate) async fn is_renewed_after(&self, signer: Signer<'_>, status: StatusCode) -> bool {
        let mut renewed = false;
        for kept in self.kept.iter().filter(|kept| kept.is_refused_by(status)) {
            signer.minted.forget(kept).await;
            renewed |= kept.is_old();
        }
        renewed
    }
}

/// Where the body of a request is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// In the request.
    Whole,
    /// It is sent as it comes.
    Streamed,
}

/// Whether a signature needs the body, so that it cannot be sent as it comes. `form`: it is a form.
pub(crate) fn needs_body(placements: &[Placement], form: bool) -> bool {
    placements.iter().any(|placement| placement.needs_body(form))
}

/// Adds to a request, which is complete but for this, what has to be made for it, within `limit`.
pub(crate) async fn sign(
    signer: Signer<'_>,
    access: &Access<'_>,
    request: Request,
    rest: Rest,
    limit: Option<Duration>,
) -> Result<(Request, Made), CallError> {
    if !access.placements.iter().any(Placement::is_signing) {
        return Ok((request, Made::default()));
    }
    // Few connectors sign, and the future of a call should not be larger for all others.
    let (host, limit) = (request.host().to_owned(), limit.unwrap_or(LIMIT));
    let done = Box::pin(timeout(limit, sign_each(signer, access, request, rest))).await;
    done.unwrap_or_else(|_| Err(EgressError::Timeout { host, limit }.into()))
}

async fn sign_each(
    signer: Signer<'_>,
    access: &Access<'_>,
    mut request: Request,
    rest: Rest,
) -> Result<(Request, Made), CallError> {
    let secrets = access.credential.template_values();
    let known = |template: &Template| render(template, &secrets, access.fields);
    let now = signer.clock.now();
    let mut made = Made::default();
    for placement in access.placements {
        match placement {
            Placement::Header { .. } | Placement::Query { .. } | Placement::Basic { .. } => {}
            Placement::Computed(computed) => {
                let mut maker = Maker::new(signer, access, computed, &request, now);
                maker.make_all().await?;
                let placed = placed(&computed.place, &|template: &Template| maker.render(template))?;
                request.headers_mut().extend(placed.headers);
                for (name, value) in &placed.query {
                    request.append_query(name, value.expose());
                }
                for place in &computed.place {
                    if let Placement::AwsSigv4(aws) = place {
                        aws::sign(aws, &|template| maker.render(template), now, rest, &mut request)?;
                    }
                }
                let of_this = maker.into_made();
                made.secrets.extend(of_this.secrets);
                made.kept.extend(of_this.kept);
            }
            Placement::AwsSigv4(aws) => aws::sign(aws, &known, now, rest, &mut request)?,
            Placement::Oauth1(oauth1) => oauth1::sign(oauth1, &known, now, signer.entropy, &mut request)?,
        }
    }
    Ok((request, made))
}

#[cfg(test)]
mod tests;
