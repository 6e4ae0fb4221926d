//! The pages' port, served by the use cases.

use valetkey_app::{App, connect};
use valetkey_core::{account::State, id::ConnectionId};

use super::{
    callback::CallbackQuery,
    port::{
        About, ConnectPort, Connected, Failure, Fields, LinkPage, Next, Reauthorization, ScopeLine, Step,
        SubmitError,
    },
    problem::{FlowProblem, LinkProblem, Problem, ProviderCode, ProviderProblem, ServerProblem},
    token::{BrowserToken, LinkToken},
    web_url::WebUrl,
};

/// The use cases as the pages see them.
pub struct AppPort(pub App);

fn web(url: Option<&str>) -> Option<WebUrl> {
    url.and_then(|url| WebUrl::try_from(url).ok())
}

fn about(known: connect::About) -> About {
    About {
        application: known.application,
        connector: known.connector,
        return_to: web(known.return_url.as_deref()),
    }
}

fn lines(scopes: Vec<connect::ScopeLine>) -> Vec<ScopeLine> {
    scopes.into_iter().map(|line| ScopeLine { scope: line.scope, description: line.description }).collect()
}

fn page(page: connect::LinkPage) -> LinkPage {
    let first_time = matches!(page.state, State::PendingAuth | State::PendingVerification);
    LinkPage {
        about: About {
            application: page.application,
            connector: page.connector_name,
            return_to: web(page.return_url.as_deref()),
        },
        environment: None,
        identifier: page.identifier,
        step: match page.kind {
            connect::PageKind::Consent => Step::Consent,
            connect::PageKind::CredentialForm => Step::Credential,
            connect::PageKind::Confirm => Step::Confirm,
        },
        fields: page.account_fields.into_iter().chain(page.credential_fields).collect(),
        values: page.values,
        scopes: lines(page.scopes),
        reauthorization: (!first_time).then_some(Reauthorization { state: page.state, reason: page.reason }),
        verification: page.verification,
        expires: page.expires_at,
    }
}

/// The problem of a use case as the pages know it; form problems are taken out before.
fn problem(problem: connect::Problem) -> Problem {
    use connect::Problem as From;
    match problem {
        From::UnknownLink => LinkProblem::Unknown.into(),
        From::LinkExpired => LinkProblem::Expired.into(),
        From::LinkUsed => LinkProblem::Used.into(),
        From::LinkRevoked => LinkProblem::Revoked.into(),
        From::ConnectionDisabled => ServerProblem::ConnectionDisabled.into(),
        From::ConnectionMisconfigured => ServerProblem::ConnectionMisconfigured.into(),
        From::UnknownState => FlowProblem::Unknown.into(),
        From::StateSpent => FlowProblem::Spent.into(),
        From::WrongBrowser => FlowProblem::WrongBrowser.into(),
        From::FlowExpired => FlowProblem::Expired.into(),
        From::Superseded => FlowProblem::Superseded.into(),
        From::Denied => FlowProblem::Denied.into(),
        From::NotSignedIn => FlowProblem::NotSignedIn.into(),
        From::ProviderError(code) => ProviderProblem::Error(ProviderCode::from(code)).into(),
        From::IssuerMismatch => ProviderProblem::IssuerMismatch.into(),
        From::AnotherUser => ProviderProblem::AnotherUser.into(),
        From::ExchangeFailed | From::CredentialRefused => ProviderProblem::ExchangeFailed.into(),
        From::ProviderUnavailable | From::CredentialUnchecked => ProviderProblem::Unavailable.into(),
        From::Fields(_) => ServerProblem::Internal.into(),
        From::Failed(error) => {
            drop(crate::error::status_of(error));
            ServerProblem::Internal.into()
        }
    }
}

impl AppPort {
    async fn about_link(&self, link: &LinkToken) -> Option<About> {
        self.0.about_link(link.expose()).await.ok().flatten().map(about)
    }

    async fn link_failure(&self, link: &LinkToken, found: connect::Problem) -> Failure {
        Failure { problem: problem(found), about: self.about_link(link).await }
    }

    fn next(
        next: connect::Next,
        about: Option<About>,
        connection: Option<&ConnectionId>,
    ) -> Result<Next, Failure> {
        let address = |url: &str| {
            WebUrl::try_from(url).map_err(|_| Failure::from(ServerProblem::ConnectionMisconfigured))
        };
        Ok(match next {
            connect::Next::Authorize { connection: of, url } => {
                Next::Authorize { connection: connection.cloned().unwrap_or(of), url: address(&url)? }
            }
            connect::Next::Return(url) => Next::Return(address(&url)?),
            connect::Next::Connected(done) => Next::Connected(Connected {
                about: about.unwrap_or(About {
                    application: done.application,
                    connector: done.connector_name,
                    return_to: None,
                }),
                provider_account: done.provider_account,
                awaiting_verification: false,
                missing_scopes: lines(done.missing_scopes),
            }),
        })
    }
}

impl ConnectPort for AppPort {
    async fn open(&self, link: &LinkToken, _browser: Option<&BrowserToken>) -> Result<LinkPage, Failure> {
        match self.0.open_link(link.expose()).await {
            Ok(found) => Ok(page(found)),
            Err(found) => Err(self.link_failure(link, found).await),
        }
    }

    async fn submit(
        &self,
        link: &LinkToken,
        browser: &BrowserToken,
        fields: &Fields,
    ) -> Result<Next, SubmitError> {
        match self.0.start_flow(link.expose(), browser.expose(), fields).await {
            Ok(next) => Ok(Self::next(next, self.about_link(link).await, None)?),
            Err(connect::Problem::Fields(faults)) => Err(SubmitError::Fields(faults)),
            Err(connect::Problem::CredentialRefused) => Err(SubmitError::CredentialRefused),
            Err(found) => Err(self.link_failure(link, found).await.into()),
        }
    }

    async fn cancel(&self, link: &LinkToken, _browser: &BrowserToken) -> Result<About, Failure> {
        self.about_link(link).await.ok_or_else(|| LinkProblem::Unknown.into())
    }

    async fn callback(
        &self,
        connection: &ConnectionId,
        answer: CallbackQuery,
        browser: Option<&BrowserToken>,
    ) -> Result<Next, Failure> {
        let callback =
            connect::Callback { connection, query: answer.raw(), browser: browser.map(BrowserToken::expose) };
        let about = self.0.about_callback(&callback).await.ok().flatten().map(about);
        match self.0.complete_flow(&callback).await {
            Ok(next) => Self::next(next, about, Some(connection)),
            Err(found) => Err(Failure { problem: problem(found), about }),
        }
    }
}
