//! `valetkey connector import`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use http::Method;
use url::Url;
use valetkey_core::openapi::{ImportError, ImportOptions, Imported, Note, NoteKind, import, read};
use valetkey_provider::{
    ProviderOptions,
    egress::{EgressClient, Outcome, Purpose, Request},
};

use crate::{
    cli::{
        installation::{Installation, block_on},
        output::{Failure, note, print},
    },
    config::Config,
    open,
};

/// The longest document that is read, in bytes.
const MAX_BYTES: usize = Purpose::Spec.answer_limit();

/// Descriptions of an API that become a connector.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Write a definition and tools from an `OpenAPI` 3 document, for a person to edit.
    Openapi(Openapi),
}

/// Writes `DIR/SLUG/connector.yaml` and `DIR/SLUG/tools/TAG.yaml`. What could not be expressed, and what was decided, is
/// told on standard error.
#[derive(Debug, Args)]
pub struct Openapi {
    /// The document, in JSON or YAML: a file, or its https address.
    #[arg(value_name = "FILE|URL")]
    source: String,
    /// The slug of the connector; made of the title where absent.
    #[arg(long)]
    slug: Option<String>,
    /// The directory in which the folder of the connector is made.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Import operations with one of these tags only.
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    tags: Vec<String>,
    /// Make so many tools at the most.
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// The base address of the API, in place of the first server of the document.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The security scheme that accounts use, in place of the one that opens most operations.
    #[arg(long, value_name = "NAME")]
    security: Option<String>,
    /// Write over files that are there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    installation: Installation,
}

impl Import {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Openapi(command) = self;
        command.run()
    }
}

impl Openapi {
    fn run(self) -> Result<(), Failure> {
        let url = Url::parse(&self.source).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        let text = match &url {
            Some(url) => self.fetched(url)?,
            None => from_file(Path::new(&self.source))?,
        };
        let failed = |error: ImportError| Failure(format!("{}: {error}", self.source));
        let document = read(&text).map_err(failed)?;
        let options = ImportOptions {
            slug: self.slug.clone(),
            tags: self.tags.clone(),
            max: self.max,
            base_url: self.base_url.clone(),
            security: self.security.clone(),
            source: url,
        };
        let imported = import(&document, &options).map_err(|error| {
            if let ImportError::Nothing(notes) = &error {
                self.tell(notes);
            }
            failed(error)
        })?;
        let files = self.files(&imported);
        write(&files, self.force)?;
        self.tell(&imported.notes);
        let mut lines: Vec<String> =
            files.iter().map(|(path, _)| format!("wrote {}", path.display())).collect();
        lines.push(summary(&imported));
        print(&lines.join("\n"))
    }

    /// Reads a document through the guarded way out, with the exceptions of the installation where there is one.
    fn fetched(&self, url: &Url) -> Result<String, Failure> {
        let (options, unused) = match Config::parse(&mut self.installation.source()?) {
            Ok(config) => (open::egress(&config)?, String::new()),
            Err(error) => (ProviderOptions::default(), format!("\nthe settings are not used: {error}")),
        };
        let failed = |reason: String| Failure(format!("{reason}{unused}"));
        let request = Request::new(Purpose::Spec, Method::GET, url.clone());
        let outcome = block_on(async {
            let client = EgressClient::new(options).map_err(|error| failed(error.to_string()))?;
            client.send(request).await.map_err(|error| failed(error.to_string()))
        })?;
        let answer = match outcome {
            Outcome::Answered(answer) if answer.status.is_success() => answer,
            Outcome::Answered(answer) => {
                return Err(Failure(format!("{url} answered with {}", answer.status)));
            }
            Outcome::Redirected(answer) => {
                let to = answer.header(&http::header::LOCATION).unwrap_or("another address");
                return Err(Failure(format!("{url} redirects to {to}; import that address if you trust it")));
            }
        };
        String::from_utf8(answer.body.to_vec()).map_err(|_| Failure(format!("{url} is not in UTF-8")))
    }

    /// The path and text of each file.
    fn files(&self, imported: &Imported) -> Vec<(PathBuf, String)> {
        let folder = self.out.join(&imported.slug);
        let tools = folder.join("tools");
        let tools =
            imported.tools.iter().map(|file| (tools.join(format!("{}.yaml", file.name)), file.text.clone()));
        std::iter::once((folder.join("connector.yaml"), imported.definition.clone())).chain(tools).collect()
    }

    fn tell(&self, notes: &[Note]) {
        for told in notes {
            note(&format!("{}: {told}", self.source));
        }
    }
}

fn from_file(path: &Path) -> Result<String, Failure> {
    let failed = |reason: String| Failure(format!("{} cannot be read: {reason}", path.display()));
    let size = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) {
        return Err(failed(format!("it is longer than {MAX_BYTES} bytes")));
    }
    fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

/// Writes all files, or none where one is there already and `force` is not set.
fn write(files: &[(PathBuf, String)], force: bool) -> Result<(), Failure> {
    let present = files.iter().map(|(path, _)| path).find(|path| path.exists());
    if let Some(path) = present.filter(|_| !force) {
        return Err(Failure(format!("{} is there already; --force writes over it", path.display())));
    }
    for (path, text) in files {
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(path, text))
            .map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))?;
    }
    Ok(())
}

fn summary(imported: &Imported) -> String {
    let reduced = imported.notes.iter().filter(|note| note.kind == NoteKind::Reduced).count();
    let (operations, tools, skipped) = (imported.operations, imported.tool_count(), imported.skipped());
    let slug = &imported.slug;
    let losses = if reduced == 0 { String::new() } else { format!(", {reduced} things left out of tools") };
    format!("{slug}: {operations} operations, {tools} tools, {skipped} skipped{losses}")
}
