//! How far a request for new tokens would come, found out without a token of anybody.

use std::time::{Duration, UNIX_EPOCH};

use http::{
    HeaderMap, Method,
    header::{AGE, DATE},
};
use url::Url;
use valetkey_core::{
    Clock, Secret, Timestamp,
    connector::{Oauth2, RefreshWay},
    credential::OauthCredential,
    scope::ScopeSet,
};

use crate::{
    Fields, UrlError,
    egress::{EgressClient, EgressError, Purpose, Request, Route},
    oauth::{self, Context, OauthClient, RefreshRequest, TokenError},
    url_template::render_url,
};

/// The refresh token that is presented to find out whether the provider accepts the client. Nobody has issued it.
pub const PROBE: &str = "valetkey-doctor-probe";

/// What to diagnose.
#[derive(Clone, Copy, Debug)]
pub struct DiagnosisRequest<'a> {
    /// The definition, with what the connection overrides already merged.
    pub oauth2: &'a Oauth2,
    /// The registered application.
    pub client: OauthClient<'a>,
    /// Connection, account and discovered fields.
    pub fields: &'a Fields,
    /// How long a request may take.
    pub timeout: Duration,
    /// Whether to present [`PROBE`].
    pub probe: bool,
}

/// How far a request for new tokens would come.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The way to the token endpoint.
    pub route: Route,
    /// The clock of the provider, or why it could not be read; absent where nothing answers.
    pub clock: Option<Result<ClockReading, String>>,
    /// What the provider says about the client; absent where it was not asked.
    pub client: Option<ClientVerdict>,
}

/// The clock of a provider beside ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockReading {
    /// What the provider's clock showed (RFC 9110 §6.6.1), exact to a second.
    pub provider: Timestamp,
    /// What ours showed at the same moment, as far as that can be known.
    pub ours: Timestamp,
    /// By how much the two can differ because of the measurement alone, in milliseconds.
    pub uncertainty: i64,
}

/// What a provider says about the client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientVerdict {
    /// It has read the refresh token and refused that, so it accepts the client.
    Accepted {
        /// What it said.
        said: String,
    },
    /// It refuses the client.
    Refused {
        /// What it said.
        said: String,
    },
    /// The answer does not tell.
    Unclear {
        /// What came.
        said: String,
    },
    /// The request cannot be made: something is missing in the connection or its definition.
    Impossible {
        /// What is missing.
        reason: String,
    },
    /// There is no request for new tokens that could spend nothing.
    NotAskable {
        /// Why.
        reason: &'static str,
    },
}

/// Why the endpoint for new tokens has no usable address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DiagnosisError {
    /// The definition and the fields give none.
    #[error(transparent)]
    Address(#[from] UrlError),
    /// It is not one that can be called.
    #[error(transparent)]
    Egress(#[from] EgressError),
}

pub(crate) async fn diagnose(
    context: Context<'_>,
    clock: &dyn Clock,
    request: DiagnosisRequest<'_>,
) -> Result<Diagnosis, DiagnosisError> {
    let url = endpoint(&request)?;
    let route = context.client.route(Purpose::Token, &url).await?;
    let (mut time, mut client) = (None, None);
    if route.is_open() {
        time = Some(read_clock(context.client, clock, url, request.timeout).await);
        if request.probe {
            client = Some(ask(context, &request).await);
        }
    }
    Ok(Diagnosis { route, clock: time, client })
}

fn endpoint(request: &DiagnosisRequest<'_>) -> Result<Url, UrlError> {
    let mut fields = request.fields.clone();
    fields.insert("client_id".into(), request.client.client_id.to_owned());
    fields.insert("token".into(), PROBE.into());
    render_url(request.oauth2.refresh_endpoint().url, &fields)
}

/// Asks for the top of the host, because every answer has the time, a refusal too.
async fn read_clock(
    client: &EgressClient,
    clock: &dyn Clock,
    mut url: Url,
    timeout: Duration,
) -> Result<ClockReading, String> {
    url.set_path("/");
    url.set_query(None);
    let request = Request::new(Purpose::Token, Method::HEAD, url).within(timeout);
    let before = clock.now();
    let answer = client.send(request).await.map_err(|error| error.to_string())?.into_answer();
    reading(&answer.headers, before, clock.now()).ok_or_else(|| "its answer has no usable Date header".into())
}

/// The clock of whoever sent `headers` at a moment between `before` and `after`.
fn reading(headers: &HeaderMap, before: Timestamp, after: Timestamp) -> Option<ClockReading> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let date = httpdate::parse_http_date(text(DATE)?).ok()?;
    let seconds = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    // A cache in between repeats the date of what it keeps, and says how old that is (RFC 9111 §5.1).
    let age: u64 = text(AGE).and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    let half = (after.millis() - before.millis()).max(0) / 2;
    Some(ClockReading {
        // The fraction of a second is left out; half of it is the best guess.
        provider: Timestamp::from_millis(
            i64::try_from(seconds.saturating_add(age)).ok()?.saturating_mul(1000) + 500,
        ),
        ours: Timestamp::from_millis(before.millis() + half),
        uncertainty: half + 500,
    })
}

