//! The call that opens a session with a new access token.

use tokio::time::Instant;
use valetkey_core::{
    Secret,
    connector::{Oauth2, Session},
    credential::AdditionalCredential,
};

use super::{
    answer::Reading,
    context::Context,
    error::TokenError,
    grant::TokenGrant,
    parameters::Parameters,
    request::{Draft, Values, send},
};
use crate::{
    egress::{Purpose, Request},
    url_template::render_url,
};

/// Opens the session that the definition wants, and adds its token and what it captures to `grant`. Without a
/// deadline the client's own limit holds.
pub(super) async fn open_session(
    context: Context<'_>,
    oauth2: &Oauth2,
    values: Values<'_>,
    deadline: Option<Instant>,
    grant: &mut TokenGrant,
) -> Result<(), TokenError> {
    let Some(session) = &oauth2.session else { return Ok(()) };
    let token = &grant.credential.access_token;
    let mut request = request(session, values, token)?;
    if let Some(deadline) = deadline {
        request = request.within(deadline.saturating_duration_since(Instant::now()));
    }
    let answer = send(context.client, request).await?;
    let secrets = [token];
    let reading =
        Reading { oauth2, rules: &session.answer, extended: None, now: context.now, secrets: &secrets };
    let opened = reading.read(&answer.raw())?;
    let session_token = AdditionalCredential {
        access_token: opened.credential.access_token,
        refresh_token: None,
        expires_at: opened.credential.expires_at,
    };
    grant.credential.additional.insert(session.name.clone(), session_token);
    grant.captured.extend(opened.captured);
    Ok(())
}

fn request(session: &Session, values: Values<'_>, token: &Secret) -> Result<Request, TokenError> {
    let names = std::collections::BTreeMap::new();
    let values = Values { access_token: Some(token), ..values };
    let mut parameters = Parameters::new(&names);
    for (name, template) in &session.parameters {
        parameters.further(name, values.render(template)?).map_err(TokenError::setup)?;
    }
    let draft = Draft {
        purpose: Purpose::Token,
        method: session.method,
        url: render_url(&session.url, values.fields).map_err(TokenError::setup)?,
        body: session.body,
        parameters,
        headers: &session.headers,
        authorization: None,
    };
    draft.into_request(values)
}
