//! A page that says one thing, perhaps with one button.

use askama::Template;

/// A page that says one thing.
#[derive(Template, Clone, Debug)]
#[template(path = "hosted/notice.html")]
pub struct NoticePage {
    /// The heading.
    pub title: String,
    /// What there is to say.
    pub text: String,
    /// The label of a button that posts to the page's own address.
    pub button: Option<String>,
}

impl NoticePage {
    /// The end of a verification, where the application names no page of its own.
    pub fn verified() -> Self {
        Self::new("Your account is connected", "All is done. You can close this page.")
    }

    /// Asks an operator to sign in to this browser.
    pub fn sign_in() -> Self {
        let text =
            "Authorization links that only operators may complete can then be completed in this browser.";
        let button = Some("Sign in to this browser".into());
        Self { button, ..Self::new("Operator sign-in", text) }
    }

    /// An operator is signed in.
    pub fn signed_in(until: &str) -> Self {
        Self::new(
            "You are signed in",
            format!("You can complete authorization links in this browser until {until}."),
        )
    }

    /// A sign-in link that does not work.
    pub fn not_signed_in() -> Self {
        let text = "This sign-in link is unknown, used or expired. Make a new one with: valetkey operator sign-in-link";
        Self::new("You are not signed in", text)
    }

    fn new(title: &str, text: impl Into<String>) -> Self {
        Self { title: title.into(), text: text.into(), button: None }
    }
}
