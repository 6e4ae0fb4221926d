//! Revocation at the provider (RFC 7009, or the provider's own call).

use std::time::Duration;

use tokio::time::Instant;
use valetkey_core::{
    Secret, Timestamp,
    connector::{AnswerFormat, Oauth2, Revocation, RevokedToken, TokenPlace},
    credential::OauthCredential,
};

use super::{
    answer::{RawAnswer, applies, document, error_in},
    client::{OauthClient, authenticate},
    context::Context,
    error::{ErrorAnswer, TokenError, Unusable},
    parameters::Parameters,
    request::{Draft, Values, add_further, render_with_token, send},
};
use crate::{
    Fields,
    egress::{Purpose, Request},
    scheme::bearer_value,
};

/// What a revocation is made from.
#[derive(Clone, Copy, Debug)]
pub struct RevokeRequest<'a> {
    /// The definition, with what the connection overrides already merged.
    pub oauth2: &'a Oauth2,
    /// The registered application.
    pub client: OauthClient<'a>,
    /// The tokens to revoke.
    pub credential: &'a OauthCredential,
    /// Connection, account and discovered fields.
    pub fields: &'a Fields,
    /// How long all of it may take.
    pub timeout: Duration,
}

/// What became of a revocation. It may be repeated: a token that does not work any more counts as revoked
/// (RFC 7009 §2.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RevocationResult {
    /// None of the tokens that the provider revokes works any more.
    Revoked,
    /// The connector knows no way to revoke, or the provider revokes no token of this kind (RFC 7009 §2.2.1).
    Unsupported,
    /// A token may still work.
    Failed {
        /// What happened, safe to show.
        reason: String,
        /// Whether to try again is of no use until somebody changes something.
        permanent: bool,
        /// Seconds that the provider asks to wait.
        retry_after: Option<u64>,
    },
}

/// What became of one token.
enum Outcome {
    Revoked,
    Unsupported,
    Failed(TokenError),
}

/// Hands in the tokens in the order of the definition, those of the first kind for all tokens of the grant before the
/// next kind.
pub(crate) async fn revoke(context: Context<'_>, input: RevokeRequest<'_>) -> RevocationResult {
    let Some(revocation) = &input.oauth2.revocation else { return RevocationResult::Unsupported };
    let deadline = Instant::now() + input.timeout;
    let mut outcomes = Vec::new();
    for (kind, token) in tokens(revocation, input.credential) {
        let left = deadline.saturating_duration_since(Instant::now());
        let outcome = match request(context, &input, revocation, kind, token) {
            Ok(request) => one(context, &input, revocation, token, request.within(left)).await,
            Err(error) => Outcome::Failed(error),
        };
        outcomes.push(outcome);
    }
    sum(&outcomes)
}

/// The tokens to hand in, each once.
fn tokens<'a>(revocation: &Revocation, credential: &'a OauthCredential) -> Vec<(RevokedToken, &'a Secret)> {
    let mut list: Vec<(RevokedToken, &Secret)> = Vec::new();
    for kind in &revocation.tokens {
        let further = credential.additional.values();
        let found: Vec<&Secret> = match kind {
            RevokedToken::RefreshToken => std::iter::once(credential.refresh_token.as_ref())
                .chain(further.map(|more| more.refresh_token.as_ref()))
                .flatten()
                .collect(),
            RevokedToken::AccessToken => std::iter::once(&credential.access_token)
                .chain(further.map(|more| &more.access_token))
                .collect(),
        };
        for token in found {
            if !token.is_empty() && !list.iter().any(|(_, known)| *known == token) {
                list.push((*kind, token));
            }
        }
    }
    list
}

fn request(
    context: Context<'_>,
    input: &RevokeRequest<'_>,
    revocation: &Revocation,
    kind: RevokedToken,
    token: &Secret,
) -> Result<Request, TokenError> {
    let values = Values::new(input.client.client_id, input.fields);
    let client = OauthClient {
        authentication: revocation.client_authentication.unwrap_or(input.client.authentication),
        ..input.client
    };
    let mut parameters = Parameters::new(&revocation.parameter_names);
    let authorization = match revocation.token_place {
        TokenPlace::Parameter => {
            parameters.standard("token", token.clone());
            parameters.standard("token_type_hint", kind.hint());
            authenticate(context, input.oauth2, &client, input.fields, &mut parameters)?
        }
        TokenPlace::Bearer => Some(bearer_value(token).map_err(TokenError::setup)?),
        TokenPlace::Path => authenticate(context, input.oauth2, &client, input.fields, &mut parameters)?,
    };
    add_further(&mut parameters, &revocation.parameters, values)?;
    let in_path = (revocation.token_place == TokenPlace::Path).then_some(token);
    let draft = Draft {
        purpose: Purpose::Revocation,
        method: revocation.method,
        url: render_with_token(&revocation.url, values, in_path)?,
        body: revocation.body,
        parameters,
        headers: &revocation.headers,
        authorization,
    };
    draft.into_request(values)
}

