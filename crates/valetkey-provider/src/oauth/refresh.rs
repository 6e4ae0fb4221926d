//! The refresh request (RFC 6749 §6) as the provider wants it.

use std::{collections::BTreeMap, time::Duration};

use http::{HeaderValue, header};
use tokio::time::Instant;
use valetkey_core::{
    Secret,
    connector::{AdditionalRefresh, Oauth2, RefreshWay, TokenPlace},
    credential::{AdditionalCredential, OauthCredential},
    scope::ScopeSet,
};

use super::{
    answer::Reading,
    client::{OauthClient, authenticate},
    context::Context,
    error::TokenError,
    grant::TokenGrant,
    parameters::Parameters,
    request::{Draft, Values, add_further, render_with_token, send},
    session::open_session,
};
use crate::{
    Fields,
    egress::{Purpose, Request},
    scheme::bearer_value,
};

/// What a refresh is made from.
#[derive(Clone, Copy, Debug)]
pub struct RefreshRequest<'a> {
    /// The definition, with what the connection overrides already merged.
    pub oauth2: &'a Oauth2,
    /// The registered application.
    pub client: OauthClient<'a>,
    /// The tokens to renew.
    pub credential: &'a OauthCredential,
    /// The scopes that were granted. No others are asked for.
    pub granted: &'a ScopeSet,
    /// Connection, account and discovered fields.
    pub fields: &'a Fields,
    /// How long all of it may take. Shorter than the lease under which it happens.
    pub timeout: Duration,
}

/// What a refresh gives, complete and ready to store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refreshed {
    /// The grant. Where the answer has no refresh token the old one is kept (RFC 6749 §6), and where it names no
    /// scopes they are as before.
    pub grant: TokenGrant,
    /// Further tokens that a request of their own did not renew. The grant has those that may still be of use; ask
    /// again after the usual pause, not at once.
    pub unrenewed: BTreeMap<String, TokenError>,
}

/// Renews the tokens. Each token is presented at most once, whatever happens.
pub(crate) async fn refresh(
    context: Context<'_>,
    input: RefreshRequest<'_>,
) -> Result<Refreshed, TokenError> {
    if !input.oauth2.refresh.can_renew(input.credential) {
        return Err(TokenError::NotRenewable(
            "there is no refresh token, or the connector has no way to renew",
        ));
    }
    let run = Run { context, input, deadline: Instant::now() + input.timeout };
    let old = input.credential;
    let mut grant = run.renew(&old.access_token, old.refresh_token.as_ref()).await?;
    let renewed = &mut grant.credential;
    if renewed.refresh_token_expires_at.is_none() && renewed.refresh_token == old.refresh_token {
        renewed.refresh_token_expires_at = old.refresh_token_expires_at;
    }
    let mut presented: Presented<'_> =
        old.refresh_token.iter().map(|token| (token, Ok(Renewed::of(&grant)))).collect();
    let mut unrenewed = BTreeMap::new();
    if let (Some(session), Err(error)) = (&input.oauth2.session, run.open_session(&mut grant).await) {
        unrenewed.insert(session.name.clone(), error);
    }
    for (name, old) in &old.additional {
        if let Some(answered) = grant.credential.additional.get_mut(name) {
            answered.refresh_token = answered.refresh_token.take().or_else(|| old.refresh_token.clone());
            continue;
        }
        let (kept, granted) = match run.additional(name, old, &mut presented).await {
            Some(Ok(renewed)) => (Some(renewed.tokens), renewed.granted),
            Some(Err(error)) => {
                let kept = run.kept(old, &error);
                unrenewed.insert(name.clone(), error);
                (kept, None)
            }
            None => (run.unexpired(old), None),
        };
        grant.credential.additional.extend(kept.map(|kept| (name.clone(), kept)));
        // The scopes of all tokens are known only if each answer names its own.
        grant.granted = grant.granted.zip(granted).map(|(all, more)| all.union(&more));
    }
    Ok(Refreshed { grant, unrenewed })
}

/// Refresh tokens that were presented, and what each gave.
type Presented<'a> = Vec<(&'a Secret, Result<Renewed, TokenError>)>;

/// What a presented refresh token gave.
#[derive(Clone)]
struct Renewed {
    tokens: AdditionalCredential,
    granted: Option<ScopeSet>,
}

impl Renewed {
    fn of(grant: &TokenGrant) -> Self {
        let OauthCredential { access_token, refresh_token, expires_at, .. } = grant.credential.clone();
        let tokens = AdditionalCredential { access_token, refresh_token, expires_at };
        Self { tokens, granted: grant.granted.clone() }
    }
}

/// One refresh with all its requests.
struct Run<'a> {
    context: Context<'a>,
    input: RefreshRequest<'a>,
    deadline: Instant,
}

