//! The shapes of each page.

use std::collections::BTreeMap;

use valetkey_core::Secret;
use valetkey_core::Timestamp;
use valetkey_core::account::{Reason, State};
use valetkey_core::connector::{Field, FieldFormat, FieldOption, InputType, InvalidField};
use valetkey_core::environment::VerificationMode;

use super::super::{ConnectedPage, Entered, LeavePage, NoticePage, ProblemPage, StartPage};
use crate::hosted::port::{About, Connected, Failure, LinkPage, Reauthorization, ScopeLine, Step};
use crate::hosted::problem::{
    BrowserProblem, FlowProblem, LinkProblem, Problem, ProviderProblem, ServerProblem,
};
use crate::hosted::token::LinkToken;
use crate::hosted::web_url::WebUrl;

/// A name that breaks a page where it is not escaped.
const HOSTILE: &str = r#""><script>alert(1)</script><img src=x onerror='alert(2)'>{{7*7}}"#;

fn about(application: &str, connector: &str) -> About {
    let return_to = WebUrl::try_from("https://app.acme.example/settings/connections").ok();
    About { application: application.into(), connector: connector.into(), return_to }
}

fn scope(scope: &str, description: Option<&str>) -> ScopeLine {
    ScopeLine { scope: scope.into(), description: description.map(Into::into) }
}

fn mail_scopes() -> Vec<ScopeLine> {
    vec![
        scope("gmail.readonly", Some("Read your messages and settings")),
        scope("gmail.send", Some("Send messages in your name")),
        scope("https://www.googleapis.com/auth/calendar.events", None),
    ]
}

fn field(name: &str, label: &str, input: InputType) -> Field {
    Field {
        name: name.into(),
        label: label.into(),
        input,
        hint: None,
        required: true,
        default: None,
        options: vec![],
        format: FieldFormat::Text,
        host_suffix: None,
    }
}

fn every_input() -> Vec<Field> {
    let option = |value: &str, label: &str| FieldOption { value: value.into(), label: label.into() };
    vec![
        Field {
            hint: Some("The first part of the address of your help desk.".into()),
            format: FieldFormat::Hostname,
            host_suffix: Some(".freshdesk.com".into()),
            ..field("domain", "Domain", InputType::Text)
        },
        Field {
            hint: Some("In your profile, under API settings.".into()),
            ..field("api_key", "API key", InputType::Password)
        },
        Field {
            options: vec![option("eu", "Europe"), option("us", "United States")],
            ..field("region", "Region", InputType::Select)
        },
        Field {
            format: FieldFormat::Email,
            required: false,
            ..field("email", "E-mail address", InputType::Text)
        },
        Field { required: false, ..field("key_file", "Key file", InputType::Textarea) },
    ]
}

fn consent() -> LinkPage {
    LinkPage {
        about: about("Acme Assistant", "Gmail"),
        environment: None,
        identifier: "anna.lind@example.com".into(),
        step: Step::Consent,
        fields: vec![],
        values: BTreeMap::new(),
        scopes: mail_scopes(),
        reauthorization: None,
        verification: VerificationMode::Custom,
        expires: Timestamp::from_millis(1_795_226_399_000),
    }
}

fn credential() -> LinkPage {
    LinkPage {
        about: about("Acme Assistant", "Freshdesk"),
        environment: Some("Staging".into()),
        step: Step::Credential,
        fields: every_input(),
        scopes: vec![],
        ..consent()
    }
}

fn hostile() -> LinkPage {
    let fields = every_input().into_iter().map(|field| Field {
        label: HOSTILE.into(),
        hint: Some(HOSTILE.into()),
        default: Some(HOSTILE.into()),
        options: vec![FieldOption { value: HOSTILE.into(), label: HOSTILE.into() }],
        ..field
    });
    LinkPage {
        about: about(HOSTILE, HOSTILE),
        environment: Some(HOSTILE.into()),
        identifier: HOSTILE.into(),
        fields: fields.collect(),
        scopes: vec![scope(HOSTILE, Some(HOSTILE)), scope(HOSTILE, None)],
        reauthorization: Some(Reauthorization { state: State::Expired, reason: Reason::RefreshFailed }),
        ..consent()
    }
}

fn start(page: &LinkPage, entered: &Entered<'_>) -> Option<StartPage> {
    let link = LinkToken::parse("sample-link-token-000000")?;
    Some(StartPage::new(page, &link, "sample-form-token".into(), entered))
}

fn refused() -> Option<StartPage> {
    let values = [
        ("domain", "acme.example.com"),
        ("api_key", "sk-wrong-key"),
        ("region", "us"),
        ("key_file", "sk-wrong-file"),
    ];
    let fields = values.iter().map(|(name, value)| ((*name).to_owned(), Secret::from(*value))).collect();
    let wrong = |field: &str, reason: &str| InvalidField { field: field.into(), reason: reason.into() };
    let invalid = vec![wrong("domain", "must end in .freshdesk.com"), wrong("api_key", "is required")];
    start(&credential(), &Entered { fields: Some(&fields), invalid, credential_refused: true })
}

