//! The generated pages of `docs/reference/`: of the descriptors, the connectors, the schemas of definitions and tools, the
//! settings and the pages of errors. They are read as data, so that nothing has to compile before they can be written.

mod api;
mod connectors;
mod errors;
mod options;
mod schemas;
mod settings;
mod text;

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use prost_reflect::DescriptorPool;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Text of pages by their paths below `docs/`.
type Pages = BTreeMap<String, String>;

/// Folders that hold generated pages only: a page that is not generated any more is removed.
const FOLDERS: [&str; 2] = ["reference/api", "reference/connectors"];

/// Writes the pages.
pub(crate) fn write(root: &Path, pool: &DescriptorPool) -> Outcome {
    let fresh = pages(root, pool)?;
    for stale in committed(root)?.into_keys().filter(|path| !fresh.contains_key(path)) {
        fs::remove_file(root.join("docs").join(stale))?;
    }
    for (path, text) in fresh {
        let file = root.join("docs").join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        // A page that stays as it is keeps its time, so that nothing is built anew.
        if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
            fs::write(file, text)?;
        }
    }
    Ok(())
}

/// Fails, naming the pages, where the committed ones are others.
pub(crate) fn check(root: &Path, pool: &DescriptorPool) -> Outcome {
    let fresh = pages(root, pool)?;
    let committed = committed(root)?;
    let read = |path: &String| fs::read_to_string(root.join("docs").join(path)).ok();
    let changed = fresh.iter().filter(|(path, text)| read(path).as_ref() != Some(text)).map(|(path, _)| path);
    let gone = committed.keys().filter(|path| !fresh.contains_key(*path));
    let stale: Vec<&str> = changed.chain(gone).map(String::as_str).collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("docs/ differs from what is documented: {}; run `cargo xtask gen`", stale.join(", ")).into())
}

fn pages(root: &Path, pool: &DescriptorPool) -> Outcome<Pages> {
    let mut pages = api::pages(pool)?;
    pages.extend(connectors::pages(&root.join("connectors"))?);
    pages.extend(schemas::pages(&root.join("connectors"))?);
    pages.extend(errors::page(&root.join("docs/errors"))?);
    pages.extend(settings::page(&root.join("valetkey.default.toml"))?);
    Ok(pages)
}

/// The pages of [`FOLDERS`].
fn committed(root: &Path) -> Outcome<Pages> {
    let mut pages = Pages::new();
    for folder in FOLDERS {
        for file in files(&root.join("docs").join(folder))? {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            pages.insert(format!("{folder}/{name}"), fs::read_to_string(&file)?);
        }
    }
    Ok(pages)
}

/// The entries of a folder in the order of their names; none where it does not exist.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Outcome<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
