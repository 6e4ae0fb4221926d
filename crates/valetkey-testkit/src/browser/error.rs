//! Why the browser cannot go on. Addresses are shown without query, which may hold codes and states.

use valetkey_provider::egress::EgressError;

/// Why the browser cannot go on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BrowserError {
    /// No page is open.
    #[error("no page is open")]
    NoPage,
    /// The address cannot be opened.
    #[error("\"{0}\" is not an address that can be opened")]
    Address(String),
    /// No answer came.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// The redirects do not end.
    #[error("more than {limit} redirects, the last to {to}")]
    TooManyRedirects {
        /// How many were followed.
        limit: usize,
        /// Where the last one led.
        to: String,
    },
    /// The page has no such button.
    #[error("{page} has no button \"{wanted}\"; it has: {present}")]
    NoButton {
        /// The page.
        page: String,
        /// The label or value that was looked for.
        wanted: String,
        /// The labels that are there.
        present: String,
    },
    /// The form has no such field.
    #[error("the form on {page} has no field \"{wanted}\"; it has: {present}")]
    NoField {
        /// The page.
        page: String,
        /// The name that was looked for.
        wanted: String,
        /// The names that are there.
        present: String,
    },
    /// The field does not offer this value.
    #[error("the field \"{field}\" on {page} does not offer \"{value}\"")]
    NoChoice {
        /// The page.
        page: String,
        /// The field.
        field: String,
        /// The value.
        value: String,
    },
    /// The page has no such link.
    #[error("{page} has no link \"{wanted}\"")]
    NoLink {
        /// The page.
        page: String,
        /// The text that was looked for.
        wanted: String,
    },
}
