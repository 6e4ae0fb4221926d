//! The pages that end users see: from an authorization link to a connected account.
//!
//! | path | what |
//! |---|---|
//! | `GET /connect/{token}` | says who asks for what; changes nothing |
//! | `POST /connect/{token}` | the button or the form |
//! | `POST /connect/{token}/cancel` | the person does not want to |
//! | `GET /sso/v1/oauth/{connection}/callback` | the provider sends the browser back |
//! | `GET /connect/done` | the end of a verification, where the application has no page of its own |
//! | `GET /connect/done/{result}` | how it ended, at an address without code and state |
//! | `GET /assets/{file}` | style sheet and icon |
//!
//! Pages are HTML and CSS without script. What the person may do and what happens is decided behind
//! [`port::ConnectPort`]; here it is shown. Each page is a typed context in [`view`] with a template in
//! `templates/hosted/`; to add one, add both, its samples, and list it in [`view::samples`].
//!
//! No form ends in a redirect to another site: browsers apply `form-action` to every redirect that follows a form,
//! and the chain of sign-in hosts of a provider cannot be known. Instead the answer to a form is a page that takes
//! the browser further by its `Refresh` header, so `form-action 'self'` holds everywhere.

mod app_port;
mod assets;
mod callback;
mod cancel;
mod cookie;
mod done;
mod form;
mod guessing;
mod headers;
pub mod port;
pub mod problem;
mod respond;
mod site;
mod start;
#[cfg(test)]
mod tests;
mod token;
pub mod view;
mod web_url;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use valetkey_core::Entropy;

pub use app_port::AppPort;
pub use assets::{Asset, assets};
pub(crate) use assets::{docs_stylesheet, icon, stylesheet};
pub use callback::CallbackQuery;
pub use cookie::{BrowserCookie, SetCookie};
pub(crate) use guessing::{Guesses, limited};
pub(crate) use headers::protect;
pub(crate) use respond::page;
pub use site::{InvalidPublicUrl, Site};
pub use token::{BrowserToken, LinkToken};
pub use web_url::{NotWebUrl, WebUrl};

/// Largest form, in bytes: some fields of 16 KiB, percent-encoded.
const MAX_FORM: usize = 256 * 1024;

/// What every handler works with.
struct Pages<P> {
    port: Arc<P>,
    site: Site,
    entropy: Arc<dyn Entropy>,
}

impl<P> Clone for Pages<P> {
    fn clone(&self) -> Self {
        Self { port: self.port.clone(), site: self.site.clone(), entropy: self.entropy.clone() }
    }
}

/// The pages over `port`, for a server that browsers reach at `site`.
pub fn router<P: port::ConnectPort>(port: Arc<P>, site: Site, entropy: Arc<dyn Entropy>) -> Router {
    let pages = Pages { port, site: site.clone(), entropy };
    Router::new()
        .route("/connect/{token}", get(start::show).post(start::submit))
        .route("/connect/{token}/cancel", get(cancel::back).post(cancel::submit))
        .route("/connect/done", get(done::verified))
        .route("/connect/done/{result}", get(done::show))
        .route("/sso/v1/oauth/{connection}/callback", get(callback::receive))
        .route("/assets/{file}", get(assets::serve))
        .route("/robots.txt", get(assets::robots))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(from_fn_with_state(site, headers::protect))
        .with_state(pages)
}
