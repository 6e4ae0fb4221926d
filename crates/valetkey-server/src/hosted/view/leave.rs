//! The page on the way to another site.

use askama::Template;

use crate::hosted::web_url::WebUrl;

/// Takes the browser to another site; the button is for browsers that do not follow the header.
#[derive(Template, Clone, Debug)]
#[template(path = "hosted/leave.html")]
pub struct LeavePage {
    /// The address.
    pub to: WebUrl,
}

impl LeavePage {
    /// The page on the way to `to`.
    pub fn new(to: &WebUrl) -> Self {
        Self { to: to.clone() }
    }
}
