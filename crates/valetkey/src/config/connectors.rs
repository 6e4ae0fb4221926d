//! The operator's own connector definitions.

use std::path::PathBuf;

use super::section::{Check, section};

section! {
    /// Connector definitions beside those that are built in.
    connectors: Connectors {
        /// A directory of `<slug>/connector.yaml` files. One with the slug of a built-in connector changes that one.
        /// `valetkey connector check` validates them.
        directory: Option<PathBuf> [Example "/etc/valetkey/connectors"],
    }
}

impl Check for Connectors {
    fn problems(&self) -> Vec<String> {
        let missing = self.directory.as_ref().filter(|path| !path.is_dir());
        missing
            .map(|path| {
                format!("connectors.directory {} is not a directory; create it or unset it", path.display())
            })
            .into_iter()
            .collect()
    }
}