async fn ask(context: Context<'_>, request: &DiagnosisRequest<'_>) -> ClientVerdict {
    match request.oauth2.refresh.way {
        RefreshWay::RefreshToken | RefreshWay::ExchangeAccessToken => {}
        RefreshWay::ClientCredentials => {
            let reason = "its tokens come for the client alone, so that every such request issues one";
            return ClientVerdict::NotAskable { reason };
        }
        RefreshWay::None => {
            return ClientVerdict::NotAskable { reason: "its tokens cannot be renewed" };
        }
    }
    let credential = OauthCredential {
        access_token: Secret::from(PROBE),
        refresh_token: Some(Secret::from(PROBE)),
        ..OauthCredential::default()
    };
    let probe = RefreshRequest {
        oauth2: request.oauth2,
        client: request.client,
        credential: &credential,
        granted: &ScopeSet::default(),
        fields: request.fields,
        timeout: request.timeout,
    };
    oauth::refresh(context, probe).await.map_or_else(verdict, |_| ClientVerdict::Unclear {
        said: "it issued tokens for a refresh token that nobody has".into(),
    })
}

fn verdict(error: TokenError) -> ClientVerdict {
    match error {
        TokenError::GrantInvalid(said) | TokenError::RevokedAtProvider(said) => {
            ClientVerdict::Accepted { said: said.to_string() }
        }
        TokenError::ClientMisconfigured(said) => ClientVerdict::Refused { said: said.to_string() },
        TokenError::Setup { reason } => ClientVerdict::Impossible { reason },
        TokenError::NotRenewable(reason) => ClientVerdict::NotAskable { reason },
        TokenError::ScopeProblem(_)
        | TokenError::Transient { .. }
        | TokenError::Unknown { .. }
        | TokenError::RateLimited { .. }
        | TokenError::Unusable(_) => ClientVerdict::Unclear { said: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const SENT: i64 = 784_111_777_000;

    fn read(headers: &[(http::HeaderName, &str)]) -> Option<ClockReading> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        reading(&headers, Timestamp::from_millis(SENT), Timestamp::from_millis(SENT + 400))
    }

    #[test]
    fn the_clock_of_a_provider_is_its_date_and_what_a_cache_adds() {
        let date = (DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        let fresh = read(std::slice::from_ref(&date)).unwrap();
        assert_eq!((fresh.provider.millis(), fresh.ours.millis()), (SENT + 500, SENT + 200));
        assert_eq!(fresh.uncertainty, 700);
        let cached = read(&[date, (AGE, "60")]).unwrap();
        assert_eq!(cached.provider, fresh.provider.plus_seconds(60));
    }

    #[test]
    fn a_date_that_is_missing_or_malformed_is_no_reading() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[(DATE, "yesterday")]), None);
    }
}
