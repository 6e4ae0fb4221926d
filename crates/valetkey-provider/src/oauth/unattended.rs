//! An authorization request that needs no person (`prompt=none`, `OpenID` Connect Core 1.0 §3.1.2.1), at a test provider.

use http::{Method, header};
use url::{Position, Url};

use crate::egress::{EgressClient, EgressError, Outcome, Purpose, Request};

/// Why such a request does not come back.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnattendedError {
    /// No answer came.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// The answer is not a redirect.
    #[error("the provider answered with status {0} and did not send the user back")]
    NotRedirected(u16),
    /// The redirect leads elsewhere.
    #[error("the provider did not send the user back to the redirect URI")]
    Elsewhere,
}

/// Sends the request as a browser would, and returns where the browser is sent: `redirect_uri` with a query.
pub(crate) async fn authorize_unattended(
    client: &EgressClient,
    url: Url,
    redirect_uri: &str,
) -> Result<Url, UnattendedError> {
    let answer = match client.send(Request::new(Purpose::Authorization, Method::GET, url)).await? {
        Outcome::Redirected(answer) => answer,
        Outcome::Answered(answer) => return Err(UnattendedError::NotRedirected(answer.status.as_u16())),
    };
    let path = |url: &Url| url[..Position::AfterPath].to_owned();
    let expected = Url::parse(redirect_uri).ok().as_ref().map(path);
    let back = answer.header(&header::LOCATION).and_then(|to| Url::parse(to).ok());
    back.filter(|back| expected == Some(path(back))).ok_or(UnattendedError::Elsewhere)
}