impl Run<'_> {
    /// Presents a token and reads what comes back.
    async fn renew(&self, access: &Secret, refresh: Option<&Secret>) -> Result<TokenGrant, TokenError> {
        let oauth2 = self.input.oauth2;
        let presented = match oauth2.refresh.way {
            RefreshWay::RefreshToken => refresh,
            RefreshWay::ExchangeAccessToken => Some(access),
            RefreshWay::ClientCredentials | RefreshWay::None => None,
        };
        let left = self.deadline.saturating_duration_since(Instant::now());
        let answer =
            send(self.context.client, request(self.context, &self.input, presented)?.within(left)).await?;
        let secrets: Vec<&Secret> =
            [Some(access), refresh, self.input.client.client_secret].into_iter().flatten().collect();
        let reading = Reading {
            oauth2,
            rules: oauth2.refresh_endpoint().answer,
            extended: oauth2.refresh.extends_token.then_some(access),
            now: self.context.now,
            secrets: &secrets,
        };
        let mut grant = reading.read(&answer.raw())?;
        if grant.credential.refresh_token.is_none() {
            grant.credential.refresh_token = refresh.cloned();
        }
        Ok(grant)
    }

    async fn open_session(&self, grant: &mut TokenGrant) -> Result<(), TokenError> {
        let values = Values::new(self.input.client.client_id, self.input.fields);
        open_session(self.context, self.input.oauth2, values, Some(self.deadline), grant).await
    }

    /// Renews a further token where the definition gives it a request of its own. What was presented before is not
    /// presented again: both get what came back then.
    async fn additional<'t>(
        &self,
        name: &str,
        old: &'t AdditionalCredential,
        presented: &mut Presented<'t>,
    ) -> Option<Result<Renewed, TokenError>> {
        let defined = self.input.oauth2.token.answer.additional_tokens.get(name)?;
        let token = match defined.refresh {
            AdditionalRefresh::Own => old.refresh_token.as_ref()?,
            AdditionalRefresh::WithMain => return None,
        };
        if let Some((_, outcome)) = presented.iter().find(|(before, _)| *before == token) {
            return Some(outcome.clone());
        }
        let outcome = self.renew(&old.access_token, Some(token)).await.map(|grant| Renewed::of(&grant));
        presented.push((token, outcome.clone()));
        Some(outcome)
    }

    fn unexpired(&self, old: &AdditionalCredential) -> Option<AdditionalCredential> {
        old.expires_at.is_none_or(|at| at > self.context.now).then(|| old.clone())
    }

    /// What remains of a further token after `error`. A refresh token that may be spent is not presented again.
    fn kept(&self, old: &AdditionalCredential, error: &TokenError) -> Option<AdditionalCredential> {
        let dead = matches!(error, TokenError::GrantInvalid(_) | TokenError::RevokedAtProvider(_));
        let spent = error.maybe_issued() && !self.input.oauth2.refresh.repeat_tolerated;
        if dead || spent {
            return self.unexpired(old).map(|kept| AdditionalCredential { refresh_token: None, ..kept });
        }
        Some(old.clone())
    }
}

fn request(
    context: Context<'_>,
    input: &RefreshRequest<'_>,
    presented: Option<&Secret>,
) -> Result<Request, TokenError> {
    let Oauth2 { refresh, authorization, scopes, .. } = input.oauth2;
    let endpoint = input.oauth2.refresh_endpoint();
    let values = Values::new(input.client.client_id, input.fields);
    let mut parameters = Parameters::new(endpoint.parameter_names);
    parameters.standard("grant_type", endpoint.grant_type);
    if let (Some(token), TokenPlace::Parameter) = (presented, refresh.token_place) {
        parameters.standard(parameter_of(refresh.way), token.clone());
    }
    if refresh.send_scope {
        parameters.standard(&scopes.parameter, input.granted.join(&scopes.separator));
    }
    let client = OauthClient {
        authentication: input.oauth2.refresh_authentication(input.client.authentication),
        ..input.client
    };
    let own = authenticate(context, input.oauth2, &client, input.fields, &mut parameters)?;
    add_further(&mut parameters, endpoint.parameters, values)?;
    let repeated = refresh.repeat_parameters.iter().filter(|name| !endpoint.parameters.contains_key(*name));
    for name in repeated {
        if let Some(template) = authorization.parameters.get(name) {
            parameters.further(name, values.render(template)?).map_err(TokenError::setup)?;
        }
    }
    let in_path = presented.filter(|_| refresh.token_place == TokenPlace::Path);
    let draft = Draft {
        purpose: Purpose::Token,
        method: endpoint.method,
        url: render_with_token(endpoint.url, values, in_path)?,
        body: endpoint.body,
        parameters,
        headers: endpoint.headers,
        authorization: authorization_header(refresh.token_place, presented, own)?,
    };
    draft.into_request(values)
}

const fn parameter_of(way: RefreshWay) -> &'static str {
    match way {
        RefreshWay::ExchangeAccessToken => "access_token",
        RefreshWay::RefreshToken | RefreshWay::ClientCredentials | RefreshWay::None => "refresh_token",
    }
}

/// The one value of the `authorization` header: the presented token, or our own authentication.
fn authorization_header(
    place: TokenPlace,
    presented: Option<&Secret>,
    own: Option<HeaderValue>,
) -> Result<Option<HeaderValue>, TokenError> {
    match (place, presented, own) {
        (TokenPlace::Bearer, Some(_), Some(_)) => Err(TokenError::setup(format!(
            "the {} header is to carry both the token and the client authentication; choose client_secret_post",
            header::AUTHORIZATION
        ))),
        (TokenPlace::Bearer, Some(token), None) => bearer_value(token).map(Some).map_err(TokenError::setup),
        (_, _, own) => Ok(own),
    }
}
