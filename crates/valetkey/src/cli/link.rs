//! `valetkey link`.

use clap::Subcommand;

use super::{
    installation::{InEnvironment, Installation},
    output::{Failure, print},
};

/// Verbs of authorization links.
#[derive(Debug, Subcommand)]
pub enum Link {
    /// Revoke a link: it can no longer be opened, and a flow that it started cannot be completed.
    Revoke {
        /// The id of the link.
        id: String,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Link {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Revoke { id, environment, installation } = self;
        installation.run(async |app| {
            app.revoke_link(&environment.operator(&app).await?, &id).await?;
            print(&format!("authorization link {id} is revoked"))
        })
    }
}
