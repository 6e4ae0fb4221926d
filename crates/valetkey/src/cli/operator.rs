//! `valetkey operator`.

use clap::Subcommand;

use super::{
    installation::Installation,
    output::{Failure, Format, record},
};

/// Verbs of operators in a browser.
#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Make a link that signs you in to the browser in which it is opened. It works once, for ten minutes.
    SignInLink {
        #[command(flatten)]
        format: Format,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Operator {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::SignInLink { format, installation } = self;
        installation.run(async |app| {
            let link = app.create_sign_in_link().await?;
            record(&[("url", link.url.expose()), ("expires_at", &link.expires_at.to_string())], format)
        })
    }
}