async fn one(
    context: Context<'_>,
    input: &RevokeRequest<'_>,
    revocation: &Revocation,
    token: &Secret,
    request: Request,
) -> Outcome {
    let answer = match send(context.client, request).await {
        Ok(answer) => answer,
        Err(error) => return Outcome::Failed(error),
    };
    let secrets: Vec<&Secret> = std::iter::once(token).chain(input.client.client_secret).collect();
    match refusal(revocation, &answer.raw(), context.now, &secrets) {
        None => Outcome::Revoked,
        Some(error) => weigh(revocation.token_place, error),
    }
}

/// What an answer has against the revocation; `None` is a success. The body of a success may be anything but a web
/// page, which comes from somewhere else than the endpoint.
fn refusal(
    revocation: &Revocation,
    answer: &RawAnswer<'_>,
    now: Timestamp,
    secrets: &[&Secret],
) -> Option<TokenError> {
    let document = document(AnswerFormat::Auto, answer);
    let page = !answer.body.is_empty() && matches!(document, Err(Unusable::Html));
    let document = document.ok();
    let success = (200..300).contains(&answer.status);
    if success && page {
        return Some(Unusable::Html.into());
    }
    let erroneous = || revocation.errors.iter().any(|rule| applies(rule, answer.status, document.as_ref()));
    (!success || erroneous()).then(|| error_in(&revocation.errors, answer, document.as_ref(), now, secrets))
}

/// What an error answer says about the token.
fn weigh(place: TokenPlace, error: TokenError) -> Outcome {
    let code = |said: &ErrorAnswer, expected: &str| said.code.as_deref() == Some(expected);
    match &error {
        TokenError::RevokedAtProvider(_) => Outcome::Revoked,
        // That we may not do it says nothing about the token.
        TokenError::GrantInvalid(said) if !code(said, "access_denied") => Outcome::Revoked,
        TokenError::Unusable(Unusable::UnknownError(said)) if code(said, "invalid_token") => Outcome::Revoked,
        TokenError::Unusable(Unusable::UnknownError(said)) if code(said, "unsupported_token_type") => {
            Outcome::Unsupported
        }
        // The token was its own authentication.
        TokenError::ClientMisconfigured(said) if place == TokenPlace::Bearer && said.status == Some(401) => {
            Outcome::Revoked
        }
        _ => Outcome::Failed(error),
    }
}

/// One failure makes the whole a failure; it is permanent if no token would fare better at another time.
fn sum(outcomes: &[Outcome]) -> RevocationResult {
    let failures: Vec<&TokenError> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Failed(error) => Some(error),
            Outcome::Revoked | Outcome::Unsupported => None,
        })
        .collect();
    let hopeful = failures.iter().find(|error| !is_permanent(error));
    if let Some(error) = hopeful.or(failures.first()) {
        return RevocationResult::Failed {
            reason: error.to_string(),
            permanent: hopeful.is_none(),
            retry_after: failures.iter().filter_map(|error| error.retry_after()).max(),
        };
    }
    let any = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Revoked));
    if any { RevocationResult::Revoked } else { RevocationResult::Unsupported }
}

const fn is_permanent(error: &TokenError) -> bool {
    match error {
        TokenError::Transient { .. }
        | TokenError::RateLimited { .. }
        | TokenError::Unknown { .. }
        | TokenError::Unusable(Unusable::Html) => false,
        TokenError::GrantInvalid(_)
        | TokenError::RevokedAtProvider(_)
        | TokenError::NotRenewable(_)
        | TokenError::ClientMisconfigured(_)
        | TokenError::ScopeProblem(_)
        | TokenError::Unusable(_)
        | TokenError::Setup { .. } => true,
    }
}
