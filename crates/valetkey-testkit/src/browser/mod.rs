//! A small user agent for the demo and the tests: cookies, redirects, links and forms; no JavaScript, as the pages
//! must work without it.
//!
//! It reaches this machine only. It goes out through `valetkey-provider`, which is the one HTTP client of the project.

mod cookies;
mod error;
mod html;
mod navigate;
mod page;

pub use error::BrowserError;
pub use navigate::Browser;
pub use page::{Button, Field, Form, Link, Page};
