//! `valetkey docs`.

use std::{fs, path::PathBuf};

use clap::Args;

use super::output::{Failure, print};

/// Write the documentation as a site of static files.
#[derive(Debug, Args)]
pub struct Docs {
    /// Where the files are written.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The address at which they will be found, for the lists that name it: `llms.txt` and `sitemap.xml`.
    #[arg(long, value_name = "URL", default_value = "https://localhost:8443")]
    url: String,
}

impl Docs {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let files = valetkey_server::docs::files(self.url.trim_end_matches('/'))
            .map_err(|error| Failure(format!("a page cannot be rendered: {error}")))?;
        for file in &files {
            let path = self.out.join(&file.path);
            let folder = path.parent().unwrap_or(&self.out);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, &file.content))
                .map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))?;
        }
        print(&format!("{} files in {}", files.len(), self.out.display()))
    }
}
