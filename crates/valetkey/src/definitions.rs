//! Files with connector definitions.

use std::{fs, io, path::Path};

/// Path and text of a definition file, or of every `connector.yaml` in and below a directory, in the order of their
/// paths.
pub fn read(path: &Path) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    if path.is_dir() {
        walk(path, &mut found)?;
    } else {
        add(path, &mut found)?;
    }
    Ok(found)
}

fn walk(directory: &Path, found: &mut Vec<(String, String)>) -> io::Result<()> {
    let mut entries =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.file_name().is_some_and(|name| name == "connector.yaml") {
            add(&path, found)?;
        }
    }
    Ok(())
}

fn add(path: &Path, found: &mut Vec<(String, String)>) -> io::Result<()> {
    found.push((path.display().to_string(), fs::read_to_string(path)?));
    Ok(())
}
