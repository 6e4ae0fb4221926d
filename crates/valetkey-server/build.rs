//! Embeds the pages of `docs/`, so that a page is added by writing its file.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../docs");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let path = file.strip_prefix(&root)?.to_str().ok_or("a page of docs/ is not named in UTF-8")?;
        writeln!(list, "({path:?}, include_str!({:?})),", file.display().to_string())?;
    }
    list.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("docs.rs"), list)?;
    Ok(())
}

/// The pages below `folder`. Folders are watched one by one, for pages that come or go; a page that changes is seen by
/// the compiler, which includes it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    Ok(())
}
