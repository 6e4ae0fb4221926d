//! The page that asks.

use askama::Template;
use valetkey_core::environment::VerificationMode;

use super::field::Control;
use super::{Entered, FieldView, Mark, Moment, mask, reauthorization};
use crate::hosted::form;
use crate::hosted::port::{LinkPage, ScopeLine, Step};
use crate::hosted::token::LinkToken;

/// Who asks for what, and the button or the form.
#[derive(Template, Clone, Debug)]
#[template(path = "hosted/start.html")]
pub struct StartPage {
    /// Where the form goes.
    pub action: String,
    /// Proof that the form is ours.
    pub form_token: String,
    /// The application that asks.
    pub application: String,
    /// Its environment, where it is worth telling.
    pub environment: Option<String>,
    /// The service.
    pub connector: String,
    /// The mark of the service.
    pub mark: Mark,
    /// The masked identifier.
    pub identifier: String,
    /// Whether the account was connected before.
    pub again: bool,
    /// Why it is connected again, and what if not.
    pub reauthorization: Option<String>,
    /// What the person does.
    pub step: Step,
    /// What is asked for.
    pub scopes: Vec<ScopeLine>,
    /// The inputs.
    pub fields: Vec<FieldView>,
    /// Whether the provider did not accept the credential.
    pub credential_refused: bool,
    /// What happens afterwards.
    pub verification: Option<String>,
    /// When the link stops working.
    pub expires: Moment,
}

impl StartPage {
    /// The page of `link`.
    pub fn new(page: &LinkPage, link: &LinkToken, form_token: String, entered: &Entered<'_>) -> Self {
        let about = &page.about;
        Self {
            action: link.path(),
            form_token,
            application: about.application.clone(),
            environment: page.environment.clone(),
            connector: about.connector.clone(),
            mark: Mark::of(&about.connector),
            identifier: mask::mask(&page.identifier),
            again: page.reauthorization.is_some(),
            reauthorization: page.reauthorization.map(|what| reauthorization::explain(what, about)),
            step: page.step,
            scopes: page.scopes.clone(),
            fields: page.fields.iter().map(|field| FieldView::new(field, &page.values, entered)).collect(),
            credential_refused: entered.credential_refused,
            verification: verification(page),
            expires: page.expires.into(),
        }
    }

    /// The fields with something wrong.
    pub fn wrong_fields(&self) -> impl Iterator<Item = &FieldView> {
        self.fields.iter().filter(|field| field.error.is_some())
    }

    /// Whether there is something to correct.
    pub fn has_errors(&self) -> bool {
        self.credential_refused || self.wrong_fields().next().is_some()
    }
}

/// Verification applies to consent only: who enters a credential has it.
fn verification(page: &LinkPage) -> Option<String> {
    match (page.step, page.verification) {
        (Step::Credential | Step::Confirm, _) | (Step::Consent, VerificationMode::None) => None,
        (Step::Consent, VerificationMode::Custom) => {
            Some(format!("Afterwards {} checks that it was you.", page.about.application))
        }
        (Step::Consent, VerificationMode::Platform) => Some(
            "You must be signed in to Valetkey in this browser, as a member of the team that runs it.".into(),
        ),
    }
}
