//! What the pages need of the application, and nothing more.

use std::collections::BTreeMap;
use std::future::Future;

use serde::{Deserialize, Serialize};
use valetkey_core::account::{Reason, State};
use valetkey_core::connector::{Field, InvalidField};
use valetkey_core::environment::VerificationMode;
use valetkey_core::id::ConnectionId;
use valetkey_core::{Secret, Timestamp};

use super::callback::CallbackQuery;
use super::problem::Problem;
use super::token::{BrowserToken, LinkToken};
use super::web_url::WebUrl;

/// What a person has filled in, by name of the field. Names that the form did not offer may occur.
pub type Fields = BTreeMap<String, Secret>;

/// The use cases behind the pages.
///
/// `browser` is what the browser presented, and absent where it presented nothing. No method returns text of the
/// provider.
pub trait ConnectPort: Send + Sync + 'static {
    /// What the start page shows. Marks the link as opened; anything else stays as it is, because mail scanners
    /// open links too.
    fn open(
        &self,
        link: &LinkToken,
        browser: Option<&BrowserToken>,
    ) -> impl Future<Output = Result<LinkPage, Failure>> + Send;

    /// The person has pressed the button: starts the OAuth flow, or checks and saves the credential.
    fn submit(
        &self,
        link: &LinkToken,
        browser: &BrowserToken,
        fields: &Fields,
    ) -> impl Future<Output = Result<Next, SubmitError>> + Send;

    /// The person has chosen not to connect. The link stays usable.
    fn cancel(
        &self,
        link: &LinkToken,
        browser: &BrowserToken,
    ) -> impl Future<Output = Result<About, Failure>> + Send;

    /// The provider has sent the browser back (RFC 6749 §4.1.2).
    fn callback(
        &self,
        connection: &ConnectionId,
        answer: CallbackQuery,
        browser: Option<&BrowserToken>,
    ) -> impl Future<Output = Result<Next, Failure>> + Send;
}

/// Whom and what a page is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct About {
    /// The application that asks.
    pub application: String,
    /// The service that is connected.
    pub connector: String,
    /// The address at the application to go back to, from its allow list.
    pub return_to: Option<WebUrl>,
}

/// What the start page shows.
#[derive(Clone, PartialEq, Debug)]
pub struct LinkPage {
    /// Who asks for what.
    pub about: About,
    /// The environment, where it is worth telling the person, such as `Staging`.
    pub environment: Option<String>,
    /// The identifier of the account, as the application gave it. The page masks it.
    pub identifier: String,
    /// What the person will do.
    pub step: Step,
    /// What the person fills in, in this order: account fields, then credential fields.
    pub fields: Vec<Field>,
    /// Values that an earlier authorization left, by name of the field. Secrets among them are not shown.
    pub values: BTreeMap<String, String>,
    /// What is asked for.
    pub scopes: Vec<ScopeLine>,
    /// Why an account that was connected before is connected again.
    pub reauthorization: Option<Reauthorization>,
    /// Who confirms the person afterwards.
    pub verification: VerificationMode,
    /// When the link stops working.
    pub expires: Timestamp,
}

/// What the person does on the start page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Goes on to the provider to consent, perhaps after some fields.
    Consent,
    /// Enters a credential.
    Credential,
    /// Only confirms: the service needs no credential.
    Confirm,
}

/// One thing that the application will be able to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScopeLine {
    /// The scope as the provider spells it.
    pub scope: String,
    /// What it means in plain words, where the connector definition says so.
    pub description: Option<String>,
}

/// What is wrong with the account that is connected again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reauthorization {
    /// Its state.
    pub state: State,
    /// The cause.
    pub reason: Reason,
}

/// Where the person goes next.
#[derive(Clone, PartialEq, Debug)]
pub enum Next {
    /// To the authorization endpoint of the provider.
    Authorize {
        /// The connection whose callback the provider will call.
        connection: ConnectionId,
        /// The authorization request.
        url: WebUrl,
    },
    /// To the application: its return address or its `user_verify_url`.
    Return(WebUrl),
    /// Nowhere: it is done and our own page says so.
    Connected(Connected),
}

/// What the success page shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Connected {
    /// Who asked for what.
    pub about: About,
    /// The name of the account at the provider, such as an e-mail address, where it is known.
    pub provider_account: Option<String>,
    /// Whether the application still has to confirm the person.
    pub awaiting_verification: bool,
    /// What was asked for and not granted.
    pub missing_scopes: Vec<ScopeLine>,
}

/// A problem, with what is known about its context.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// The problem.
    pub problem: Problem,
    /// Who asked for what, where the request could be assigned to a link.
    pub about: Option<About>,
}

/// Why the form was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SubmitError {
    /// Fields are not as they must be. The form is shown again.
    Fields(Vec<InvalidField>),
    /// The provider did not accept the credential. The form is shown again.
    CredentialRefused,
    /// Another form does not help.
    Failed(Failure),
}

impl Failure {
    /// A problem with a link or flow whose context is known.
    pub fn about(problem: impl Into<Problem>, about: About) -> Self {
        Self { problem: problem.into(), about: Some(about) }
    }
}

impl<P: Into<Problem>> From<P> for Failure {
    fn from(problem: P) -> Self {
        Self { problem: problem.into(), about: None }
    }
}

impl<F: Into<Failure>> From<F> for SubmitError {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}