impl StartPage {
    /// Its shapes.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let reauthorization = Some(Reauthorization { state: State::Expired, reason: Reason::RefreshFailed });
        let plain = |page: &LinkPage| start(page, &Entered::default());
        let shapes = [
            ("consent", plain(&consent())),
            (
                "consent-with-fields",
                plain(&LinkPage { fields: every_input().drain(..1).collect(), scopes: vec![], ..consent() }),
            ),
            ("consent-again", plain(&LinkPage { reauthorization, ..consent() })),
            (
                "consent-members-only",
                plain(&LinkPage { verification: VerificationMode::Platform, ..consent() }),
            ),
            ("credential", plain(&credential())),
            ("credential-refused", refused()),
            ("confirm", plain(&LinkPage { step: Step::Confirm, fields: vec![], ..credential() })),
            ("hostile", plain(&hostile())),
        ];
        shapes.into_iter().filter_map(|(name, page)| Some((name, page?))).collect()
    }
}

impl ConnectedPage {
    /// Its shapes.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let plain = Connected {
            about: About { return_to: None, ..about("Acme Assistant", "Gmail") },
            provider_account: Some("anna.lind@example.com".into()),
            awaiting_verification: false,
            missing_scopes: vec![],
        };
        let back = Connected {
            about: about("Acme Assistant", "Gmail"),
            missing_scopes: mail_scopes(),
            ..plain.clone()
        };
        let awaiting = Connected { awaiting_verification: true, ..back.clone() };
        let hostile = Connected {
            about: about(HOSTILE, HOSTILE),
            provider_account: Some(HOSTILE.into()),
            missing_scopes: vec![scope(HOSTILE, None)],
            ..plain.clone()
        };
        let shapes = [
            ("plain", plain),
            ("missing-scopes", back),
            ("awaiting-verification", awaiting),
            ("hostile", hostile),
        ];
        shapes.iter().map(|(name, connected)| (*name, Self::new(connected))).collect()
    }
}

impl NoticePage {
    /// Every notice.
    pub fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("verified", Self::verified()),
            ("sign-in", Self::sign_in()),
            ("signed-in", Self::signed_in("2026-11-21T12:00:00.000Z")),
            ("not-signed-in", Self::not_signed_in()),
        ]
    }
}

impl LeavePage {
    /// Its shapes.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let address =
            "https://accounts.provider.example/authorize?client_id=1&scope=a%20b&state='x'&ui=\"<y>\"";
        WebUrl::try_from(address).iter().map(|url| ("provider", Self::new(url))).collect()
    }
}

impl ProblemPage {
    /// Its shapes: one per problem, and one with hostile names.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let link = LinkToken::parse("sample-link-token-000000");
        let page = |about: About, problem: Problem| {
            Self::new(
                &Failure { problem, about: Some(about) },
                link.as_ref(),
                "req_00000000000000000000000000000000",
            )
        };
        let mut shapes: Vec<_> = every_problem()
            .into_iter()
            .map(|(name, problem)| (name, page(about("Acme Assistant", "Gmail"), problem)))
            .collect();
        let hostile = ProviderProblem::Error(HOSTILE.into());
        shapes.push(("hostile", page(about(HOSTILE, HOSTILE), hostile.into())));
        shapes
    }
}

fn every_problem() -> Vec<(&'static str, Problem)> {
    let code = |code: &str| Problem::from(ProviderProblem::Error(code.into()));
    vec![
        ("link-unknown", LinkProblem::Unknown.into()),
        ("link-expired", LinkProblem::Expired.into()),
        ("link-used", LinkProblem::Used.into()),
        ("link-revoked", LinkProblem::Revoked.into()),
        ("flow-unknown", FlowProblem::Unknown.into()),
        ("flow-spent", FlowProblem::Spent.into()),
        ("flow-expired", FlowProblem::Expired.into()),
        ("flow-superseded", FlowProblem::Superseded.into()),
        ("flow-wrong-browser", FlowProblem::WrongBrowser.into()),
        ("flow-denied", FlowProblem::Denied.into()),
        ("flow-not-signed-in", FlowProblem::NotSignedIn.into()),
        ("provider-consent-required", code("consent_required")),
        ("provider-invalid-scope", code("invalid_scope")),
        ("provider-unauthorized-client", code("unauthorized_client")),
        ("provider-unknown-code", code("<b>weird</b>_code")),
        ("provider-exchange-failed", ProviderProblem::ExchangeFailed.into()),
        ("provider-issuer-mismatch", ProviderProblem::IssuerMismatch.into()),
        ("provider-another-user", ProviderProblem::AnotherUser.into()),
        ("provider-scopes-missing", ProviderProblem::ScopesMissing.into()),
        ("provider-unavailable", ProviderProblem::Unavailable.into()),
        ("server-connection-disabled", ServerProblem::ConnectionDisabled.into()),
        ("server-connection-misconfigured", ServerProblem::ConnectionMisconfigured.into()),
        ("server-rate-limited", ServerProblem::RateLimited { retry_after: 90 }.into()),
        ("server-internal", ServerProblem::Internal.into()),
        ("browser-cookie-missing", BrowserProblem::CookieMissing.into()),
        ("browser-foreign-form", BrowserProblem::ForeignForm.into()),
        ("browser-result-gone", BrowserProblem::ResultGone.into()),
    ]
}
